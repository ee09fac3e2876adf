import type { ObjectStore } from '../server/object-store.ts';
import type { Principal, Sessions } from '../server/sessions.ts';
import type { LogObjects } from '../world/log-objects.ts';
import type { SimAccount } from '../world/model.ts';
import type { World } from '../world/world.ts';
import type { PageRules } from './paging.ts';
import type { Protocol, WireRequest, WireResponse } from './wire.ts';

/** A call as an operation sees it: who signed it, where, and with what input. */
export interface ServiceCall {
  world: World;
  sessions: Sessions;
  principal: Principal;
  /** The signer's account: what the call is about, unless it names an ARN elsewhere. */
  account: SimAccount;
  region: string;
  operation: string;
  /** The IAM action that it needs; null: none. */
  action: string | null;
  /** JSON members, or form fields as text. */
  input: Readonly<Record<string, unknown>>;
  request: WireRequest;
  requestId: string;
  /** Epoch milliseconds of the wire's clock: credentials, not resources, live by it. */
  wireNow: number;
  /** The simulation's present moment, epoch milliseconds: when an object is put. */
  objectNow: number;
  objects: ObjectStore;
  logs: LogObjects;
  rules: ServiceRules;
}

/** The settings of a simulation that operations obey. */
export interface ServiceRules extends PageRules {
  /** The role that exists in every account. */
  roleName: string;
  /** Required of AssumeRole, where set. */
  externalId: string | null;
  /** Largest page of Organizations lists; AWS: 20. */
  pageSize: number;
  /** Only the retired `Status`, no `State` and no `Paths`. */
  legacyStatus: boolean;
  /** How long sessions really last, or null: as long as was asked. */
  sessionMs: number | null;
}

export interface Operation {
  /** The IAM action; default its service's with its own name. null: needs no permission. */
  action?: string | null;
  /** The ARN that the action is on, for the message of a denial. */
  resource?(call: ServiceCall): string;
  /** Requests a second and burst, per account and region. Source: FACTS of the service's quotas page. */
  quota?: { rate: number; burst: number };
  /** Names what the call is about, beside account, region and operation: faults are drawn for it. */
  subject?(call: Pick<ServiceCall, 'input' | 'request'>): string;
  run(call: ServiceCall): Answer;
}

/** JSON services: the output. The others: the XML document, or a whole response. */
export type Answer = object | string | WireResponse;

export interface Service {
  name: string;
  protocol: Protocol;
  /** Answers in one region for the whole partition. */
  global?: boolean;
  throttling: { status: number; code: string; message: string };
  operations: Readonly<Record<string, Operation>>;
}

export const isWireResponse = (answer: Answer): answer is WireResponse =>
  typeof answer === 'object' && 'status' in answer && 'headers' in answer && 'body' in answer;

/** A text member of the input; '' where there is none. */
export const textOf = (input: Readonly<Record<string, unknown>>, name: string): string => {
  const value = input[name];
  return typeof value === 'string' ? value : '';
};
