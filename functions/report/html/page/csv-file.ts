import { spreadsheetCell } from '../../exports/csv-injection.ts';
import type { PackedValue } from '../pack-format.ts';

/** Hands the rows over as a CSV file: as findings.csv is written, with no cell that a spreadsheet would run or change. */
export function downloadCsv(name: string, header: readonly string[], rows: Iterable<readonly PackedValue[]>): void {
  const parts: string[] = [`\uFEFF${header.join(',')}\n`];
  for (const row of rows) parts.push(`${row.map(cell).join(',')}\n`);
  const url = URL.createObjectURL(new Blob(parts, { type: 'text/csv;charset=utf-8' }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function cell(value: PackedValue): string {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = spreadsheetCell(Array.isArray(value) ? value.join(' | ') : String(value));
  return text === '' || /[",\r\n]/.test(text) || /^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
