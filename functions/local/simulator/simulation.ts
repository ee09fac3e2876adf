import { randomUUID } from 'node:crypto';
import type { AccountState } from '../../domain/organization.ts';
import { isLive } from '../../domain/organization.ts';
import {
  denied,
  expiredToken,
  invalidToken,
  type NarrowingPolicy,
  readPolicy,
  refusalOf,
  skewedClock,
} from './authorization.ts';
import { type CallCounts, type CallRecord, createCallLog } from './call-log.ts';
import { cloudtrail } from './cloudtrail-api.ts';
import { ec2 } from './ec2-api.ts';
import { createFaults, type Fault } from './faults.ts';
import { kms } from './kms-api.ts';
import { literalWorld } from './literal-world.ts';
import { createLogObjects } from './log-objects.ts';
import { logs } from './logs-api.ts';
import type { SimAccount } from './model.ts';
import { createObjectStore, type ObjectStore } from './object-store.ts';
import { organizations } from './organizations-api.ts';
import { presetBlueprint } from './presets/presets.ts';
import { createQuotas } from './quotas.ts';
import { globalRegionOf } from './regions.ts';
import { createRequestHandler, type SimulatedRequestHandler } from './request-handler.ts';
import { s3 } from './s3-api.ts';
import { s3Target } from './s3-request.ts';
import { isWireResponse, type Operation, type Service, type ServiceCall, type ServiceRules } from './service.ts';
import { type Credentials, createSessions, type Principal } from './sessions.ts';
import { type SimulationHooks, type SimulationSpec, validateSimulationSpec } from './simulation-spec.ts';
import { sts } from './sts-api.ts';
import { ApiError, errorResponse, jsonResponse, type WireRequest, type WireResponse, xmlResponse } from './wire.ts';
import { createWorld, reportBucketOf, type World } from './world.ts';

export type { CallCounts, CallRecord } from './call-log.ts';
export { startSimulatedServer } from './server.ts';
export {
  PRESETS,
  parseSimulationSpec,
  SIMULATE_KEYS,
  type SimulationHooks,
  type SimulationSpec,
} from './simulation-spec.ts';
export type * from './world-spec.ts';

/** What became of a call on the wire. `cut`: the connection breaks within the body. */
export type Reply = { kind: 'response' | 'cut'; response: WireResponse } | { kind: 'reset' } | { kind: 'stall' };

/** A simulated organization that the SDK's own clients can call. Behaviour: simulated-organization.md beside this file. */
export interface Simulation {
  readonly seed: number;
  readonly partition: string;
  /** Names of the regions, in the world's order. */
  readonly regions: readonly string[];
  /** The account whose credentials scan. */
  readonly callerAccountId: string;
  /** The scanner's own credentials: as `credentials` of an SDK client, or in the environment. */
  readonly credentials: Credentials;
  readonly roleName: string;
  /** The instant to which all times in answers are relative, epoch milliseconds. */
  readonly present: number;
  /** The simulation's clock, epoch milliseconds: for the scanner, where the present was set. Runs at real speed. */
  now(): number;
  /** An SDK `requestHandler` that answers within the process. */
  requestHandler(options?: { requestTimeoutMs?: number }): SimulatedRequestHandler;
  /** Answers one request, at once: what both forms are made of. */
  answer(request: WireRequest): Reply;
  /** Milliseconds until an answer. */
  latency: number;
  calls(): CallCounts;
  /** The newest calls kept (see `keepCalls`), oldest first. */
  recent(): CallRecord[];
  resetCalls(): void;
  /** Faults injected so far. */
  faults(): Partial<Record<Fault, number>>;
  /** The account at a place of the organization's listing. */
  accountAt(index: number): Readonly<SimAccount>;
  readonly accountCount: number;
  /** Closes an account, moves it to another OU…, from now on. */
  change(accountId: string, change: { state?: AccountState; ou?: string }): void;
  /** Does something when so many calls have been made. */
  after(calls: number, act: () => void): void;
  /** What was put into writable buckets, e.g. the report bucket. */
  readonly objects: ObjectStore;
  /** A bucket of the caller's account that can be written to: a report root for tests. */
  readonly reportBucket: string;
  /** What the services see: for tests that compare a scan with the truth. */
  readonly world: World;
}

const SERVICES: ReadonlyMap<string, Service> = new Map(
  [organizations, sts, ec2, cloudtrail, kms, s3, logs].map((service) => [service.name, service]),
);

