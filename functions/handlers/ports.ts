import type { AccountSessions } from '../domain/model/account-access.ts';
import type { EvidenceRecord } from '../domain/model/evidence.ts';
import type { OrganizationReader } from '../domain/model/organization-reader.ts';
import type { RunSettings, ScanPlan } from '../domain/model/plan.ts';
import type { Reading } from '../domain/model/reading.ts';
import type { ReportStore } from '../domain/model/store.ts';
import type { ManifestSigner } from '../report/evidence/manifest.ts';
import type { Provenance } from '../report/evidence/provenance.ts';
import type { RunReport } from '../report/run/run-report.ts';

/** All that the handlers need of the world; the cloud's come from the environment, a laptop's from the command line. */
export interface ScannerPorts {
  store: ReportStore;
  organization: OrganizationReader & { takeEvidence(): EvidenceRecord[] };
  /** Opens accounts as the plan's settings say; called once per plan and kept. */
  sessions(plan: ScanPlan): AccountSessions;
  /** Functions that Lambda lets run at once; absent where the children of a map are no Lambda functions. */
  lambdaRoom?(): Promise<Reading<number>>;
  /** What an execution's input may narrow. */
  settings: RunSettings;
  /** The waivers in force, as text; null where there are none. */
  waivers(): Promise<string | null>;
  signer(): Promise<ManifestSigner | null>;
  /** What the program knows of itself and of how it was called; kept as evidence of the run. */
  provenance(): Provenance;
  /** Pages and exports written beside report.json. */
  extras(report: RunReport, store: ReportStore): Promise<void>;
  /** Tells the world that a run ended. */
  notify(report: RunReport, context: HandlerContext): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
  version: string;
}

export interface HandlerContext {
  /** Aborted when the task's time is up or the run is stopped. */
  signal: AbortSignal;
}

export type Handler = (payload: unknown, context: HandlerContext) => Promise<unknown>;
