import * as z from 'zod';
import { type Reading, valueIn } from './reading.ts';

/** The four settings of S3 Block Public Access, of a bucket or of an account. */
export const publicAccessBlockSchema = z.object({
  blockPublicAcls: z.boolean(),
  ignorePublicAcls: z.boolean(),
  blockPublicPolicy: z.boolean(),
  restrictPublicBuckets: z.boolean(),
});
export type PublicAccessBlock = z.infer<typeof publicAccessBlockSchema>;

/** Where nothing was ever set. */
export const NOTHING_BLOCKED: PublicAccessBlock = {
  blockPublicAcls: false,
  ignorePublicAcls: false,
  blockPublicPolicy: false,
  restrictPublicBuckets: false,
};
export const ALL_BLOCKED: PublicAccessBlock = {
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: true,
};

/** As a bucket's is stored: files of earlier versions say only whether all four were on. */
export const storedPublicAccessBlockSchema = z.union([
  publicAccessBlockSchema,
  z
    .object({ allBlocked: z.boolean() })
    .transform(({ allBlocked }): PublicAccessBlock => (allBlocked ? ALL_BLOCKED : NOTHING_BLOCKED)),
]);

const SETTINGS = Object.keys(NOTHING_BLOCKED) as (keyof PublicAccessBlock)[];

export const blocksAll = (block: PublicAccessBlock): boolean => SETTINGS.every((setting) => block[setting]);

/**
 * Whether S3 blocks all public access to a bucket: it goes by the stricter of the bucket's setting and its account's,
 * each of the four by itself. null where one that was not read might still decide it.
 */
export function publicAccessBlocked(
  bucket: {
    publicAccessBlock: Reading<PublicAccessBlock> | null;
    accountPublicAccessBlock: Reading<PublicAccessBlock> | null;
  } | null,
): boolean | null {
  const [own, ofAccount] = [valueIn(bucket?.publicAccessBlock), valueIn(bucket?.accountPublicAccessBlock)];
  if (SETTINGS.every((setting) => own?.[setting] || ofAccount?.[setting])) return true;
  return own && ofAccount ? false : null;
}
