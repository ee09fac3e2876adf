import { CONTROL_IDS, type ControlId } from '../controls/catalogue.ts';
import type { SourceId } from './sources.ts';

/** A published standard, or a version of one, with the requirements that TrailSeal has something to say about. */
export interface Framework {
  /** Stable, e.g. `pci-dss-4.0.1`: what `--framework` takes. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly publisher: string;
  /** What a reader must know of the version (withdrawn, superseded); null where there is nothing. */
  readonly note: string | null;
  /** The pages and files in which the mappings of its requirements are published. */
  readonly published: readonly [string, ...string[]];
  readonly requirements: readonly Requirement[];
  /** Where the publisher offers its controls as an OSCAL catalogue, and how a requirement is called in it. */
  readonly catalogue?: { readonly href: string; readonly controlId: (requirementId: string) => string };
}

export interface Requirement {
  /** As the framework writes it. */
  readonly id: string;
  /** What it asks for, short and in our words: the frameworks' own text is theirs. */
  readonly title: string;
  readonly support: readonly Support[];
  /** What else it asks, of which no control here gives evidence. Never empty. */
  readonly notEvidenced: string;
  /** Counts only where this holds of the accounts; otherwise it is OUT_OF_SCOPE. */
  readonly onlyIf?: 'ACCOUNT_DATA_IN_SCOPE';
  /** No check decides it: vendors map it although it is about something else. Reported, and counted apart. */
  readonly vendorMappingOnly?: true;
}

/** `requirement('AU-9', 'Audit information is protected', { … })` */
export const requirement = (
  id: string,
  title: string,
  rest: Omit<Requirement, 'id' | 'title' | 'vendorMappingOnly'>,
): Requirement => ({
  ...{ id, title, ...rest },
  ...(rest.support.length > 0 && !rest.support.some((s) => s.decides) ? { vendorMappingOnly: true } : {}),
});

/** Controls whose passing supports the requirement, and who says so. Without any, nothing here gives evidence of it. */
export interface Support {
  readonly controls: readonly ControlId[];
  readonly source: SourceId;
  /**
   * Whether a failure says that what the requirement asks for is not there. Where it does not, the check is evidence beside
   * those that decide: a missing key fails no requirement to detect changes.
   */
  readonly decides: boolean;
}

/** Printed with every result: AWS says the same of its own mappings. */
export const DISCLAIMER =
  'Such mappings are samples: passing checks support a requirement, they do not by themselves ensure compliance with it. Whether it is met is for you and your assessor to judge, over everything it asks.';

/** `by('prowler', 'trail-kms-encrypted')`: these controls decide it, by that source's mapping. */
export const by = (source: SourceId, ...controls: ControlId[]): Support => ({ controls, source, decides: true });
/** These support it, by that source's mapping, and their failing does not fail it. */
export const supports = (source: SourceId, ...controls: ControlId[]): Support => ({
  controls,
  source,
  decides: false,
});

/**
 * What "encrypted with a key" needs in addition to a `KmsKeyId`: published mappings stop at the key's name,
 * so the rest is our own reading and marked as such.
 */
export const KEY_WORKS: Support = by('trailseal', 'trail-key-usable', 'trail-key-owned', 'delivered-logs-encrypted');
/** The same where encryption is evidence, and not what is asked. */
export const KEY_WORKS_SUPPORTS: Support = { ...KEY_WORKS, decides: false };
/** What "recorded" needs in addition to a trail that exists. */
export const DELIVERS: Support = by('trailseal', 'trail-delivering');

/** Every control that a requirement draws on, once, in the contract's order. */
export const evidenceOf = (requirement: Requirement): ControlId[] => {
  const used = new Set<ControlId>(requirement.support.flatMap((s) => s.controls));
  return CONTROL_IDS.filter((id) => used.has(id));
};

/** Whether a failure of the check fails the requirement; only those of `evidenceOf` may be asked about. */
export const decides = (requirement: Requirement, id: ControlId): boolean =>
  requirement.support.some((s) => s.decides && s.controls.includes(id));
