import { bucketAccessLogged } from './bucket/bucket-access-logged.ts';
import { bucketNotPublic } from './bucket/bucket-not-public.ts';
import { bucketProtected } from './bucket/bucket-protected.ts';
import { bucketRetention } from './bucket/bucket-retention.ts';
import type { Control, ControlOf, ResourceType } from './control.ts';
import { eventDataStoreEncrypted } from './event-data-store/event-data-store-encrypted.ts';
import { trailKeyPolicy } from './key/trail-key-policy.ts';
import { trailKeyRotation } from './key/trail-key-rotation.ts';
import { logGroupEncrypted } from './log-group/log-group-encrypted.ts';
import { regionRecorded } from './target/region-recorded.ts';
import { deliveredLogsEncrypted } from './trail/delivered-logs-encrypted.ts';
import { trailDelivering } from './trail/trail-delivering.ts';
import { trailKeyOwned } from './trail/trail-key-owned.ts';
import { trailKeyUsable } from './trail/trail-key-usable.ts';
import { trailKmsEncrypted } from './trail/trail-kms-encrypted.ts';
import { trailLogValidation } from './trail/trail-log-validation.ts';
import { trailMonitored } from './trail/trail-monitored.ts';

/** Every control, in the order of the contract. Adding one is a file beside this and a line here. */
const CATALOGUE = [
  trailKmsEncrypted,
  trailKeyUsable,
  trailKeyOwned,
  trailKeyRotation,
  trailKeyPolicy,
  trailDelivering,
  trailLogValidation,
  regionRecorded,
  bucketProtected,
  bucketNotPublic,
  bucketRetention,
  bucketAccessLogged,
  trailMonitored,
  logGroupEncrypted,
  eventDataStoreEncrypted,
  deliveredLogsEncrypted,
] as const;
type Declared = (typeof CATALOGUE)[number];

export type ControlId = Declared['id'];
/** The reasons of one control. */
export type ReasonOf<Id extends ControlId> = keyof Extract<Declared, { id: Id }>['reasons'];

export const CONTROLS: readonly (Control & { id: ControlId })[] = CATALOGUE;
export const CONTROL_IDS: readonly ControlId[] = CONTROLS.map(({ id }) => id);

/** Controls that are looked at only when asked for. */
const OPT_IN: ReadonlySet<string> = new Set([deliveredLogsEncrypted.id]);

/** The controls of one kind of resource that a run looks at. */
export const controlsFor = <R extends ResourceType>(
  resource: R,
  settings: { sampleLogs: boolean },
): (Control & ControlOf<R>)[] =>
  CONTROLS.filter(
    (c): c is Control & ControlOf<R> & { id: ControlId } =>
      c.resource === resource && (settings.sampleLogs || !OPT_IN.has(c.id)),
  );

export const controlById = (id: string): Control | undefined => CONTROLS.find((c) => c.id === id);
