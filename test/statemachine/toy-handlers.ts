import { runKeys } from '../../functions/domain/model/plan.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';
import { jsonArray } from '../../functions/domain/run/json-lines.ts';
import type { Handler, HandlerName, Handlers } from '../../functions/local/state-machine/invoker.ts';

export const RUN_ID = '01JZ00000000000000000000AA';

export interface ToyHandlers {
  handlers: Handlers;
  /** Every payload, by handler, in the order of the calls. */
  calls: Record<HandlerName, unknown[]>;
}

export interface Payload {
  run_id: string;
  map: string;
  item: { accountId: string; itemId: string };
  error: { Error: string; Cause: string };
}

/**
 * Handlers that keep the payload contract of the workflow and do as little as possible: an observation per scanned
 * account, a record per failure, and a report that counts both.
 */
export function toyHandlers(
  options: {
    store: ReportStore;
    accounts?: number;
    owners?: number;
    concurrency?: number;
  } & Partial<Record<HandlerName, Handler>>,
): ToyHandlers {
  const { store, accounts = 0, owners = 0, concurrency = 5 } = options;
  const keys = runKeys(RUN_ID);
  const items = (count: number, item: (id: string) => object) =>
    jsonArray(Array.from({ length: count }, (_, at) => item(String(at + 1).padStart(12, '0'))));
  const toys: Handlers = {
    async plan() {
      const file = items(accounts, (accountId) => ({ accountId, accountState: 'ACTIVE', regions: ['eu-west-1'] }));
      await store.write(keys.scanItems, file);
      const scan = { items_key: store.objectKey(keys.scanItems), count: accounts, concurrency };
      return { run_id: RUN_ID, run_date: '2026-11-02', scan, more: 'than asked for' };
    },
    async scan(payload) {
      const { item } = payload as Payload;
      await store.write(keys.observation(item.accountId), JSON.stringify(payload));
      return { account_id: item.accountId };
    },
    async record(payload) {
      const { map, item, error } = payload as Payload;
      const id = map === 'scan' ? item.accountId : item.itemId;
      await store.write(keys.failure(map as 'scan', id), JSON.stringify(error));
    },
    async gather() {
      await store.write(
        keys.inspectItems,
        items(owners, (owner) => ({ itemId: `${owner}-1`, owner })),
      );
      return { inspect: { items_key: store.objectKey(keys.inspectItems), count: owners } };
    },
    async inspect(payload) {
      await store.write(keys.inspection((payload as Payload).item.itemId), JSON.stringify(payload));
    },
    async report() {
      const count = async (prefix: string) => {
        let found = 0;
        for await (const _ of store.list(prefix)) found += 1;
        return found;
      };
      return {
        run_id: RUN_ID,
        observations: await count(keys.observations),
        inspections: await count(keys.inspections),
        failures: await count(`runs/${RUN_ID}/failures/`),
      };
    },
    async notify() {},
  };
  const calls = {
    plan: [],
    scan: [],
    record: [],
    gather: [],
    inspect: [],
    report: [],
    notify: [],
  } as ToyHandlers['calls'];
  const handlers = Object.fromEntries(
    Object.entries({ ...toys, ...pick(options) }).map(([name, handler]) => [
      name,
      (payload: unknown, context: { signal: AbortSignal }) => {
        calls[name as HandlerName].push(payload);
        return (handler as Handler)(payload, context);
      },
    ]),
  ) as Handlers;
  return { handlers, calls };
}

const NAMES = ['plan', 'scan', 'record', 'gather', 'inspect', 'report', 'notify'] as const;

const pick = (given: Partial<Record<HandlerName, Handler>>): Partial<Handlers> =>
  Object.fromEntries(NAMES.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
