import { LIMITS } from '../domain/limits/limits.ts';
import { TrailSealError, usageError } from '../domain/model/errors.ts';
import { type TimestampAuthority, timestampRequest, whyNoAnswer } from '../report/evidence/integrity/timestamp.ts';

/** Sends one request; what the SDK's own connections take and give, so that a proxy and a CA bundle are theirs. */
export interface HttpSender {
  handle(request: never): Promise<{ response: unknown }>;
}

interface Reply {
  statusCode: number;
  body: AsyncIterable<Uint8Array>;
}

const ATTEMPTS = 3;

/**
 * A time-stamping authority over HTTP (RFC 3161, 3.4). Asked three times at most, a second apart.
 * @throws TrailSealError USAGE for what is no http or https address
 */
export function timestampAuthority({ url, sender }: { url: string; sender: HttpSender }): TimestampAuthority {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (!address || !/^https?:$/.test(address.protocol) || address.username || address.password)
    throw usageError(
      `"${url.slice(0, 200)}" (--timestamp-url) is not the http or https address of a time-stamping authority.`,
    );
  return {
    url: address.href,
    async stamp(document) {
      const failed: string[] = [];
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, 1_000));
        // Each with a nonce of its own: a late answer to an earlier one is not taken for this one's.
        const request = timestampRequest(document);
        try {
          const reply = await send(sender, address, request);
          const why = whyNoAnswer(reply, request);
          if (why === null) return reply;
          failed.push(`it ${why}`);
        } catch (error) {
          failed.push(error instanceof Error ? error.message || error.name : String(error));
        }
      }
      throw new TrailSealError(
        'TIMESTAMP',
        `The time-stamping authority ${address.href} gave no time stamp (${failed.at(-1)}), and so no pack was made: try again, or leave --timestamp-url out.`,
      );
    },
  };
}

async function send(sender: HttpSender, address: URL, body: Uint8Array): Promise<Uint8Array> {
  const request = {
    method: 'POST',
    protocol: address.protocol,
    hostname: address.hostname,
    ...(address.port && { port: Number(address.port) }),
    path: address.pathname,
    query: Object.fromEntries(address.searchParams),
    headers: {
      host: address.host,
      'content-type': 'application/timestamp-query',
      'content-length': String(body.length),
    },
    body,
  };
  const { statusCode, body: answer } = (await sender.handle(request as never)).response as Reply;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer) {
    bytes += part.length;
    if (bytes > LIMITS.packTimestamp.most) throw new Error('its answer is too long');
    parts.push(part);
  }
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
  return Buffer.concat(parts);
}
