import { s3Target } from './s3-request.ts';
import type { Service } from './service.ts';
import type { WireRequest } from './wire.ts';

/** Which operation a request asks for, and with what input, as its protocol says it. */
export const operationOf = (
  service: Service,
  request: WireRequest,
): { name: string; input: Readonly<Record<string, unknown>> } => {
  if (service.protocol === 's3') {
    const { operation, bucket, key } = s3Target(request);
    return { name: operation, input: { ...request.query, Bucket: bucket, Key: key } };
  }
  if (service.protocol === 'json') {
    const target = request.headers['x-amz-target'] ?? '';
    return { name: target.slice(target.lastIndexOf('.') + 1), input: jsonInput(request.body) };
  }
  const form = Object.fromEntries(new URLSearchParams(Buffer.from(request.body).toString()));
  return { name: form.Action ?? '', input: form };
};

const jsonInput = (body: Uint8Array): Record<string, unknown> => {
  if (body.length <= 2) return {};
  try {
    const input: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
