/** What a packed table looks like: shared by the program that writes it and the page that reads it. */
export type PackedValue = string | number | boolean | null | readonly PackedValue[];

export interface PackedColumn {
  name: string;
  /** Bytes a code. */
  width: 1 | 2 | 4;
  /** Bytes from the end of the header's block. */
  offset: number;
  /** The value of each code; null for counts, whose code is the number plus one (0 says null). */
  values: PackedValue[] | null;
}

export interface PackHeader {
  rows: number;
  columns: PackedColumn[];
}

export const PACKED_TABLES = ['accounts', 'targets', 'findings', 'trails', 'keys', 'buckets', 'causes'] as const;
export type PackedTable = (typeof PACKED_TABLES)[number];

/** Columns of trails, keys and buckets whose texts name the row's own account and region (see `place-words`). */
export const SIGNED_COLUMNS: readonly string[] = ['trail_arn', 'kms_key_arn', 'bucket', 'log_group_arn', 'key_arn'];
/** Those of findings: all but the first name the finding's own resource too. */
export const SIGNED_TEXTS: readonly string[] = ['resource_arn', 'observed', 'detail', 'evidence_refs'];

/** An account that a change had scanned again. */
export interface NewerAccount {
  asOf: string;
  staleSince: string | null;
  /** As `PageFacts.evidencePrefix`, of its own run. */
  evidencePrefix: string;
}

/** What the page needs in addition to the tables. */
export interface PageFacts {
  runId: string;
  runDate: string;
  status: string;
  partition: string;
  organizationId: string | null;
  regions: string[];
  /** Tables that could not be read, and why. */
  missing: Partial<Record<PackedTable, string>>;
  controls: Record<
    string,
    {
      title: string;
      severity: string;
      expected: string;
      rationale: string;
      remediation: string;
      /** AWS's documentation of it. */
      link?: string;
    }
  >;
  /** All findings of the run; the page lists those of met targets nowhere, since coverage has them. */
  findingsTotal: number;
  /** Where the page is of the present: as of when the run is, and accounts that are newer. */
  present: { asOf: string; staleSince: string | null; newer: Record<string, NewerAccount> } | null;
  /** Whether the run's raw answers are kept, and where, relative to the report root. */
  evidencePrefix: string;
}
