import type { RequestHandler } from './request-handler.ts';

interface Response {
  statusCode: number;
  headers: Record<string, string | undefined>;
  body?: { destroy?(): void };
}

/**
 * Refuses a web page that comes in place of an answer, as a proxy or a sign-in portal sends it with status 200. The SDK
 * would take it for XML without content: a bucket without versioning, a log object without encryption. AWS names a
 * request id with every answer, and so do its emulators, also those that call everything text/html.
 */
export const refusingWebPages = (inner: RequestHandler): RequestHandler => ({
  destroy: () => inner.destroy?.(),
  handle: async (request, options) => {
    const answer = await inner.handle(request, options);
    const { statusCode, headers, body } = answer.response as Response;
    const requestId = headers['x-amzn-requestid'] ?? headers['x-amz-request-id'];
    if (statusCode >= 300 || requestId !== undefined || !/^text\/html\b/i.test(headers['content-type'] ?? '')) {
      return answer;
    }
    body?.destroy?.();
    throw Object.assign(new Error('a web page came in place of an answer'), { name: 'MalformedAnswer' });
  },
});
