import type { PublicAccessBlock } from '../domain/model/public-access.ts';
import { malformed } from './call-error.ts';

/** The four settings as S3 says them of a bucket and S3 Control of an account. @throws CallError where it says none */
export const publicAccessBlockIn = (
  operation: string,
  { PublicAccessBlockConfiguration: said = {} }: PublicAccessAnswer,
): PublicAccessBlock => {
  const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } = said;
  const all = [BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets];
  if (all.every((blocked) => blocked === undefined)) throw malformed(operation, 'setting');
  return {
    blockPublicAcls: BlockPublicAcls === true,
    ignorePublicAcls: IgnorePublicAcls === true,
    blockPublicPolicy: BlockPublicPolicy === true,
    restrictPublicBuckets: RestrictPublicBuckets === true,
  };
};

interface PublicAccessAnswer {
  PublicAccessBlockConfiguration?:
    | {
        BlockPublicAcls?: boolean | undefined;
        IgnorePublicAcls?: boolean | undefined;
        BlockPublicPolicy?: boolean | undefined;
        RestrictPublicBuckets?: boolean | undefined;
      }
    | undefined;
}
