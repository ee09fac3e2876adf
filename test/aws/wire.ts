import { HttpResponse } from '@smithy/core/protocols';
import type { RequestHandler } from '../../functions/aws/calls/request-handler.ts';

/** A request as it would leave the machine. */
export interface WireCall {
  service: string;
  region: string;
  operation: string;
  /** Whose key signed it. */
  accessKeyId: string;
  sessionToken: string | null;
  input: Record<string, unknown>;
  method: string;
  path: string;
  query: Record<string, string>;
  host: string;
  userAgent: string;
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
}

export interface WireAnswer {
  status?: number;
  body?: string | object;
  headers?: Record<string, string | undefined>;
}

/** An SDK request handler that answers in this process, and keeps what it was asked. */
export const wire = (answer: (call: WireCall) => WireAnswer | Promise<WireAnswer>) => {
  const calls: WireCall[] = [];
  const handler: RequestHandler = {
    handle: async (request, options) => {
      const call = parse(request as unknown as RawRequest, options as unknown as { abortSignal?: AbortSignal });
      calls.push(call);
      const { status = 200, body = '', headers = {} } = await answer(call);
      const isJson = typeof body !== 'string';
      const response = new HttpResponse({
        statusCode: status,
        headers: {
          'content-type': isJson ? 'application/x-amz-json-1.1' : 'text/xml',
          'x-amzn-requestid': `request-${calls.length}`,
          ...headers,
        } as Record<string, string>,
        body: new Blob([isJson ? JSON.stringify(body) : body]).stream(),
      });
      return { response };
    },
  };
  return { handler, calls };
};

export const jsonError = (code: string, message: string, status = 400): WireAnswer => ({
  status,
  body: { __type: code, message },
});

export const queryError = (code: string, message: string, status = 400): WireAnswer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});

export const ec2Error = (code: string, message: string, status = 400): WireAnswer => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r</RequestID></Response>`,
});

export const s3Error = (code: string, message: string, status = 400): WireAnswer => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

/** Answers AssumeRole with credentials whose key names the account: `ASIA<account>` and a generation. */
export const assumed = (call: WireCall, { generation = 1, expiresIn = 900_000 } = {}): WireAnswer => {
  const role = String(call.input.RoleArn);
  const account = role.split(':')[4];
  const session = String(call.input.RoleSessionName);
  return {
    body: `<AssumeRoleResponse><AssumeRoleResult>
      <AssumedRoleUser><AssumedRoleId>AROA:${session}</AssumedRoleId><Arn>arn:aws:sts::${account}:assumed-role/TrailSealAudit/${session}</Arn></AssumedRoleUser>
      <Credentials><AccessKeyId>${keyOf(account ?? '', generation)}</AccessKeyId><SecretAccessKey>secret-of-${account}</SecretAccessKey>
      <SessionToken>token-of-${account}-${generation}</SessionToken><Expiration>${new Date(Date.now() + expiresIn).toISOString()}</Expiration></Credentials>
    </AssumeRoleResult></AssumeRoleResponse>`,
  };
};

export const keyOf = (accountId: string, generation = 1): string => `ASIA${accountId}G${generation}`;

interface RawRequest {
  method: string;
  path: string;
  hostname: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body?: unknown;
}

const parse = (request: RawRequest, options?: { abortSignal?: AbortSignal }): WireCall => {
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '');
  const body = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body as Uint8Array);
  const target = request.headers['x-amz-target']?.split('.').at(-1);
  const form = Object.fromEntries(new URLSearchParams(body));
  const settings = Object.keys(request.query ?? {}).filter((key) => key !== 'x-id');
  return {
    service: scope?.[3] ?? '',
    region: scope?.[2] ?? '',
    operation: target ?? form.Action ?? `${request.method} ${settings.join(' ')}`.trim(),
    accessKeyId: scope?.[1] ?? '',
    sessionToken: request.headers['x-amz-security-token'] ?? null,
    input:
      target || request.headers['content-type'] === 'application/json'
        ? (JSON.parse(body || '{}') as Record<string, unknown>)
        : form.Action
          ? form
          : { ...request.query },
    method: request.method,
    path: request.path,
    query: { ...request.query },
    host: request.hostname,
    userAgent: `${request.headers['user-agent']} ${request.headers['x-amz-user-agent']}`,
    headers: request.headers,
    signal: options?.abortSignal,
  };
};
