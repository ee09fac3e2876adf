export interface StaticCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/**
 * A call in the AWS query protocol, for the services we have no SDK client of (IAM). moto looks at the access key and
 * at no signature.
 * @returns the XML of the answer
 * @throws Error with the service's error code as its name
 */
export async function awsQuery(request: {
  url: string;
  service: string;
  region?: string;
  credentials: StaticCredentials;
  parameters: Record<string, string>;
}): Promise<string> {
  const { url, service, region = 'us-east-1', credentials, parameters } = request;
  const credential = `${credentials.accessKeyId}/20260101/${region}/${service}/aws4_request`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=0`,
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-amz-date': '20260101T000000Z',
      ...(credentials.sessionToken && { 'x-amz-security-token': credentials.sessionToken }),
    },
    body: new URLSearchParams(parameters).toString(),
  });
  const xml = await answer.text();
  if (answer.ok) return xml;
  throw Object.assign(new Error(element(xml, 'Message') ?? xml), {
    name: element(xml, 'Code') ?? String(answer.status),
  });
}

/** The text of the first element of that name. */
export const element = (xml: string, name: string): string | null =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? null;

/** Who signed a request, for which service and region. */
export function signedBy(authorization: string | undefined) {
  const found = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(authorization ?? '');
  if (found === null) return null;
  const [, accessKeyId = '', region = '', service = ''] = found;
  return { accessKeyId, region, service };
}
