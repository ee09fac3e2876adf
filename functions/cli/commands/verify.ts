import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { usageError } from '../../domain/model/errors.ts';
import { readAuthorities } from '../../report/evidence/integrity/timestamp.ts';
import type { Problem, Verification } from '../../report/evidence/integrity/verification.ts';
import { readPublicKey, type VerifyRequest, verifyPack } from '../../report/evidence/verify.ts';
import { columns, sanitize, type Terminal } from '../terminal.ts';

const PROBLEMS_SHOWN = 1_000;

/** `trailseal verify`: 0 sound, 2 not. Nothing is asked of anybody. */
export async function verifyCommand(
  file: string,
  options: { key: string[]; tsaCa?: string; json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const [first = '', ...others] = options.key;
  const keys = [
    await publicKeyIn(first),
    ...(await Promise.all(others.map(publicKeyIn))),
  ] satisfies VerifyRequest['keys'];
  const authorities =
    options.tsaCa === undefined ? null : readAuthorities(await contentOf(options.tsaCa, CERTIFICATES));
  if (!existsSync(file)) throw usageError(`There is no file ${file.slice(0, 200)}.`);
  const verification = await verifyPack({ file, keys, authorities });
  terminal.out.write(options.json ? `${JSON.stringify(verification)}\n` : words(file, verification, terminal));
  return verification.sound ? 0 : 2;
}

const PUBLIC_KEY = { what: 'The public key', option: '--key' };
const CERTIFICATES = { what: 'The file of certificates', option: '--tsa-ca' };

const publicKeyIn = async (file: string) => readPublicKey(await contentOf(file, PUBLIC_KEY));

async function contentOf(file: string, { what, option }: { what: string; option: string }): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw usageError(`${what} ${file.slice(0, 200)} (${option}) cannot be read.`, { cause });
  }
}

function words(file: string, verification: Verification, { style }: Terminal): string {
  const { sound, pack, problems, notes } = verification;
  const head = sound ? style('green', 'SOUND') : style('red', 'NOT SOUND');
  const lines = [`${style('bold', sanitize(file))}: ${head}`];
  if (pack) lines.push(about(verification));
  if (problems.length > 0) lines.push(columns(problems.slice(0, PROBLEMS_SHOWN).map(problemRow)));
  if (problems.length > PROBLEMS_SHOWN) lines.push(`… and ${problems.length - PROBLEMS_SHOWN} more (--json has all).`);
  lines.push(...notes.slice(0, 20).map((note) => `Note: ${sanitize(note)}`));
  if (notes.length > 20) lines.push(`… and ${notes.length - 20} more notes (--json has all).`);
  return `${lines.join('\n')}\n`;
}

function about({ pack, sound, files, bytes, keyFingerprint, signedBy, timestamp }: Verification): string {
  if (!pack) return '';
  const { framework, period, runs, subset } = pack;
  const what = period ? `${runs.length} runs from ${period.from} to ${period.to}` : `run ${runs[0]?.run_id ?? '?'}`;
  const lines = [
    `${framework.name} ${framework.version}, ${what}${subset ? `, ${subset.accounts_shown} of ${subset.accounts_in_runs} accounts` : ''}: ${pack.status}. ${files} files, ${bytes} bytes.`,
  ];
  if (pack.simulated) lines.push('SIMULATED ORGANIZATION: evidence of nothing.');
  if (pack.status === 'PARTIAL') lines.push('PARTIAL: some accounts and Regions did not answer; see cover.html.');
  if (pack.made_at !== null) lines.push(`Made at ${pack.made_at} by ${pack.made_by}, as it says.`);
  if (timestamp?.trusted && timestamp.problem === null)
    lines.push(`Attested at ${timestamp.time} by ${timestamp.authority}.`);
  if (sound) lines.push(`Every file is as signed with the key you gave, ${keyFingerprint}.`);
  if (sound && signedBy?.startsWith('local '))
    lines.push('Integrity only: a key of the machine that made it shows that nothing changed since, not who made it.');
  return sanitize(lines.join('\u0000')).replaceAll('\\u0000', '\n');
}

const problemRow = ({ kind, path, message }: Problem): string[] => [kind, sanitize(path ?? ''), sanitize(message)];
