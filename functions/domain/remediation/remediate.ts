import { decideTrails } from './decide/decide.ts';
import {
  decideBucket,
  decideEventDataStore,
  decideKeyPolicy,
  decideLogGroup,
  decideNewTrail,
  decideRotation,
} from './decide/decide-settings.ts';
import type { Plan, Planned } from './decide/plan.ts';
import type { Problem, RemediationOptions } from './decide/problem.ts';
import type { TrailSubject } from './decide/subject.ts';
import { planOf, words } from './decide/trail-plan.ts';
import { awsCliFiles } from './formats/aws-cli.ts';
import { cloudFormationFiles } from './formats/cloudformation.ts';
import { consoleFiles } from './formats/console.ts';
import type { RemediationFile } from './formats/file.ts';
import { terraformFiles } from './formats/terraform.ts';
import { slug } from './formats/text.ts';
import { malformed } from './policies/wellformed.ts';

export const REMEDIATION_FORMATS = [
  'cloudformation-json',
  'cloudformation-yaml',
  'terraform',
  'aws-cli',
  'console',
] as const;
export type RemediationFormat = (typeof REMEDIATION_FORMATS)[number];

/** The fix of one cause; `files` in the order in which they are used. TrailSeal prints it, and changes nothing itself. */
export type Remediation =
  | { ok: true; rootCauseId: string | null; plan: Plan; files: RemediationFile[] }
  /** There is no fix that could be written down, or not this one; `refusal` says what to do instead. */
  | { ok: false; rootCauseId: string | null; refusal: string };

/**
 * The fixes of all problems, grouped by cause: one key and one change for an organization trail, one common key for
 * trails that share a cause and a bucket. Lazy: each is written when it is asked for.
 */
export function* remediations(request: {
  problems: Iterable<Problem>;
  format: RemediationFormat;
  options?: RemediationOptions;
}): Iterable<Remediation> {
  const options = request.options ?? {};
  for (const { rootCauseId, planned } of plannedFor(request.problems, options)) {
    yield planned.ok
      ? { ok: true, rootCauseId, plan: planned.plan, files: filesOf(planned.plan, request.format) }
      : { ok: false, rootCauseId, refusal: planned.refusal };
  }
}

/** The files of a plan in one format. */
export function filesOf(plan: Plan, format: RemediationFormat): RemediationFile[] {
  switch (format) {
    case 'cloudformation-json':
      return cloudFormationFiles(plan, 'json');
    case 'cloudformation-yaml':
      return cloudFormationFiles(plan, 'yaml');
    case 'terraform':
      return terraformFiles(plan);
    case 'aws-cli':
      return awsCliFiles(plan);
    case 'console':
      return consoleFiles(plan);
  }
}

function* plannedFor(
  problems: Iterable<Problem>,
  options: RemediationOptions,
): Iterable<{ rootCauseId: string | null; planned: Planned }> {
  const trails = new Map<string, TrailSubject[]>();
  const others = new Map<string, Problem>();
  for (const problem of problems) {
    const refusal = malformed(problem);
    if (refusal !== null) {
      yield { rootCauseId: null, planned: { ok: false, refusal } };
    } else if (problem.problem === 'trail') {
      const name = groupOf(problem.trail);
      const group = trails.get(name);
      if (group) group.push(problem.trail);
      else trails.set(name, [problem.trail]);
    } else others.set(JSON.stringify(identityOf(problem)), problem);
  }
  for (const group of trails.values()) {
    const parts = chunks(group);
    for (const [i, part] of parts.entries()) {
      const alias = options.alias ?? `alias/trailseal-${slug(part[0]?.trailName ?? '')}`;
      const numbered = parts.length === 1 ? options : { ...options, alias: `${alias}-${i + 1}` };
      yield { rootCauseId: part[0]?.rootCauseId ?? null, planned: decideTrails(part, numbered) };
    }
  }
  for (const problem of others.values()) {
    if (problem.problem !== 'trail') yield { rootCauseId: causeOf(problem), planned: decideOther(problem, options) };
  }
}

/** Trails that one key or one change repairs. */
const groupOf = (trail: TrailSubject): string =>
  JSON.stringify(
    trail.isOrganization || trail.rootCauseId === null
      ? [trail.trailArn]
      : [trail.rootCauseId, trail.verdict, trail.reason, trail.bucket, trail.bucketRegion, trail.kmsKeyArn],
  );

/** A key policy names its trails and holds 32 KB: so many trails, so many keys. */
const BYTES_OF_ARNS = 24_000;

function chunks(trails: readonly TrailSubject[]): TrailSubject[][] {
  const sorted = [...trails].sort((a, b) => (a.trailArn < b.trailArn ? -1 : 1));
  const result: TrailSubject[][] = [];
  let room = 0;
  for (const trail of sorted) {
    room -= trail.trailArn.length + 4;
    if (room < 0) {
      result.push([]);
      room = BYTES_OF_ARNS - trail.trailArn.length - 4;
    }
    result.at(-1)?.push(trail);
  }
  return result;
}

type Other = Exclude<Problem, { problem: 'trail' }>;

const identityOf = (problem: Other): unknown[] => {
  switch (problem.problem) {
    case 'log-validation-off':
      return [problem.problem, problem.trail.trailArn];
    case 'key-rotation-off':
    case 'key-policy':
      return [problem.problem, problem.keyArn];
    case 'bucket-unprotected':
      return [problem.problem, problem.bucket];
    case 'log-group-unencrypted':
      return [problem.problem, problem.logGroupArn];
    case 'event-data-store-unencrypted':
      return [problem.problem, problem.storeArn];
    case 'no-trail':
      return [problem.problem, problem.accountId];
  }
};

const causeOf = (problem: Other): string | null =>
  problem.problem === 'log-validation-off' ? problem.trail.rootCauseId : problem.rootCauseId;

function decideOther(problem: Other, options: RemediationOptions): Planned {
  switch (problem.problem) {
    case 'log-validation-off':
      return decideValidation(problem.trail);
    case 'key-rotation-off':
      return decideRotation(problem);
    case 'key-policy':
      return decideKeyPolicy(problem, options);
    case 'bucket-unprotected':
      return decideBucket(problem);
    case 'log-group-unencrypted':
      return decideLogGroup(problem, options);
    case 'event-data-store-unencrypted':
      return decideEventDataStore(problem, options);
    case 'no-trail':
      return decideNewTrail(problem, options);
  }
}

function decideValidation(trail: TrailSubject): Planned {
  if (trail.controlTower) {
    return {
      ok: false,
      refusal: `${words([trail])} belongs to Control Tower, which sets log file validation itself: repair the drift with Reset in the landing zone settings.`,
    };
  }
  return planOf(
    [trail],
    `Turn on log file validation of ${words([trail])}`,
    [{ do: 'enable-validation', accountId: trail.ownerAccountId, trail }],
    ['Digests are written from then on; logs delivered before cannot be validated.'],
  );
}
