import { parseArn } from '../model/arn.ts';
import { bundles, type Fix, type Left } from './decide/bundle.ts';
import { decideTrails } from './decide/decide.ts';
import { decideAccessLogging, decideBucket, decideRetention } from './decide/decide-bucket.ts';
import {
  decideEventDataStore,
  decideKeyPolicy,
  decideLogGroup,
  decideMonitoring,
  decideNewTrail,
  decideRotation,
} from './decide/decide-settings.ts';
import { families } from './decide/families.ts';
import { type Plan, type Planned, planOf, refuse, words } from './decide/plan.ts';
import { causeOf, type Problem, type RemediationOptions, trailsOf } from './decide/problem.ts';
import type { TrailSubject } from './decide/subject.ts';
import { awsCliFiles } from './formats/aws-cli.ts';
import { cloudFormationFiles } from './formats/cloudformation.ts';
import { consoleFiles } from './formats/console.ts';
import type { RemediationFile } from './formats/file.ts';
import { filesPerAccount } from './formats/per-account.ts';
import { terraformFiles } from './formats/terraform/terraform.ts';
import { oneLine, slug } from './formats/text.ts';
import { malformed } from './policies/wellformed.ts';

export const REMEDIATION_FORMATS = [
  'cloudformation-json',
  'cloudformation-yaml',
  'terraform',
  'aws-cli',
  'console',
] as const;
export type RemediationFormat = (typeof REMEDIATION_FORMATS)[number];

/**
 * What repairs one trail, or trails that have a fix in common; `files` in the order in which they are used. TrailSeal
 * prints it, and changes nothing itself.
 */
export type Remediation =
  | {
      ok: true;
      /** Names account and trail; safe as the name of a folder. */
      name: string;
      rootCauseIds: readonly string[];
      plan: Plan;
      /** What of the same trails is not repaired, and why. */
      left: readonly Left[];
      files: RemediationFile[];
    }
  /** There is no fix that could be written down, or not this one; `refusal` says what to do instead. */
  | { ok: false; name: string; rootCauseIds: readonly string[]; refusal: string };

/**
 * The fixes of all problems, in one bundle a trail: one key and one change for an organization trail, one common key for
 * trails that share a cause and a bucket. Lazy: the files of each are written when it is asked for.
 */
