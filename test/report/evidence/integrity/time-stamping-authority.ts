import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';

export interface TestAuthority {
  url: string;
  /** PEM file of the root that its certificate leads to. */
  rootFile: string;
  requests(): number;
  close(): Promise<void>;
}

const openssl = (folder: string, ...words: string[]): Buffer =>
  execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });

/** OpenSSL's own time-stamping authority, behind HTTP on loopback, with a root and a certificate made for it. */
export async function timeStampingAuthority({
  folder,
  name = 'tsa',
  usage = 'critical,timeStamping',
  answer,
}: {
  folder: string;
  name?: string;
  /** Extended key usage of its certificate. */
  usage?: string;
  /** In place of OpenSSL's answer to this request, what is sent; null to have OpenSSL answer. */
  answer?: (request: Buffer, n: number) => { status: number; body: Buffer } | null;
}): Promise<TestAuthority> {
  const file = (suffix: string): string => `${name}${suffix}`;
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const root = ['-x509', ...newKey, '-keyout', file('-root.key'), '-out', file('-root.pem')];
  openssl(folder, 'req', ...root, '-subj', `/CN=${name} root`, '-days', '30');
  openssl(folder, 'req', ...newKey, '-keyout', file('.key'), '-out', file('.csr'), '-subj', `/CN=${name}`);
  writeFileSync(join(folder, file('.ext')), `extendedKeyUsage=${usage}\nbasicConstraints=CA:FALSE\n`);
  const signed = ['-req', '-in', file('.csr'), '-CA', file('-root.pem'), '-CAkey', file('-root.key')];
  const made = ['-CAcreateserial', '-out', file('.pem'), '-days', '30', '-extfile', file('.ext')];
  openssl(folder, 'x509', ...signed, ...made);
  writeFileSync(join(folder, file('.serial')), '01\n');
  writeFileSync(
    join(folder, file('.cnf')),
    `[tsa]\ndefault_tsa = t\n[t]\nserial = ${file('.serial')}\ncrypto_device = builtin\nsigner_cert = ${file('.pem')}
certs = ${file('-root.pem')}\nsigner_key = ${file('.key')}\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1
digests = sha256\naccuracy = secs:1\ntsa_name = yes\ness_cert_id_alg = sha256\n`,
  );
  let requests = 0;
  const server: Server = createServer(async (request, response) => {
    requests += 1;
    const query = await buffer(request);
    const instead = answer?.(query, requests) ?? null;
    const body = instead?.body ?? (await reply(folder, file('.cnf'), query, requests));
    response.writeHead(instead?.status ?? 200, { 'content-type': 'application/timestamp-reply' }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsr?policy=1`,
    rootFile: join(folder, file('-root.pem')),
    requests: () => requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function reply(folder: string, config: string, query: Buffer, n: number): Promise<Buffer> {
  const file = `${config}.${n}.tsq`;
  writeFileSync(join(folder, file), query);
  const words = ['ts', '-reply', '-config', config, '-queryfile', file];
  const process = spawn('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  return buffer(process.stdout);
}
