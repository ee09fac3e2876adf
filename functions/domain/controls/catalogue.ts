import { bucketProtected } from './bucket-protected.ts';
import type { Control } from './control.ts';
import { deliveredLogsEncrypted } from './delivered-logs-encrypted.ts';
import { eventDataStoreEncrypted } from './event-data-store-encrypted.ts';
import { logGroupEncrypted } from './log-group-encrypted.ts';
import { regionRecorded } from './region-recorded.ts';
import { trailDelivering } from './trail-delivering.ts';
import { trailKeyOwned } from './trail-key-owned.ts';
import { trailKeyPolicy } from './trail-key-policy.ts';
import { trailKeyRotation } from './trail-key-rotation.ts';
import { trailKeyUsable } from './trail-key-usable.ts';
import { trailKmsEncrypted } from './trail-kms-encrypted.ts';
import { trailLogValidation } from './trail-log-validation.ts';

/** Every control, in the order of the contract. Adding one is a file beside this and a line here. */
export const CONTROLS: readonly Control[] = [
  trailKmsEncrypted,
  trailKeyUsable,
  trailKeyOwned,
  trailKeyRotation,
  trailKeyPolicy,
  trailDelivering,
  trailLogValidation,
  regionRecorded,
  bucketProtected,
  logGroupEncrypted,
  eventDataStoreEncrypted,
  deliveredLogsEncrypted,
];

/** Controls that are looked at only when asked for. */
const OPT_IN: ReadonlySet<string> = new Set([deliveredLogsEncrypted.id]);

/** The controls of one kind of resource that a run looks at. */
export const controlsFor = <R extends Control['resource']>(
  resource: R,
  settings: { sampleLogs: boolean },
): Extract<Control, { resource: R }>[] =>
  CONTROLS.filter(
    (c): c is Extract<Control, { resource: R }> =>
      c.resource === resource && (settings.sampleLogs || !OPT_IN.has(c.id)),
  );

export const controlById = (id: string): Control | undefined => CONTROLS.find((c) => c.id === id);
