import { type AwsAccess, createAwsAccess } from '../../aws/calls/clients.ts';
import { withMapResults } from '../../aws/stores/map-results.ts';
import { createS3Store } from '../../aws/stores/s3-store.ts';
import type { ReportStore } from '../../domain/model/store.ts';

/** What every function has of the cloud: its own credentials, where it runs, the time. */
export interface Cloud {
  access: AwsAccess;
  /** The region the function runs in: its bucket, topic and bus are there. */
  region: string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** @param homeRegion whose STS endpoint is used, where the function assumes roles; else its own region */
export const createCloud = ({ homeRegion, version }: { homeRegion?: string; version?: string } = {}): Cloud => {
  const region = process.env.AWS_REGION ?? homeRegion ?? 'us-east-1';
  return { access: createAwsAccess({ region: homeRegion ?? region, version }), region, now: Date.now };
};

interface RootEnvironment {
  REPORT_BUCKET: string;
  REPORT_BUCKET_OWNER: string;
  REPORT_PREFIX: string;
  RESULT_BUCKET?: string | null;
}

export const reportStore = (env: RootEnvironment, { access, region }: Cloud): ReportStore => {
  const storeIn = (bucket: string) =>
    createS3Store({ access, region, bucket, expectedOwner: env.REPORT_BUCKET_OWNER, prefix: env.REPORT_PREFIX });
  const store = storeIn(env.REPORT_BUCKET);
  return env.RESULT_BUCKET ? withMapResults(store, storeIn(env.RESULT_BUCKET)) : store;
};