export function* remediations(request: {
  problems: Iterable<Problem>;
  format: RemediationFormat;
  options?: RemediationOptions;
}): Iterable<Remediation> {
  const { format } = request;
  for (const { bundle, accounts, members } of families(bundles(fixesOf(request.problems, request.options ?? {})))) {
    const files = bundle.ok ? filesOf(bundle.plan, format) : [];
    const shared = accounts.length === 0 ? files : filesPerAccount(files, accounts);
    if (bundle.ok && shared !== null) yield { ...bundle, files: shared };
    else for (const each of members) yield each.ok ? { ...each, files: filesOf(each.plan, format) } : each;
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

/** The fix of each problem; trails that one key or one change repairs have one. */
function* fixesOf(problems: Iterable<Problem>, options: RemediationOptions): Iterable<Fix> {
  const trails = new Map<string, TrailSubject[]>();
  const others = new Map<string, Other>();
  for (const problem of problems) {
    const refusal = malformed(problem);
    if (refusal !== null) {
      yield fixOf(problem, refuse(refusal));
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
      const [trail] = part;
      if (trail === undefined) continue;
      const alias = options.alias ?? `alias/trailseal-${slug(trail.trailName)}`;
      const numbered = parts.length === 1 ? options : { ...options, alias: `${alias}-${i + 1}` };
      const fix = fixOf({ problem: 'trail', trail }, decideTrails(part, numbered));
      yield { ...fix, trailArns: part.map((t) => t.trailArn) };
    }
  }
  const noTrails = [...others.values()].filter((problem) => problem.problem === 'no-trail');
  for (const problem of others.values()) {
    if (problem.problem !== 'no-trail') {
      yield fixOf(problem, decideOther(problem, options));
      continue;
    }
    // One trail for all causes: each alone would be the same trail again.
    const same = noTrails.filter((p) => p.accountId === problem.accountId);
    const accountsCovered = [...new Set(same.flatMap((p) => p.accountsCovered))].sort();
    yield fixOf(
      problem,
      same[0] === problem
        ? decideOther({ ...problem, accountsCovered }, options)
        : refuse(`The trail that the fix of ${same[0]?.rootCauseId} makes records these too.`),
    );
  }
}

const fixOf = (problem: Problem, planned: Planned): Fix => ({
  rootCauseId: causeOf(problem),
  trailArns: trailsOf(problem),
  about: aboutOf(problem),
  neededForDelivery:
    (problem.problem === 'trail' && (problem.trail.verdict === 'BROKEN' || problem.trail.verdict === 'STOPPED')) ||
    (problem.problem === 'key-policy' && problem.trails.some((t) => t.refusedBy.key !== null)),
  planned,
});

/** What a problem is about that is no trail's own. */
function aboutOf(problem: Problem): Fix['about'] {
  const ofArn = (arn: string) => ({
    accountId: parseArn(arn)?.accountId ?? null,
    name: arn.split(':').slice(5).join('-'),
  });
  switch (problem.problem) {
    case 'key-rotation-off':
    case 'key-policy':
      return ofArn(problem.keyArn);
    case 'bucket-unprotected':
    case 'bucket-retention':
    case 'bucket-access-unlogged':
      return { accountId: problem.accountId, name: problem.bucket };
    case 'log-group-unencrypted':
      return ofArn(problem.logGroupArn);
    case 'event-data-store-unencrypted':
      return { accountId: parseArn(problem.storeArn)?.accountId ?? null, name: `store-${problem.storeName}` };
    case 'no-trail':
      return { accountId: problem.accountId, name: 'new-trail' };
    case 'trail':
    case 'log-validation-off':
    case 'trail-unmonitored':
      return null;
    case 'no-fix':
      return { accountId: null, name: causeOf(problem) ?? 'cause' };
  }
}

/** Trails that one key or one change repairs. */
const groupOf = (trail: TrailSubject): string =>
  JSON.stringify([
    ...[trail.rootCauseId, trail.verdict, trail.reason],
    ...(trail.isOrganization || trail.rootCauseId === null
      ? [trail.trailArn]
      : [trail.bucket, trail.bucketRegion, trail.kmsKeyArn]),
  ]);

/** A key policy names its trails and holds 32 KB: so many trails, so many keys. */
const BYTES_OF_ARNS = 24_000;

function chunks(trails: readonly TrailSubject[]): TrailSubject[][] {
  const sorted = [...new Map(trails.map((t) => [t.trailArn, t])).values()].sort((a, b) =>
    a.trailArn < b.trailArn ? -1 : 1,
  );
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
    case 'trail-unmonitored':
      return [problem.problem, problem.trail.trailArn];
    case 'key-rotation-off':
    case 'key-policy':
      return [problem.problem, problem.keyArn];
    case 'bucket-unprotected':
      return [problem.problem, problem.bucket, problem.rootCauseId];
    case 'bucket-retention':
    case 'bucket-access-unlogged':
      return [problem.problem, problem.bucket];
    case 'log-group-unencrypted':
      return [problem.problem, problem.logGroupArn];
    case 'event-data-store-unencrypted':
      return [problem.problem, problem.storeArn];
    case 'no-trail':
      return [problem.problem, problem.accountId, problem.rootCauseId];
    case 'no-fix':
      return [problem.problem, problem.rootCauseId];
  }
};

function decideOther(problem: Other, options: RemediationOptions): Planned {
  switch (problem.problem) {
    case 'log-validation-off':
      return decideValidation(problem.trail);
    case 'trail-unmonitored':
      return decideMonitoring(problem.trail);
    case 'key-rotation-off':
      return decideRotation(problem);
    case 'key-policy':
      return decideKeyPolicy(problem);
    case 'bucket-unprotected':
      return decideBucket(problem);
    case 'bucket-retention':
      return decideRetention(problem);
    case 'bucket-access-unlogged':
      return decideAccessLogging(problem, options);
    case 'log-group-unencrypted':
      return decideLogGroup(problem, options);
    case 'event-data-store-unencrypted':
      return decideEventDataStore(problem, options);
    case 'no-trail':
      return decideNewTrail(problem, options);
    case 'no-fix':
      return refuse(oneLine(problem.why, 1000));
  }
}

function decideValidation(trail: TrailSubject): Planned {
  if (trail.controlTower) {
    return refuse(
      `${words([trail])} belongs to Control Tower, which sets log file validation itself: repair the drift with Reset in the landing zone settings.`,
    );
  }
  return planOf(
    [trail],
    `Turn on log file validation of ${words([trail])}`,
    [{ do: 'enable-validation', accountId: trail.ownerAccountId, trail }],
    ['Digests are written from then on; logs delivered before cannot be validated.'],
  );
}
