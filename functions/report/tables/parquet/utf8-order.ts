/**
 * Orders texts by their UTF-8 bytes, as Parquet's statistics must. JavaScript's own `<` compares UTF-16 units, and puts
 * what lies beyond the basic plane before U+E000.
 */
export function utf8Order(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    return left < 0xd800 && right < 0xd800 ? left - right : Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return a.length - b.length;
}
