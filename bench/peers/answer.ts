/** What a tool says of a trail, or of an account and region, read from what it wrote. */
export interface Answer {
  accountId: string;
  region: string | null;
  /** Null: the answer is about the account or region. */
  trailArn: string | null;
  says: 'encrypted' | 'unencrypted' | 'key-unusable' | 'no-trail' | 'could-not-look' | 'region-disabled';
}
