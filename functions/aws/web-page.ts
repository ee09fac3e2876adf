import type { RequestHandler } from './clients.ts';

interface Response {
  statusCode: number;
  headers: Record<string, string>;
  body?: { destroy?(): void };
}

/**
 * S3 answers no read of ours with a web page: one comes from a proxy or a sign-in portal. The SDK would take it for XML
 * without content, and a bucket's versioning for switched off. Only S3 is asked by GET; elsewhere a page is no JSON, or
 * lacks what the answer must hold.
 */
export const refusingWebPages = (inner: RequestHandler): RequestHandler => ({
  destroy: () => inner.destroy?.(),
  handle: async (request, options) => {
    const answer = await inner.handle(request, options);
    const { statusCode, headers, body } = answer.response as Response;
    const isPage = statusCode < 300 && /^text\/html\b/i.test(headers['content-type'] ?? '');
    if (!isPage || (request as { method: string }).method !== 'GET') return answer;
    body?.destroy?.();
    throw Object.assign(new Error('a web page came in place of an answer'), { name: 'MalformedAnswer' });
  },
});
