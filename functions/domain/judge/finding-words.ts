/** What a finding says in one line, for every place that shows a status: page, terminal, documents. */

const UPPER = new Set(['API', 'ARN', 'IAM', 'KMS', 'OU', 'S3', 'SCP', 'SSE', 'STS', 'TLS']);
const NAMES: Readonly<Record<string, string>> = {
  ASSUMEROLE: 'AssumeRole',
  CLOUDTRAIL: 'CloudTrail',
  LISTEVENTDATASTORES: 'ListEventDataStores',
  REGION: 'Region',
};

/** `BUCKET_REGION_UNKNOWN` is `Bucket region unknown`; what is no such code (an error of AWS) stays as it is. */
export function reasonWords(reason: string): string {
  if (!/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(reason)) return reason;
  const words = reason.split('_').map((word) => NAMES[word] ?? (UPPER.has(word) ? word : word.toLowerCase()));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Times in sentences: to the second, with the zone said once. `2026-11-26T06:00:00.000Z` is `2026-11-26 06:00:00 UTC`. */
export const readableTimes = (text: string): string =>
  text.replaceAll(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z/g, '$1 $2 UTC');

/**
 * What decided the status. Of a finding that passes or fails that is what was observed; where it could not be
 * determined it is what is missing, and what was seen all the same comes after it.
 */
export function decidedBy(finding: { status: string; reason: string | null; observed: string | null }): string {
  const { status, reason, observed } = finding;
  if (status !== 'UNVERIFIED') return readableTimes(observed || reasonWords(reason ?? ''));
  const missing = reasonWords(reason ?? '');
  return observed ? `${missing || 'Not known why'}. Seen: ${readableTimes(observed)}` : missing;
}