/** 5 minutes, and 15 in S3. */
const SKEW_ALLOWED_MS = 300_000;
const HOUR = 3_600_000;

/**
 * @throws TrailSealError `SIMULATION` with one sentence about what is wrong with the spec
 */
export const createSimulation = (spec: SimulationSpec = {}, hooks: SimulationHooks = {}): Simulation => {
  validateSimulationSpec(spec);
  const seed = spec.seed ?? 7;
  const partition = spec.partition ?? 'aws';
  const pinned = spec.now === undefined ? null : Date.parse(spec.now);
  const present = pinned ?? Math.floor(Date.now() / HOUR) * HOUR;
  const started = performance.now();
  const blueprint = spec.world
    ? literalWorld(spec.world, { seed, partition })
    : presetBlueprint({ ...spec, seed, partition });
  const world = createWorld({ blueprint, seed, present });
  const caller = callerOf(world, spec);
  world.addReportBucket(caller.id);
  const sessions = createSessions({
    seed,
    partition,
    callerAccountId: caller.id,
    callerArn: `arn:${partition}:iam::${caller.id}:user/scanner`,
  });
  const rules: ServiceRules = {
    roleName: spec.roleName ?? 'TrailSealAudit',
    externalId: spec.externalId ?? null,
    pageSize: spec.pageSize ?? 20,
    pages: { empty: spec.emptyPages ?? 0, repeated: spec.repeatedPages ?? 0, short: spec.shortPages ?? 0 },
    legacyStatus: spec.legacyStatus ?? false,
    sessionSeconds: spec.sessionSeconds ?? null,
    seed,
  };
  const rolePolicy = spec.rolePolicy === undefined ? null : readPolicy(spec.rolePolicy);
  const sessionPolicies = new Map<string, NarrowingPolicy>();
  const quotas = spec.quotas === true ? createQuotas() : null;
  const faults = createFaults({ seed, rates: spec });
  const log = createCallLog({ keep: hooks.keepCalls ?? 0, ...(hooks.onCall ? { onCall: hooks.onCall } : {}) });
  const callsOfSession = new Map<string, number>();
  const agenda: { calls: number; act: () => void }[] = [];
  const objects = createObjectStore();
  const logObjects = createLogObjects(world);
  let total = 0;
  const now = (): number => (pinned === null ? Date.now() : pinned + Math.floor(performance.now() - started));

  const sessionPolicyOf = (text: string | null): NarrowingPolicy | null => {
    if (text === null) return null;
    let known = sessionPolicies.get(text);
    if (!known) {
      known = readPolicy(text);
      if (sessionPolicies.size > 1_000) sessionPolicies.clear();
      sessionPolicies.set(text, known);
    }
    return known;
  };

  const admit = (
    request: WireRequest,
    signed: Signed,
    service: Service,
  ): { principal: Principal; account: SimAccount } => {
    const wireNow = Date.now() + (spec.clockSkewMs ?? 0);
    const principal = sessions.principal(signed.accessKeyId, request.headers['x-amz-security-token']);
    if (!principal) throw invalidToken(service.protocol);
    const account = world.account(principal.accountId);
    if (!account || !isLive(account.state)) throw invalidToken(service.protocol);
    const sent = request.headers['x-amz-date'];
    const sentAt = sent === undefined ? wireNow : amzDate(sent);
    if (Math.abs(sentAt - wireNow) > SKEW_ALLOWED_MS * (service.protocol === 's3' ? 3 : 1)) {
      throw skewedClock(service.protocol, sent ?? '', new Date(wireNow).toISOString().replace(/[-:]|\.\d+/g, ''));
    }
    const own = principal === sessions.caller;
    const limit = own ? spec.callerCalls : spec.sessionCalls;
    if (limit !== undefined) {
      const used = callsOfSession.get(principal.accessKeyId) ?? 0;
      if (used >= limit) throw expiredToken(service.protocol);
      callsOfSession.set(principal.accessKeyId, used + 1);
    }
    if (principal.expiresAt !== null && principal.expiresAt <= wireNow) throw expiredToken(service.protocol);
    if (service.global !== true && !world.isEnabled(account, signed.region)) throw invalidToken(service.protocol);
    if (principal.globalToken && world.regions.some((region) => region.optIn && region.name === signed.region)) {
      throw invalidToken(service.protocol);
    }
    return { principal, account };
  };

  const perform = (options: {
    service: Service;
    operation: Operation;
    name: string;
    region: string;
    request: WireRequest;
    requestId: string;
    input: Readonly<Record<string, unknown>>;
    principal: Principal;
    account: SimAccount;
    fault: Fault | null;
    record: CallRecord;
  }): WireResponse => {
    const { service, operation, name, region, request, requestId, input, principal, account, record } = options;
    const { status, code, message } = service.throttling;
    const over =
      quotas !== null &&
      operation.quota !== undefined &&
      !quotas.draw(`${account.id}/${region}/${service.name}:${name}`, operation.quota, performance.now());
    if (over || options.fault === 'throttle') throw new ApiError(status, code, message);
    if (options.fault === 'error') throw serverError(service);
    const call: ServiceCall = {
      world,
      sessions,
      principal,
      account,
      region,
      operation: name,
      input,
      request,
      requestId,
      wireNow: Date.now() + (spec.clockSkewMs ?? 0),
      objectNow: now(),
      objects,
      logs: logObjects,
      rules,
    };
    record.resource = operation.resource?.(call) ?? '*';
    if (operation.action !== null) {
      const refusal = refusalOf({
        world,
        principal,
        account,
        region,
        action: operation.action,
        resource: record.resource,
        sessionPolicy: sessionPolicyOf(principal.policy),
        rolePolicy: principal === sessions.caller ? null : rolePolicy,
        namePolicies: spec.namePolicies ?? false,
      });
      if (refusal !== null) throw denied(service.protocol, refusal);
    }
    const answer = operation.run(call);
    if (isWireResponse(answer)) return answer;
    return typeof answer === 'string' ? xmlResponse(answer, requestId) : jsonResponse(answer, requestId);
  };

  const answer = (request: WireRequest): Reply => {
    const requestId = randomUUID();
    const signed = signedBy(request);
    const service = signed ? SERVICES.get(signed.service) : undefined;
    if (!signed || !service) return { kind: 'response', response: unknownService(request, signed, requestId) };
    const region = service.global === true ? globalRegionOf(partition) : signed.region;
    const { name, input } = operationOf(service, request);
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    const known = sessions.principal(signed.accessKeyId, request.headers['x-amz-security-token']);
    const record: CallRecord = {
      service: service.name,
      operation: name,
      action: operation?.action ?? null,
      resource: '*',
      region,
      accessKeyId: signed.accessKeyId,
      accountId: known?.accountId ?? null,
      principalArn: known?.arn ?? null,
      outcome: 'ok',
    };
    const number = total++;
    while (agenda[0] && agenda[0].calls <= number) agenda.shift()?.act();
    const close = (reply: Reply): Reply => {
      log.add(record);
      return reply;
    };
    const taken = hooks.intercept?.({
      service: service.name,
      operation: name,
      region,
      accountId: record.accountId,
      input,
      request,
      number,
    });
    if (taken !== undefined) {
      record.outcome = typeof taken === 'string' ? taken : taken.status < 300 ? 'ok' : `intercepted ${taken.status}`;
      return close(typeof taken === 'string' ? { kind: taken } : { kind: 'response', response: taken });
    }
    const subject = operation?.subject?.({ input, request }) ?? '';
    const fault = operation ? faults.draw(`${record.accountId}/${region}/${service.name}:${name}/${subject}`) : null;
    if (fault === 'reset' || fault === 'stall') {
      record.outcome = fault;
      return close({ kind: fault });
    }
    let response: WireResponse;
    try {
      const { principal, account } = admit(request, signed, service);
      if (!operation) throw unknownOperation(service, name);
      response = perform({
        service,
        operation,
        name,
        region,
        request,
        requestId,
        input,
        principal,
        account,
        fault,
        record,
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      record.outcome = error.code;
      response = errorResponse({ protocol: service.protocol, error, requestId, method: request.method });
    }
    response.headers.date ??= new Date(Date.now() + (spec.clockSkewMs ?? 0)).toUTCString();
    if (fault === 'lost') {
      record.outcome = fault;
      return close({ kind: 'reset' });
    }
    if (fault === 'truncated' || fault === 'garbled' || fault === 'html') {
      record.outcome = fault;
      return close(spoil(response, fault));
    }
    return close({ kind: 'response', response });
  };

  const simulation: Simulation = {
    seed,
    partition,
    regions: world.regions.map((region) => region.name),
    callerAccountId: caller.id,
    credentials: sessions.callerCredentials,
    roleName: rules.roleName,
    present,
    now,
    requestHandler: (options) => createRequestHandler({ simulation, ...options }),
    answer,
    latency: spec.latency ?? 0,
    calls: () => log.counts(),
    recent: () => log.recent(),
    resetCalls: () => log.reset(),
    faults: () => faults.injected(),
    accountAt: (index) => world.accountAt(index),
    accountCount: world.accountCount,
    change: (accountId, change) => world.change(accountId, change),
    after: (calls, act) => {
      agenda.push({ calls, act });
      agenda.sort((a, b) => a.calls - b.calls);
    },
    objects,
    reportBucket: reportBucketOf(caller.id),
    world,
  };
  return simulation;
};

const callerOf = (world: World, spec: SimulationSpec): SimAccount => {
  const management = world.organization && world.account(world.organization.managementAccountId);
  const first = management ?? world.accountAt(0);
  if (spec.caller === 'delegated') {
    const delegate = world.delegatedAdministrators[0];
    return (delegate === undefined ? undefined : world.account(delegate)) ?? first;
  }
  if (spec.caller === 'member') {
    for (let index = world.accountCount - 1; index >= 0; index--) {
      const account = world.accountAt(index);
      if (isLive(account.state) && account.id !== first.id && !world.delegatedAdministrators.includes(account.id))
        return account;
    }
  }
  return first;
};

interface Signed {
  accessKeyId: string;
  region: string;
  service: string;
}

/** Who signed, for where: read from the credential scope of SigV4's Authorization header. */
const signedBy = (request: WireRequest): Signed | null => {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  const from = header.indexOf('Credential=');
  if (from < 0) return null;
  const comma = header.indexOf(',', from);
  const [accessKeyId, , region, service] = header.slice(from + 11, comma < 0 ? undefined : comma).split('/');
  return accessKeyId && region && service ? { accessKeyId, region, service } : null;
};

const operationOf = (
  service: Service,
  request: WireRequest,
): { name: string; input: Readonly<Record<string, unknown>> } => {
  if (service.protocol === 's3') {
    const { operation, bucket, key } = s3Target(request);
    return { name: operation, input: { ...request.query, Bucket: bucket, Key: key } };
  }
  if (service.protocol === 'json') {
    const target = request.headers['x-amz-target'] ?? '';
    return { name: target.slice(target.lastIndexOf('.') + 1), input: jsonInput(request.body) };
  }
  const form = Object.fromEntries(new URLSearchParams(Buffer.from(request.body).toString()));
  return { name: form.Action ?? '', input: form };
};

const jsonInput = (body: Uint8Array): Record<string, unknown> => {
  if (body.length <= 2) return {};
  try {
    const input: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

const unknownOperation = (service: Service, name: string): ApiError =>
  service.protocol === 'json'
    ? new ApiError(
        400,
        'UnknownOperationException',
        `the simulated organization does not serve ${service.name}:${name}`,
      )
    : new ApiError(400, 'InvalidAction', `The action ${name} is not valid for this web service.`);

const serverError = (service: Service): ApiError =>
  service.protocol === 'json'
    ? new ApiError(
        500,
        'InternalFailure',
        'The request processing has failed because of an unknown error, exception or failure.',
      )
    : service.protocol === 's3'
      ? new ApiError(503, 'ServiceUnavailable', 'Service is unable to handle request.')
      : new ApiError(500, 'InternalError', 'An internal error has occurred.');

const unknownService = (request: WireRequest, signed: Signed | null, requestId: string): WireResponse =>
  errorResponse({
    protocol: request.headers['x-amz-target'] === undefined ? 's3' : 'json',
    error: signed
      ? new ApiError(404, 'UnknownService', `the simulated organization has no service '${signed.service}'`)
      : new ApiError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token'),
    requestId,
    method: request.method,
  });

const spoil = (response: WireResponse, fault: 'truncated' | 'garbled' | 'html'): Reply => {
  if (fault === 'html') {
    return {
      kind: 'response',
      response: {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<!DOCTYPE html><html><head><title>Proxy</title></head><body><h1>Please sign in</h1></body></html>',
      },
    };
  }
  if (fault === 'truncated') return { kind: 'cut', response };
  return {
    kind: 'response',
    response: { ...response, body: response.body.slice(0, Math.floor(response.body.length / 2)) },
  };
};

/** `20261102T101500Z` as epoch milliseconds. */
const amzDate = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'));
