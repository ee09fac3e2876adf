/** An HTTP request as the core reads it, from the SDK's request object or from a socket. */
export interface WireRequest {
  method: string;
  hostname: string;
  /** Percent-encoded, without the query. */
  path: string;
  query: Readonly<Record<string, string | string[] | null>>;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
  /** The SDK takes an object's body as a stream only. */
  stream?: true;
}

/** The outcome of a call on the wire. `cut`: the connection breaks within the body. */
export type Reply = { kind: 'response' | 'cut'; response: WireResponse } | { kind: 'reset' } | { kind: 'stall' };

/** Answers requests, at once: what the server and the SDK's request handler are made of. */
export interface Answering {
  answer(request: WireRequest): Reply;
  /** Milliseconds until an answer. */
  readonly latency: number;
}

/** How a service speaks: AWS JSON 1.1, AWS Query, EC2 Query, or S3's REST-XML. */
export type Protocol = 'json' | 'query' | 'ec2' | 's3';

/** An answer that is an error: thrown by operations, put into words by `errorResponse`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Elements (S3) or members (JSON) in addition to code and message. */
  readonly extra: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    code: string,
    message: string,
    options?: { extra?: Record<string, string>; headers?: Record<string, string> },
  ) {
    // An answer, not a fault of this program: where it was made helps nobody, and costs more than the answer.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.code = code;
    this.extra = options?.extra ?? {};
    this.headers = options?.headers ?? {};
  }
}

/** Text as it may stand in an XML element. XML 1.0 cannot say most control characters at all: they are left out. */
export const xmlText = (text: string): string =>
  text.replace(UNSAYABLE, '').replace(/[&<>"\r]/g, (found) => XML[found] ?? '');

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML has no way to write
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const XML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' };

export const element = (name: string, text: string | number | boolean): string =>
  `<${name}>${xmlText(String(text))}</${name}>`;

export const jsonResponse = (body: object, requestId: string): WireResponse => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId },
  body: JSON.stringify(body),
});

export const xmlResponse = (body: string, requestId: string): WireResponse => ({
  status: 200,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
  body,
});

/** The error in the words of the protocol that the client speaks. */
export const errorResponse = (options: {
  protocol: Protocol;
  error: ApiError;
  requestId: string;
  method: string;
}): WireResponse => {
  const { protocol, error, requestId } = options;
  if (protocol === 'json') {
    return {
      status: error.status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId, ...error.headers },
      body: JSON.stringify({ __type: error.code, message: error.message, ...error.extra }),
    };
  }
  const code = element('Code', error.code);
  const message = element('Message', error.message);
  if (protocol === 'query') {
    const type = error.status < 500 ? 'Sender' : 'Receiver';
    return {
      status: error.status,
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId, ...error.headers },
      body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>${type}</Type>${code}${message}</Error>${element('RequestId', requestId)}</ErrorResponse>`,
    };
  }
  if (protocol === 'ec2') {
    return {
      status: error.status,
      headers: { 'content-type': 'text/xml;charset=UTF-8', ...error.headers },
      body: `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${code}${message}</Error></Errors>${element('RequestID', requestId)}</Response>`,
    };
  }
  const extra = Object.entries(error.extra)
    .map(([name, value]) => element(name, value))
    .join('');
  return {
    status: error.status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId, ...error.headers },
    // HTTP gives HEAD no body, so S3's error code is lost there, as it is in life.
    body:
      options.method === 'HEAD'
        ? ''
        : `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${code}${message}${extra}${element('RequestId', requestId)}</Error>`,
  };
};
