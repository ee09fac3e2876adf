import { randomUUID } from 'node:crypto';
import { isLive } from '../../domain/model/organization.ts';
import { cloudtrail } from '../apis/cloudtrail-api.ts';
import { ec2 } from '../apis/ec2-api.ts';
import { kms } from '../apis/kms-api.ts';
import { logs } from '../apis/logs-api.ts';
import { operationOf } from '../apis/operation-name.ts';
import { organizations } from '../apis/organizations-api.ts';
import { s3 } from '../apis/s3-api.ts';
import {
  isWireResponse,
  type Operation,
  type Service,
  type ServiceCall,
  type ServiceRules,
  textOf,
} from '../apis/service.ts';
import { sts } from '../apis/sts-api.ts';
import { tagging } from '../apis/tagging-api.ts';
import {
  ApiError,
  errorResponse,
  jsonResponse,
  type Reply,
  type WireRequest,
  type WireResponse,
  xmlResponse,
} from '../apis/wire.ts';
import type { SimulationHooks, SimulationSpec } from '../simulation-spec.ts';
import { createLogObjects } from '../world/log-objects.ts';
import type { SimAccount } from '../world/model.ts';
import { globalRegionOf } from '../world/regions.ts';
import type { World } from '../world/world.ts';
import { type NarrowingPolicy, readPolicy, refusalOf } from './authorization.ts';
import type { CallLog, CallRecord } from './call-log.ts';
import { type Fault, type Faults, spoil } from './faults.ts';
import type { ObjectStore } from './object-store.ts';
import { createQuotas } from './quotas.ts';
import {
  badSignature,
  denied,
  expiredToken,
  invalidToken,
  serverError,
  skewedClock,
  unknownOperation,
  unknownService,
} from './refusals.ts';
import type { Principal, Sessions } from './sessions.ts';
import { createSignatures } from './signatures.ts';
import { amzDate, type Signed, signedBy } from './signed.ts';

const SERVICES: ReadonlyMap<string, Service> = new Map(
  [organizations, sts, ec2, cloudtrail, kms, s3, logs, tagging].map((service) => [service.name, service]),
);

/** How far a request's date may be from the service's clock: 5 minutes, 15 in S3. */
const SKEW_ALLOWED_MS = { s3: 900_000, others: 300_000 };

/** Runs before the services: decides who calls, whether they may, and which fault the call meets. */
export interface Gateway {
  answer(request: WireRequest): Reply;
  /** Does something when so many calls have been made. */
  after(calls: number, act: () => void): void;
}

