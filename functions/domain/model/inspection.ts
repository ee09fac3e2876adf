import * as z from 'zod';
import {
  BUCKET_SETTING_NAMES,
  BUCKET_SETTINGS,
  type BucketSetting,
  type BucketSettingReading,
  eventDataStoreSchema,
  eventSelectorsSchema,
  keyDescriptionSchema,
  keyRotationSchema,
  logGroupSchema,
  logObjectSchema,
} from './account-access.ts';
import { writtenFileSchema } from './observation.ts';
import { publicAccessBlockSchema } from './public-access.ts';
import { callFailureSchema, delaysSchema, readingSchema } from './reading.ts';

/** Accounts to try in order where the item's owner does not own the bucket; after them every live account in turn. */
const candidates = z.array(z.string());

const bucketSearchSchema = z.object({ bucket: z.string(), candidates });
export type BucketSearch = z.infer<typeof bucketSearchSchema>;

const bucketTaskSchema = z.object({
  bucket: z.string(),
  /** The folders the trails write their logs into, for the expiry rules; `*` is one name of any text. */
  logFolders: z.array(z.string()),
  candidates,
});
export type BucketTask = z.infer<typeof bucketTaskSchema>;

/** Where one trail's newest log object is to be looked for, the newest day first; the oldest, in all of the folder above the days. */
const sampleTaskSchema = z.object({
  trailArn: z.string(),
  /** Whose logs, where they are a member's of an organization trail; null: the trail's own, of its owner. */
  accountId: z.string().nullable().default(null),
  bucket: z.string(),
  prefixes: z.array(z.string()),
  /** Keys of the other trails that write there (null: without one); absent where there are none that differ. */
  others: z.array(z.string().nullable()).optional(),
});
export type SampleTask = z.infer<typeof sampleTaskSchema>;

/** One item of the Inspect map: what is to be read in one owner's account, so that its role is assumed once. */
export const inspectItemSchema = z.object({
  /** `<owner>-<hash of the content>`. */
  itemId: z.string().regex(/^[\w-]{1,64}$/),
  owner: z.string(),
  keys: z.array(z.string()),
  buckets: z.array(bucketTaskSchema),
  logGroups: z.array(z.string()),
  eventDataStores: z.array(z.string()),
  /** Organization trails whose owner's role could not be assumed: selectors are read here, by ARN. */
  trails: z.array(z.object({ trailArn: z.string(), homeRegion: z.string() })),
  /** Only with `--sample-logs`. */
  samples: z.array(sampleTaskSchema),
  /** The buckets of `samples` that another item inspects: here no more than their owner is looked for. */
  sampledBuckets: z.array(bucketSearchSchema).default([]),
});
export type InspectItem = z.infer<typeof inspectItemSchema>;

/** An item that names nothing yet. Ids are hashes of what an item holds, so the order of its fields is part of them. */
export const emptyItem = (owner: string): InspectItem => ({
  itemId: '',
  owner,
  keys: [],
  buckets: [],
  logGroups: [],
  eventDataStores: [],
  trails: [],
  samples: [],
  sampledBuckets: [],
});

const keyInspectionSchema = z.object({
  keyArn: z.string(),
  description: readingSchema(keyDescriptionSchema),
  /** null where the call makes no sense (asymmetric, imported, custom store) or the description failed. */
  rotation: readingSchema(keyRotationSchema).nullable(),
  policy: readingSchema(z.string()).nullable(),
});
export type KeyInspection = z.infer<typeof keyInspectionSchema>;

/** Of each setting what was answered; null where it was not asked. */
const bucketSettings = Object.fromEntries(
  Object.entries<{ answer: z.ZodType; isLater?: true }>(BUCKET_SETTINGS).map(([name, { answer, isLater }]) => {
    const reading = readingSchema(answer).nullable();
    return [name, isLater ? reading.default(null) : reading];
  }),
) as unknown as { [S in BucketSetting]: z.ZodType<BucketSettingReading<S> | null> };

const bucketInspectionSchema = z.object({
  bucket: z.string(),
  /** The account that turned out to own it, or null. */
  accountId: z.string().nullable(),
  region: z.string().nullable(),
  /** Why the owner is unknown, where it is. */
  ownerFailure: callFailureSchema.nullable(),
  /** Its account's; null where the bucket's own decides alone, and in files of versions that did not ask. */
  accountPublicAccessBlock: readingSchema(publicAccessBlockSchema).nullable().default(null),
  ...bucketSettings,
});
export type BucketInspection = z.infer<typeof bucketInspectionSchema>;

export const bucketSettingsNotAsked = () =>
  Object.fromEntries(BUCKET_SETTING_NAMES.map((name) => [name, null])) as Pick<BucketInspection, BucketSetting>;

/** `runs/<run_id>/inspections/<item_id>.json`. */
export const inspectionSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  itemId: z.string(),
  owner: z.string(),
  observedAt: z.string(),
  refused: callFailureSchema.nullable(),
  keys: z.array(keyInspectionSchema),
  buckets: z.array(bucketInspectionSchema),
  logGroups: z.array(z.object({ logGroupArn: z.string(), reading: readingSchema(logGroupSchema) })),
  eventDataStores: z.array(
    z.object({
      arn: z.string(),
      reading: readingSchema(eventDataStoreSchema),
      key: keyInspectionSchema.nullable(),
    }),
  ),
  trails: z.array(z.object({ trailArn: z.string(), selectors: readingSchema(eventSelectorsSchema) })),
  samples: z.array(
    z.object({
      trailArn: z.string(),
      accountId: z.string().nullable().default(null),
      reading: readingSchema(logObjectSchema.nullable()),
      /** The oldest that is retained; null where it was not asked for: of members, and before it was. */
      oldest: readingSchema(logObjectSchema.nullable()).nullable().default(null),
    }),
  ),
  apiCalls: z.number().int().nonnegative(),
  delays: delaysSchema.optional(),
  durationMs: z.number(),
  /** The raw answers it rests on, written before it; null where there were none. */
  evidence: writtenFileSchema.nullable(),
});
export type Inspection = z.infer<typeof inspectionSchema>;
