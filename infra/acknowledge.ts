import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Answers cdk-nag for one construct: these findings, and no others, are meant, for this reason. */
export const acknowledge = (construct: IConstruct, reason: string, ids: readonly string[]): void => {
  for (const id of ids) Validations.of(construct).acknowledge({ id, reason });
};
