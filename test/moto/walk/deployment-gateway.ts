import { createServer, request as httpRequest, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Template } from '../../../infra/release/conditional-template.ts';
import { decided } from '../../infra/release/evaluated.ts';
import { MOTO_REGION, type MotoGateway } from '../gateway.ts';
import { roleExists } from '../roles.ts';

export interface DeploymentGateway {
  url: string;
  /** Roles that were asked for and do not exist: each was refused. */
  refused: string[];
  /** Policies of buckets, as they were put: moto denies what they deny whatever their conditions say. */
  bucketPolicies: unknown[];
  stop(): Promise<void>;
}

/**
 * What a deployment meets in AWS and moto lacks, before the gateway that refuses AssumeRole: CloudFormation refuses a
 * service role that does not exist, StackSets are trusted only once they were activated, Lambda tells what it leaves.
 * Tags go the way deployment.ts lets them go.
 */
export const startDeploymentGateway = async (moto: MotoGateway): Promise<DeploymentGateway> => {
  const refused: string[] = [];
  const bucketPolicies: unknown[] = [];
  let stackSetsAreTrusted = false;
  /** moto knows no delegated administrator of StackSets. */
  const administrators = new Map<string, string[]>();
  const answer = async (
    {
      method = 'GET',
      url = '/',
      headers,
    }: { method?: string | undefined; url?: string | undefined; headers: IncomingHttpHeaders },
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> => {
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    const form = new URLSearchParams(isForm ? body.toString() : '');
    const xml = (status: number, text: string) => {
      response.writeHead(status, { 'content-type': 'text/xml' });
      response.end(text);
    };
    if (url.includes('/account-settings')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ AccountLimit: { UnreservedConcurrentExecutions: 1_000 } }));
      return;
    }
    if (method === 'PUT' && /[?&]policy(=|&|$)/.test(url)) {
      bucketPolicies.push(JSON.parse(body.toString()));
      response.writeHead(204).end();
      return;
    }
    const [, organizations] =
      /\.(\w+DelegatedAdministrator|ListDelegatedServicesForAccount)$/.exec(String(headers['x-amz-target'])) ?? [];
    if (organizations !== undefined) {
      const { AccountId = '', ServicePrincipal } = JSON.parse(body.toString()) as {
        AccountId?: string;
        ServicePrincipal?: string;
      };
      const services = administrators.get(AccountId) ?? [];
      if (ServicePrincipal !== undefined) administrators.set(AccountId, [...services, ServicePrincipal]);
      const isUnknown = ServicePrincipal === undefined && services.length === 0;
      response.writeHead(isUnknown ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(
        JSON.stringify(
          isUnknown
            ? { __type: 'AccountNotRegisteredException', message: 'The account is no delegated administrator' }
            : { DelegatedServices: services.map((name) => ({ ServicePrincipal: name })) },
        ),
      );
      return;
    }
    const action = form.get('Action') ?? '';
    if (/OrganizationsAccess$/.test(action)) {
      if (action === 'ActivateOrganizationsAccess') stackSetsAreTrusted = true;
      const Status = stackSetsAreTrusted ? 'ENABLED' : 'DISABLED';
      return xml(
        200,
        `<${action}Response><${action}Result><Status>${Status}</Status></${action}Result></${action}Response>`,
      );
    }
    if (action === 'DescribeStacks' && form.get('StackName') === 'CDKToolkit') {
      const { status, text } = await describedBootstrap(moto.directUrl, headers, body);
      return xml(status, text);
    }
    const role = form.get('RoleARN') ?? '';
    if (role !== '' && !(await roleExists(moto.directUrl, role))) {
      refused.push(role);
      const why = `Role ${role} is invalid or cannot be assumed`;
      return xml(
        400,
        `<ErrorResponse><Error><Code>ValidationError</Code><Message>${why}</Message></Error></ErrorResponse>`,
      );
    }
    await forward({
      to: moto.url,
      method,
      url,
      headers,
      body: await asMotoReadsIt({ moto: moto.directUrl, method, url, form, body }),
      response,
    });
  };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      answer(incoming, Buffer.concat(chunks), response).catch((error: Error) => {
        if (!response.headersSent) response.writeHead(502);
        response.end(error.message);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    bucketPolicies,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** moto gives a stack that came by a change set no outputs: the bootstrap's version is in its parameter, too. */
const describedBootstrap = async (moto: string, headers: IncomingHttpHeaders, body: Buffer) => {
  const { authorization = '', 'x-amz-security-token': token = '' } = headers;
  const signed = { authorization, ...(token && { 'x-amz-security-token': String(token) }) };
  const stacks = await fetch(moto, {
    method: 'POST',
    headers: { ...signed, 'content-type': 'application/x-www-form-urlencoded' },
    body: new Uint8Array(body),
  });
  const parameter = await fetch(moto, {
    method: 'POST',
    headers: {
      ...signed,
      authorization: authorization.replace('/cloudformation/', '/ssm/'),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonSSM.GetParameter',
    },
    body: JSON.stringify({ Name: '/cdk-bootstrap/hnb659fds/version' }),
  });
  const { Parameter } = (await parameter.json()) as { Parameter?: { Value: string } };
  const output = `<member><OutputKey>BootstrapVersion</OutputKey><OutputValue>${Parameter?.Value}</OutputValue></member>`;
  const text = (await stacks.text()).replace('</StackStatus>', `</StackStatus><Outputs>${output}</Outputs>`);
  return { status: stacks.status, text };
};

interface Sent {
  moto: string;
  method: string;
  url: string;
  form: URLSearchParams;
  body: Buffer;
}

/** moto looks for templates at amazonaws.com, reads no condition that leaves something out, and its KMS reads tags in another form. */
const asMotoReadsIt = async ({ moto, method, url, form, body }: Sent): Promise<Buffer> => {
  const template = form.get('TemplateURL');
  if (template !== null) {
    const answer = await fetch(`${moto}${new URL(template).pathname}`, { headers: { authorization: READER } });
    form.delete('TemplateURL');
    form.set('TemplateBody', await answer.text());
  }
  const text = form.get('TemplateBody');
  if (text?.startsWith('{')) {
    form.set('TemplateBody', JSON.stringify(decided(JSON.parse(text) as Template, parametersIn(form))));
    return Buffer.from(form.toString());
  }
  if (method !== 'PUT' || !/\.json(\?|$)/.test(url)) return body;
  const { Resources = {}, ...rest } = JSON.parse(body.toString()) as {
    Resources?: Record<string, { Properties?: { Tags?: unknown } }>;
  };
  for (const { Properties } of Object.values(Resources)) delete Properties?.Tags;
  return Buffer.from(JSON.stringify({ ...rest, Resources }));
};

const READER = `AWS4-HMAC-SHA256 Credential=test/20261101/${MOTO_REGION}/s3/aws4_request, SignedHeaders=host, Signature=0`;

const parametersIn = (form: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...form].flatMap(([name, value]) =>
      /^Parameters\.member\.\d+\.ParameterKey$/.test(name)
        ? [[value, form.get(name.replace(/Key$/, 'Value')) ?? '']]
        : [],
    ),
  );

const forward = ({
  to,
  method,
  url,
  headers: given,
  body,
  response,
}: {
  to: string;
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  response: ServerResponse;
}): Promise<void> => {
  const { hostname, port } = new URL(to);
  // The body may be another than the one that they are for.
  const kept = Object.entries(given).filter(
    ([name]) => !/^(transfer-encoding|expect|connection)$|checksum|content-md5/.test(name),
  );
  const headers = { ...Object.fromEntries(kept), 'content-length': String(body.length) };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, method, path: url, headers }, (answered) => {
      const { connection: _, ...back } = answered.headers;
      response.writeHead(answered.statusCode ?? 502, back);
      answered.pipe(response);
      answered.once('end', resolve);
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
};
