import * as z from 'zod';
import type { ControlId } from '../controls/catalogue.ts';
import { FINDING_STATUSES, type FindingStatus, type RunStatus, zeros } from '../model/vocabulary.ts';
import { codeOf, countsOf } from '../run/parsed.ts';
import { DISCLAIMER, decides, evidenceOf, type Framework, type Requirement } from './framework.ts';

/** Findings of one control, by status. */
export type StatusCounts = Record<FindingStatus, number>;
export const noCounts = (): StatusCounts => zeros(FINDING_STATUSES);

/**
 * What the run says of a requirement; never that it is met:
 * - `SUPPORTED`: checks that decide it pass, none of them fails, is waived or is undecided
 * - `NOT_SUPPORTED`: a check that decides it fails
 * - `INCONCLUSIVE`: nothing that decides fails, but something could not be determined, or the run is PARTIAL
 * - `WAIVED`: nothing that decides fails that is not waived; waived is not met, and counted apart
 * - `NO_EVIDENCE`: no check that decides had anything to judge, or no check is about it
 * - `OUT_OF_SCOPE`: counts only with account data in scope, which was not said
 *
 * A check that only supports changes no outcome. Where no check decides (only vendors map the requirement), those that
 * support it may pass, and otherwise leave it inconclusive: they never fail it.
 */
