import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createS3Store } from '../../functions/aws/stores/s3-store.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';
import type { MotoGateway } from './gateway.ts';

export interface MotoReportRoot {
  store: ReportStore;
  bucket: string;
  /** As `${ReportPrefix}` wants it: empty, or with a `/` at its end. */
  prefix: string;
  close(): void;
}

/** A new bucket of the management account with the product's own store on it. */
export async function createReportRoot(gateway: MotoGateway, bucket: string, prefix = ''): Promise<MotoReportRoot> {
  const { endpoint, region, credentials } = gateway.client;
  const access = createAwsAccess({ endpoint, region, credentials });
  await access.own(S3Client).send(new CreateBucketCommand({ Bucket: bucket }));
  const store = createS3Store({ access, bucket, prefix });
  return { store, bucket, prefix, close: () => access.close() };
}
