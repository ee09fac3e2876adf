import type { Construct } from 'constructs';
import { ExpiringBucket, type ExpiringBucketProps } from './expiring-bucket.ts';

/** Athena's answers, for a few weeks. Apart from the report, so that an auditor may write here and nowhere else. */
export class QueryResultBucket extends ExpiringBucket {
  constructor(scope: Construct, id: string, props: ExpiringBucketProps) {
    super(scope, id, {
      ...props,
      logPrefix: 'query-results/',
      because: 'Query results can be had again by asking again, and expire after a few weeks.',
    });
  }
}