export const createGateway = (options: {
  world: World;
  sessions: Sessions;
  spec: SimulationSpec;
  hooks: Pick<SimulationHooks, 'intercept'>;
  rules: ServiceRules;
  faults: Faults;
  log: CallLog;
  objects: ObjectStore;
  /** The simulation's clock. */
  now: () => number;
}): Gateway => {
  const { world, sessions, spec, hooks, rules, faults, log, objects } = options;
  const quotas = spec.quotas === true ? createQuotas() : null;
  const signatures = createSignatures();
  const logObjects = createLogObjects(world);
  const rolePolicy = spec.rolePolicy === undefined ? null : readPolicy(spec.rolePolicy);
  const sessionPolicies = new Map<string, NarrowingPolicy>();
  const callsOfKey = new Map<string, number>();
  const agenda: { calls: number; act: () => void }[] = [];
  let total = 0;
  /** The services' own clock: signatures and sessions live by it, resources do not. */
  const wireNow = (): number => Date.now() + (spec.clockSkewMs ?? 0);

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

  /** @throws ApiError where the credentials are no good, here or any more */
  const admit = (
    request: WireRequest,
    signed: Signed,
    service: Service,
  ): { principal: Principal; account: SimAccount } => {
    const { protocol } = service;
    const principal = sessions.principal(signed.accessKeyId, request.headers['x-amz-security-token']);
    const account = principal && world.account(principal.accountId);
    if (!principal || !account || !isLive(account.state)) throw invalidToken(protocol);
    const now = wireNow();
    const sent = request.headers['x-amz-date'];
    const apart = sent === undefined ? 0 : Math.abs(amzDate(sent) - now);
    if (apart > (protocol === 's3' ? SKEW_ALLOWED_MS.s3 : SKEW_ALLOWED_MS.others)) {
      throw skewedClock(protocol, sent ?? '', new Date(now).toISOString().replace(/[-:]|\.\d+/g, ''));
    }
    if (spec.verifySignatures === true && !signatures.holds(request, sessions.secretOf(signed.accessKeyId))) {
      throw badSignature(protocol);
    }
    const limit = principal === sessions.caller ? spec.callerCalls : spec.sessionCalls;
    if (limit !== undefined) {
      const used = callsOfKey.get(principal.accessKeyId) ?? 0;
      if (used >= limit) throw expiredToken(protocol);
      callsOfKey.set(principal.accessKeyId, used + 1);
    }
    if (principal.expiresAt !== null && principal.expiresAt <= now) throw expiredToken(protocol);
    if (service.global !== true) {
      if (!world.isEnabled(account, signed.region)) throw invalidToken(protocol);
      if (principal.globalToken && world.isOptIn(signed.region)) throw invalidToken(protocol);
    }
    return { principal, account };
  };

  /** @throws ApiError */
  const perform = (
    service: Service,
    operation: Operation,
    call: ServiceCall,
    fault: Fault | null,
    record: CallRecord,
  ): WireResponse => {
    const { account, action, region, principal, requestId } = call;
    const over =
      quotas !== null &&
      operation.quota !== undefined &&
      !quotas.draw(`${account.id}/${region}/${service.name}:${call.operation}`, operation.quota, performance.now());
    if (over || fault === 'throttle') {
      const { status, code, message } = service.throttling;
      throw new ApiError(status, code, message);
    }
    if (fault === 'error') throw serverError(service);
    record.resource = operation.resource?.(call) ?? '*';
    if (action !== null) {
      const refusal = refusalOf({
        world,
        principal,
        account,
        region,
        action,
        resource: record.resource,
        quoted: service.protocol === 's3',
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
    const region = service.global === true ? globalRegionOf(world.partition) : signed.region;
    const { name, input } = operationOf(service, request);
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    const { action = `${service.name}:${name}` } = operation ?? { action: null };
    const known = sessions.principal(signed.accessKeyId, request.headers['x-amz-security-token']);
    const record: CallRecord = {
      service: service.name,
      operation: name,
      action,
      resource: '*',
      region,
      accessKeyId: signed.accessKeyId,
      accountId: known?.accountId ?? null,
      principalArn: known?.arn ?? null,
      outcome: 'ok',
    };
    const number = total++;
    while (agenda[0] && agenda[0].calls <= number) agenda.shift()?.act();
    const close = (reply: Reply, outcome?: string): Reply => {
      if (outcome !== undefined) record.outcome = outcome;
      log.add(record);
      return reply;
    };

    const { accountId } = record;
    const taken = hooks.intercept?.({
      service: service.name,
      operation: name,
      region,
      accountId,
      input,
      request,
      number,
    });
    if (taken === 'reset' || taken === 'stall') return close({ kind: taken }, taken);
    if (taken !== undefined) {
      return close({ kind: 'response', response: taken }, taken.status < 300 ? 'ok' : `intercepted ${taken.status}`);
    }
    // Each page of a list is a call of its own.
    const subject = `${operation?.subject?.({ input, request }) ?? ''}${textOf(input, 'NextToken')}${textOf(input, 'nextToken')}`;
    const fault = operation ? faults.draw(`${accountId}/${region}/${service.name}:${name}/${subject}`) : null;
    if (fault === 'reset' || fault === 'stall') return close({ kind: fault }, fault);

    let response: WireResponse;
    try {
      const { principal, account } = admit(request, signed, service);
      if (!operation) throw unknownOperation(service, name);
      const call: ServiceCall = {
        world,
        sessions,
        principal,
        account,
        region,
        operation: name,
        action,
        input,
        request,
        requestId,
        wireNow: wireNow(),
        objectNow: options.now(),
        objects,
        logs: logObjects,
        rules,
      };
      response = perform(service, operation, call, fault, record);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      record.outcome = error.code;
      response = errorResponse({ protocol: service.protocol, error, requestId, method: request.method });
    }
    // The SDK sets its clock by this.
    response.headers.date ??= new Date(wireNow()).toUTCString();
    if (fault === 'lost') return close({ kind: 'reset' }, fault);
    if (fault === 'truncated' || fault === 'garbled' || fault === 'html') return close(spoil(response, fault), fault);
    return close({ kind: 'response', response });
  };

  return {
    answer,
    after: (calls, act) => {
      agenda.push({ calls, act });
      agenda.sort((a, b) => a.calls - b.calls);
    },
  };
};
