import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { Integer, Null, OctetString } from 'asn1js';
import {
  AlgorithmIdentifier,
  Certificate,
  type ExtKeyUsage,
  MessageImprint,
  SignedData,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from 'pkijs';
import { usageError } from '../../../domain/model/errors.ts';

/** Has somebody else attest when a document existed (RFC 3161). */
export interface TimestampAuthority {
  readonly url: string;
  /** @returns the reply as it came, DER @throws TrailSealError TIMESTAMP */
  stamp(document: Uint8Array): Promise<Uint8Array>;
}

/** What a time stamp says, and what is wrong with it. */
export interface CheckedTimestamp {
  /** ISO 8601 UTC; null where the reply holds no time stamp. */
  time: string | null;
  /** Subject of the certificate that signed it. */
  authority: string | null;
  /** Its certificate leads to one of those that were given; null where none were. */
  trusted: boolean | null;
  /** One sentence; null where it holds. */
  problem: string | null;
}

const SHA_256 = '2.16.840.1.101.3.4.2.1';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const FOR_TIME_STAMPS = '1.3.6.1.5.5.7.3.8';
const NONCE_BYTES = 8;
/** PKIStatus of RFC 3161, 2.4.2: granted, and granted with changes. */
const GRANTED = [0, 1];

/** A request for a time stamp over a document, DER, with a nonce; the authority's certificate is to come with it. */
export function timestampRequest(document: Uint8Array): Uint8Array {
  // A leading 01 keeps the integer positive and of one length.
  const nonce = Uint8Array.from([1, ...randomBytes(NONCE_BYTES)]);
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA_256, algorithmParams: new Null() }),
      hashedMessage: new OctetString({ valueHex: createHash('sha256').update(document).digest() }),
    }),
    nonce: new Integer({ valueHex: nonce.buffer }),
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER());
}

/**
 * Why a reply is no answer to a request, in words that follow "it"; null where it is one. Nonce: RFC 3161, 2.4.2.
 */
export function whyNoAnswer(reply: Uint8Array, request: Uint8Array): string | null {
  const read = replyIn(reply);
  if (read === null) return 'is no time-stamp reply';
  if (read.info === null) return `refused: ${read.refusal}`;
  const asked = TimeStampReq.fromBER(Uint8Array.from(request));
  const same = (a: Integer | undefined, b: Integer | undefined): boolean =>
    a !== undefined && b !== undefined && Buffer.from(a.valueBlock.valueHexView).equals(b.valueBlock.valueHexView);
  return same(asked.nonce, read.info.nonce) ? null : 'answered another request';
}

/** Certificates in PEM, one after another. @throws TrailSealError USAGE */
export function readAuthorities(pem: string): Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    if (blocks.length > 0) return blocks.map((block) => Certificate.fromBER(new X509Certificate(block).raw));
  } catch {
    // said below
  }
  throw usageError('The file of --tsa-ca holds no certificates in PEM form.');
}

/**
 * Checks a time stamp over a document, offline: its imprint, its signature, that its certificate is one for time
 * stamps (RFC 3161, 2.3), and, where certificates are given, that it leads to one of them at the time it states.
 */
export async function checkTimestamp(
  reply: Uint8Array,
  document: Uint8Array,
  authorities: readonly Certificate[] | null,
): Promise<CheckedTimestamp> {
  const read = replyIn(reply);
  if (!read?.info || !read.signed)
    return { time: null, authority: null, trusted: null, problem: 'It cannot be read, or holds no time stamp.' };
  const { info, signed } = read;
  const said = { time: info.genTime.toISOString(), authority: null as string | null, trusted: null };
  const broken = (problem: string): CheckedTimestamp => ({ ...said, problem });
  const verified = await verification(signed, { document, info, authorities: [] });
  if (!verified) return broken('Its signature does not hold, or it is over another document.');
  said.authority = new X509Certificate(Buffer.from(verified.toSchema().toBER())).subject.replaceAll('\n', ', ');
  if (!isForTimestamps(verified)) return broken('It is signed with a certificate that is not one for time stamps.');
  if (authorities === null) return { ...said, problem: null };
  const chained = await verification(signed, { document, info, authorities });
  if (chained) return { ...said, trusted: true, problem: null };
  return { ...broken('Its certificate does not lead to one that was given (--tsa-ca).'), trusted: false };
}

/** @returns the certificate that signed, where the signature holds and leads to an authority; with none given, where it holds */
async function verification(
  signed: SignedData,
  given: { document: Uint8Array; info: TSTInfo; authorities: readonly Certificate[] },
): Promise<Certificate | null> {
  try {
    const { signatureVerified, signerCertificateVerified, signerCertificate } = await signed.verify({
      signer: 0,
      data: Uint8Array.from(given.document).buffer,
      trustedCerts: [...given.authorities],
      checkChain: given.authorities.length > 0,
      checkDate: given.info.genTime,
      extendedMode: true,
    });
    if (!signatureVerified || !signerCertificate) return null;
    return given.authorities.length > 0 && !signerCertificateVerified ? null : signerCertificate;
  } catch {
    return null; // what does not verify is thrown as well as returned
  }
}

const isForTimestamps = ({ extensions = [] }: Certificate): boolean =>
  extensions.some(
    ({ extnID, parsedValue }) =>
      extnID === EXTENDED_KEY_USAGE && (parsedValue as ExtKeyUsage | undefined)?.keyPurposes.includes(FOR_TIME_STAMPS),
  );

/** A reply as far as it can be read; null where it is none. */
function replyIn(
  bytes: Uint8Array,
): { info: TSTInfo | null; signed: SignedData | null; refusal: string | null } | null {
  try {
    const reply = TimeStampResp.fromBER(Uint8Array.from(bytes));
    const { status, statusStrings } = reply.status;
    if (!GRANTED.includes(status) || !reply.timeStampToken) {
      const words = (statusStrings ?? []).map(({ valueBlock }) => valueBlock.value).join(' ');
      return { info: null, signed: null, refusal: words || `status ${status}` };
    }
    const signed = new SignedData({ schema: reply.timeStampToken.content });
    const content = signed.encapContentInfo.eContent?.getValue();
    return { info: content ? TSTInfo.fromBER(content) : null, signed, refusal: 'no time stamp in it' };
  } catch {
    return null;
  }
}
