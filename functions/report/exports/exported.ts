import { controlById } from '../../domain/controls/catalogue.ts';
import type { Control } from '../../domain/controls/control.ts';
import { decidedBy } from '../../domain/judge/finding-words.ts';
import { isUnmet } from '../../domain/model/vocabulary.ts';
import type { FindingRow } from '../tables/columns.ts';

export interface ExportOptions {
  /**
   * Whether targets (an account and region) that pass or do not apply are exported too. They are most of the rows of a
   * large organization and say no more than the coverage table: left out unless asked for.
   */
  allTargets?: boolean;
}

/** Whether an export takes a finding in. */
export const isExported = (finding: FindingRow, options: ExportOptions = {}): boolean =>
  options.allTargets === true || finding.resource_type !== 'target' || isUnmet(finding.status);

/** What a control says of itself; its id where this version does not know it any more. */
export function controlText(id: string): Pick<Control, 'title' | 'rationale' | 'remediation'> {
  const { title, rationale, remediation } = controlById(id) ?? { title: id, rationale: id, remediation: '' };
  return { title, rationale, remediation };
}

/** What was found, in a sentence or two; never empty. */
export function foundText(finding: FindingRow): string {
  const waived =
    finding.status === 'WAIVED'
      ? `Waived by ${finding.waived_by ?? 'nobody'} until ${finding.waived_until?.slice(0, 10) ?? 'no date'} (${finding.waiver_id ?? 'no id'}); a waived finding does not pass.`
      : null;
  const decided =
    finding.status === 'UNVERIFIED'
      ? `Could not be determined; never counts as a pass. ${decidedBy(finding)}.`
      : finding.observed;
  const found = [decided, finding.detail, waived].filter((t) => t !== null && t.trim() !== '');
  return found.length === 0
    ? `${finding.status}${finding.reason === null ? '' : ` (${finding.reason})`}`
    : found.join(' ');
}

/** At most so many UTF-16 units, cut between characters. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(length - 2)) ? length - 2 : length - 1;
  return `${text.slice(0, end)}…`;
}
