import { Writable } from 'node:stream';
import { runProgram } from '../../functions/cli/program.ts';

/** What a command came to, as a shell would see it. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

let last: Promise<unknown> = Promise.resolve();

/** Runs a command in this process, as if in one of its own: arguments, environment and folder are its own meanwhile. */
export function inThisProcess(
  words: readonly string[],
  {
    env,
    cwd,
    signal = new AbortController().signal,
  }: {
    env: Readonly<Record<string, string>>;
    cwd: string;
    /** Ctrl-C. */
    signal?: AbortSignal;
  },
): Promise<Ended> {
  const run = async (): Promise<Ended> => {
    const before = { argv: process.argv, env: { ...process.env }, cwd: process.cwd() };
    process.argv = [...process.argv.slice(0, 2), ...words];
    setEnvironment(env);
    process.chdir(cwd);
    const [out, err] = [sink(), sink()];
    try {
      const terminal = { out: out.stream, err: err.stream, style: (_: string, text: string) => text };
      const code = await runProgram({ words, terminal, signal });
      return { code, signal: null, out: out.text(), err: err.text() };
    } finally {
      process.chdir(before.cwd);
      setEnvironment(before.env);
      process.argv = before.argv;
    }
  };
  // One after the other: a process has one environment and one folder.
  const ended = last.then(run);
  last = ended.catch(() => {});
  return ended;
}

function setEnvironment(env: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
}

function sink(): { stream: NodeJS.WriteStream; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => Buffer.concat(chunks).toString('utf8') };
}
