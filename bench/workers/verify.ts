import { readFile } from 'node:fs/promises';
import { readPublicKey, verifyPack } from '../../functions/report/evidence/verify.ts';
import { type Cost, serve, stopwatch } from './serve.ts';

/** Verifies an evidence pack, with the key that lies beside it. */
export interface VerifyInput {
  file: string;
}

export interface VerifyOutput extends Cost {
  sound: boolean;
  files: number;
  bytes: number;
  problems: string[];
}

await serve(async ({ file }: VerifyInput): Promise<VerifyOutput> => {
  const key = readPublicKey(await readFile(`${file}.pem`, 'utf8'));
  const end = stopwatch();
  const { sound, files, bytes, problems } = await verifyPack({ file, keys: [key] });
  return { ...end(), sound, files, bytes, problems: problems.slice(0, 5).map(({ message }) => message) };
});
