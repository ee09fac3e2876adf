export type CsvValue = string | number | boolean | null | readonly CsvValue[] | { readonly [name: string]: CsvValue };

/**
 * A value as a cell of a CSV file, quoted as RFC 4180 has it: lists joined by ` | `, null as nothing, an empty string as `""`.
 * @param text what is done to texts before they are quoted; numbers stay numbers: -5 is no formula
 */
export function csvCell(value: CsvValue, text: (value: string) => string): string {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const shown = text(typeof value === 'string' ? value : joined(value));
  return shown === '' || /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

const joined = (value: CsvValue): string => {
  if (Array.isArray(value))
    return value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(' | ');
  return JSON.stringify(value);
};
