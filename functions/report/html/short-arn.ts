/** A sentence in pieces: the head of each ARN, `arn:aws:kms:us-east-1:111122223333:key/`, and what stands between. */
export function arnHeads(text: string): { text: string; head: boolean }[] {
  return text
    .split(/(arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:(?:key\/|trail\/)?)/)
    .map((part, index) => ({ text: part, head: index % 2 === 1 }))
    .filter(({ text: part }) => part !== '');
}
