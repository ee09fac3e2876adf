/**
 * Thousands of rows say the same of another account, region or resource. Those three words are replaced by a sign
 * each before texts are collected in a dictionary, so that alike rows share one entry; the page puts them back.
 */
export interface PlaceWords {
  account: string | null;
  region: string | null;
  arn: string | null;
}

const ARN = '\u0001';
const ACCOUNT = '\u0002';
const REGION = '\u0003';
/** Before a text that holds a sign of its own, and is kept as it came. */
const AS_IS = '\u0004';
// biome-ignore lint/suspicious/noControlCharactersInRegex: the signs are control characters, since texts have none
const SIGNS = /[\u0001-\u0004]/;

export function withSigns(text: string, { account, region, arn }: PlaceWords): string {
  if (SIGNS.test(text)) return AS_IS + text;
  let signed = text;
  if (arn) signed = signed.replaceAll(arn, ARN);
  if (account) signed = signed.replaceAll(account, ACCOUNT);
  if (region) signed = signed.replaceAll(region, REGION);
  return signed;
}

/** Gives back exactly what `withSigns` was given, for the same words. */
export function withWords(signed: string, { account, region, arn }: PlaceWords): string {
  if (!SIGNS.test(signed)) return signed;
  if (signed.startsWith(AS_IS)) return signed.slice(1);
  return signed
    .replaceAll(REGION, () => region ?? '')
    .replaceAll(ACCOUNT, () => account ?? '')
    .replaceAll(ARN, () => arn ?? '');
}
