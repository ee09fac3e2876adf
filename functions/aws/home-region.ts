import { STSClient } from '@aws-sdk/client-sts';

/** The region of the ordinary chain (AWS_REGION, then the profile's), else us-east-1, which every account has. */
export async function homeRegion(profile?: string): Promise<string> {
  const client = new STSClient(profile === undefined ? {} : { profile });
  try {
    return await client.config.region();
  } catch {
    return 'us-east-1';
  } finally {
    client.destroy();
  }
}
