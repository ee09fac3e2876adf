import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { isMap, parseDocument } from 'yaml';
import { usageError } from '../../domain/model/errors.ts';
import { isOpen } from '../../domain/model/vocabulary.ts';
import { parseWaivers } from '../../domain/waivers/waiver.ts';
import type { FindingRow } from '../../report/tables/columns.ts';
import { readTable, selectRun } from '../../report/tables/tables.ts';
import { programName } from '../program-name.ts';
import { sanitize, type Terminal } from '../terminal.ts';
import { openResults, type ResultOptions } from './report.ts';

export interface WaiveOptions extends ResultOptions {
  until: string;
  reason: string;
  ticket: string;
  approver: string;
  file: string;
}

/**
 * `trailseal waive FINDING`: adds a waiver of this one finding to a waivers file, which the next scan takes. The file is
 * checked as a whole, with the new entry, before it is written.
 */
export async function waiveCommand(id: string, options: WaiveOptions, terminal: Terminal): Promise<number> {
  const finding = await findingOf(id, options);
  const today = new Date().toISOString().slice(0, 10);
  const entry = {
    id: `${finding.control_id}-${finding.finding_id.slice(0, 8)}`,
    control: finding.control_id,
    ...(finding.account_id !== null && { accounts: finding.account_id }),
    resources: literally(finding.resource_arn),
    ...{ reason: options.reason, ticket: options.ticket, approver: options.approver },
    ...{ approved_on: today, expires_on: options.until },
  };
  const text = withEntry(await textOf(options.file), entry, options.file);
  parseWaivers(text, { today, file: options.file });
  const partial = `${options.file}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await writeFile(partial, text, { flag: 'wx' });
    await rename(partial, options.file);
  } catch (cause) {
    throw usageError(`${options.file.slice(0, 200)} cannot be written.`, { cause });
  }
  terminal.err.write(
    `${sanitize(finding.resource_arn)}: ${finding.control_id} is waived until ${options.until}, from the next scan with this file on. Waived is not met.\n`,
  );
  terminal.out.write(`${programName()} scan --waivers ${options.file}\n`);
  return 0;
}

/** By its id or as much of its beginning as names one. @throws TrailSealError USAGE */
async function findingOf(id: string, options: WaiveOptions): Promise<FindingRow> {
  if (!/^[0-9a-f]{6,32}$/.test(id))
    throw usageError(
      `"${id.slice(0, 60)}" is not a finding's id: 6 to 32 of its hexadecimal digits, as \`query --named open-findings\` shows it.`,
    );
  const store = await openResults(options);
  const { row, runDate } = await selectRun(store, options.run);
  const found: FindingRow[] = [];
  for await (const finding of readTable({ store, table: 'findings', runId: row.run_id, runDate }))
    if (finding.finding_id.startsWith(id)) found.push(finding);
  const [only, ...others] = found;
  if (!only) throw usageError(`Run ${row.run_id} has no finding ${id}.`);
  if (others.length > 0) throw usageError(`${found.length} findings begin with ${id}: give more of the id.`);
  if (!isOpen(only.status))
    throw usageError(`Finding ${only.finding_id} is ${only.status}: only FAIL and UNVERIFIED can be waived.`);
  return only;
}

/** A waiver's patterns know `*` and `?`; a name that has them is matched by `?`, which is one character. */
const literally = (arn: string): string => arn.replaceAll('*', '?');

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw usageError(`The waivers file ${file.slice(0, 200)} cannot be read.`, { cause: error });
  }
}

/** The file as it was, comments and all, with one more waiver. */
function withEntry(text: string, entry: object, file: string): string {
  const document = parseDocument(text.trim() === '' ? 'waivers: []\n' : text, { schema: 'failsafe' });
  if (document.errors.length > 0 || !isMap(document.contents) || !document.has('waivers'))
    // What is wrong with it is reported by line, as a scan would.
    parseWaivers(text, { today: new Date().toISOString().slice(0, 10), file });
  const list = document.get('waivers', true) as { flow?: boolean } | undefined;
  if (list) list.flow = false;
  document.addIn(['waivers'], document.createNode(entry));
  return document.toString({ lineWidth: 0 });
}
