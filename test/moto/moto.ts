import { spawn } from 'node:child_process';

export interface MotoServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  stop(): Promise<void>;
}

/** Credentials that moto takes for its own account, 123456789012. */
export const MOTO_CREDENTIALS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'moto' };
export const MOTO_ACCOUNT = '123456789012';

/** What a person must do who wants these tests to run. */
export const INSTALL_MOTO = "pip install 'moto[server]==5.2.1'";

/**
 * Starts moto on a free port.
 * @param options.callbackPort where moto's own services (Step Functions) find the AWS API; default moto itself
 */
export async function startMoto(options: { callbackPort?: number } = {}): Promise<MotoServer> {
  const env: NodeJS.ProcessEnv = { ...process.env, TZ: 'UTC', PYTHONUNBUFFERED: '1' };
  // An endpoint or profile of the person who runs the tests is none of moto's business.
  for (const name of Object.keys(env)) if (name.startsWith('AWS_')) delete env[name];
  delete env.MOTO_PORT;
  if (options.callbackPort !== undefined) env.MOTO_PORT = String(options.callbackPort);
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', '0'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const hear = (chunk: Buffer) => {
      if (said.length > 100_000) return;
      said += chunk.toString('utf8');
      const port = /Running on http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (cause) => reject(new Error(`moto_server does not start: ${INSTALL_MOTO}`, { cause })));
    child.once('exit', (code) => reject(new Error(`moto_server ended with ${code}: ${said}`)));
  });
  return {
    url,
    async stop() {
      process.removeListener('exit', killed);
      killed();
      await gone;
    },
  };
}