export const OUTCOMES = [
  'SUPPORTED',
  'NOT_SUPPORTED',
  'INCONCLUSIVE',
  'WAIVED',
  'NO_EVIDENCE',
  'OUT_OF_SCOPE',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

const statusCounts = countsOf<FindingStatus>();

/** What is kept of a requirement in a run's report. */
const requirementResultSchema = z.object({
  requirementId: z.string(),
  title: z.string(),
  outcome: codeOf<Outcome>(),
  /** Over all controls that support it. */
  counts: statusCounts,
  controls: z.array(
    z.object({
      id: codeOf<ControlId>(),
      counts: statusCounts,
      /** Whether its failure fails the requirement; reports that were written before it was kept do not say. */
      decides: z.boolean().default(true),
    }),
  ),
  /** Controls that judged nothing in this run. */
  withoutEvidence: z.array(codeOf<ControlId>()),
  vendorMappingOnly: z.boolean(),
  notEvidenced: z.string(),
  /** One sentence for a reader who sees nothing else. */
  summary: z.string(),
});
export type RequirementResult = z.infer<typeof requirementResultSchema>;

export const frameworkResultSchema = z.object({
  frameworkId: z.string(),
  name: z.string(),
  version: z.string(),
  publisher: z.string(),
  note: z.string().nullable(),
  disclaimer: z.string(),
  runStatus: codeOf<RunStatus>(),
  /** Requirements by outcome, those left out that only vendors map. */
  outcomes: countsOf<Outcome>(),
  requirements: z.array(requirementResultSchema),
});
export type FrameworkResult = z.infer<typeof frameworkResultSchema>;

export interface FrameworkResultsInput {
  framework: Framework;
  /** Findings by control id; a control that is absent judged nothing. */
  counts: ReadonlyMap<string, StatusCounts>;
  runStatus: 'COMPLETE' | 'PARTIAL';
  /** Targets in scope (EXCLUDED ones are not) whose verdict is UNVERIFIED: trails may live there that nobody saw. */
  unverifiedTargets?: number;
  /** Whether payment card account data is stored in these accounts; only the user can know. */
  accountDataInScope?: boolean;
}

/** What a run says of every requirement of a framework. Pure: the same counts give the same result. */
export function frameworkResults(input: FrameworkResultsInput): FrameworkResult {
  const requirements = input.framework.requirements.map((requirement) => resultOf(requirement, input));
  const outcomes = zeros(OUTCOMES);
  for (const { outcome, vendorMappingOnly } of requirements) if (!vendorMappingOnly) outcomes[outcome] += 1;
  const { id, name, version, publisher, note } = input.framework;
  return {
    frameworkId: id,
    name,
    version,
    publisher,
    note,
    disclaimer: DISCLAIMER,
    runStatus: input.runStatus,
    outcomes,
    requirements,
  };
}

function resultOf(requirement: Requirement, input: FrameworkResultsInput): RequirementResult {
  const controls = evidenceOf(requirement).map((id) => ({
    id,
    counts: { ...noCounts(), ...input.counts.get(id) },
    decides: decides(requirement, id),
  }));
  const counts = sumOf(controls);
  const deciding = controls.filter((control) => control.decides);
  const supporting = sumOf(controls.filter((control) => !control.decides));
  const found = deciding.length > 0 ? sumOf(deciding) : supporting;
  const withoutEvidence = controls.filter((c) => judged(c.counts) === 0).map((c) => c.id);
  const vendorMappingOnly = requirement.vendorMappingOnly === true;
  const outcome = outcomeOf(requirement, { counts: found, mayFail: deciding.length > 0 }, input);
  return {
    requirementId: requirement.id,
    title: requirement.title,
    outcome,
    counts,
    controls,
    withoutEvidence,
    vendorMappingOnly,
    notEvidenced: requirement.notEvidenced,
    summary:
      controls.length === 0
        ? 'No evidence: no control judges it.'
        : summaryOf(outcome, found, input, vendorMappingOnly) + onlySupporting(deciding, supporting),
  };
}

const sumOf = (controls: readonly { counts: StatusCounts }[]): StatusCounts => {
  const sum = noCounts();
  for (const { counts } of controls) {
    for (const status of Object.keys(sum) as (keyof StatusCounts)[]) sum[status] += counts[status];
  }
  return sum;
};

/** What only supports it and fails is said: it fails nothing, and is no gap in what was read. */
const onlySupporting = (deciding: readonly unknown[], { FAIL }: StatusCounts): string => {
  if (FAIL === 0) return '';
  const those = deciding.length > 0 ? 'Also' : 'No check decides it';
  return ` ${those}: ${findings(FAIL)} of checks that only support it fail${FAIL === 1 ? 's' : ''}.`;
};

const judged = (counts: StatusCounts): number => counts.PASS + counts.FAIL + counts.UNVERIFIED + counts.WAIVED;

function outcomeOf(
  requirement: Requirement,
  { counts, mayFail }: { counts: StatusCounts; mayFail: boolean },
  input: FrameworkResultsInput,
): Outcome {
  if (requirement.onlyIf === 'ACCOUNT_DATA_IN_SCOPE' && input.accountDataInScope !== true) return 'OUT_OF_SCOPE';
  if (requirement.support.length === 0) return 'NO_EVIDENCE';
  if (counts.FAIL > 0) return mayFail ? 'NOT_SUPPORTED' : 'INCONCLUSIVE';
  // A gap may hide a failure whatever the rest says, even where nothing at all was judged.
  if (counts.UNVERIFIED > 0 || input.runStatus === 'PARTIAL' || (input.unverifiedTargets ?? 0) > 0) {
    return 'INCONCLUSIVE';
  }
  if (counts.WAIVED > 0) return 'WAIVED';
  return counts.PASS > 0 ? 'SUPPORTED' : 'NO_EVIDENCE';
}

function summaryOf(
  outcome: Outcome,
  counts: StatusCounts,
  input: FrameworkResultsInput,
  vendorMappingOnly: boolean,
): string {
  const waived = counts.WAIVED > 0 ? `; ${findings(counts.WAIVED)} waived, which is not met` : '';
  const vendor = vendorMappingOnly ? ' Only vendors map this requirement; it is counted apart.' : '';
  switch (outcome) {
    case 'SUPPORTED':
      return `Supported by ${findings(counts.PASS)} that pass${counts.PASS === 1 ? 'es' : ''}.${vendor}`;
    case 'NOT_SUPPORTED':
      return `Not supported: ${findings(counts.FAIL)} fail${counts.FAIL === 1 ? 's' : ''}${waived}.${vendor}`;
    case 'INCONCLUSIVE':
      return `Inconclusive${[gaps(counts, input).join(', ')].map((why) => (why === '' ? '' : `: ${why}`))}${waived}.${vendor}`;
    case 'WAIVED':
      return `Waived: ${findings(counts.WAIVED)} waived, which is not met; nothing else fails.${vendor}`;
    case 'NO_EVIDENCE':
      return `No evidence: this run had nothing to judge for it.${vendor}`;
    case 'OUT_OF_SCOPE':
      return 'Out of scope: it counts only where payment card account data is stored in these accounts, which was not stated.';
  }
}

const findings = (n: number): string => `${n} finding${n === 1 ? '' : 's'}`;

function gaps(counts: StatusCounts, input: FrameworkResultsInput): string[] {
  const targets = input.unverifiedTargets ?? 0;
  return [
    ...(counts.UNVERIFIED > 0 ? [`${findings(counts.UNVERIFIED)} could not be verified`] : []),
    ...(targets > 0 ? [`${targets} account-region target${targets === 1 ? '' : 's'} could not be verified`] : []),
    ...(input.runStatus === 'PARTIAL' ? ['the run is PARTIAL'] : []),
  ];
}
