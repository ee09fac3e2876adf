import { isLive } from '../../domain/model/organization.ts';
import { readPolicy } from '../server/authorization.ts';
import { type Operation, type Service, type ServiceCall, textOf } from './service.ts';
import { ApiError, element } from './wire.ts';

const OPERATIONS: Record<string, Operation> = {
  GetCallerIdentity: {
    action: null,
    quota: { rate: 600, burst: 600 },
    run: (call) =>
      result(
        call,
        element('Arn', call.principal.arn) +
          element('UserId', call.principal.userId) +
          element('Account', call.principal.accountId),
      ),
  },
  AssumeRole: {
    resource: ({ input }) => textOf(input, 'RoleArn') || '*',
    subject: ({ input }) => textOf(input, 'RoleArn'),
    quota: { rate: 600, burst: 600 },
    run: (call) => {
      const { input, world, rules, sessions, principal } = call;
      const roleArn = textOf(input, 'RoleArn');
      const name = textOf(input, 'RoleSessionName');
      const seconds = input.DurationSeconds === undefined ? 3_600 : Number(input.DurationSeconds);
      const found = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(roleArn);
      if (!found) throw invalid(`${roleArn} is invalid`);
      if (!/^[\w+=,.@-]{2,64}$/.test(name)) {
        throw invalid(
          `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
        );
      }
      if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
        throw invalid(
          `1 validation error detected: Value '${input.DurationSeconds}' at 'durationSeconds' failed to satisfy constraint`,
        );
      }
      const [, partition, accountId = '', role = ''] = found;
      const account = world.account(accountId);
      const externalId = textOf(input, 'ExternalId');
      const trusted =
        partition === world.partition &&
        account !== undefined &&
        isLive(account.state) &&
        account.role &&
        role === rules.roleName &&
        // The role trusts the account that scans, and no other: members cannot assume roles in each other.
        principal.accountId === sessions.caller.accountId &&
        (rules.externalId === null || externalId === rules.externalId);
      if (!trusted) {
        throw new ApiError(
          403,
          'AccessDenied',
          `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
        );
      }
      if (principal.issuedAt !== null && seconds > 3_600) {
        throw invalid(
          'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
        );
      }
      const policy = textOf(input, 'Policy');
      if (policy.length > 2_048) throw invalid('Member must have length less than or equal to 2048');
      if (policy !== '') {
        try {
          readPolicy(policy);
        } catch {
          throw new ApiError(400, 'MalformedPolicyDocument', 'This policy contains invalid Json');
        }
      }
      const issued = sessions.issue({
        accountId,
        role,
        name,
        issuedAt: call.wireNow,
        lastsMs: rules.sessionMs ?? seconds * 1_000,
        globalToken: call.request.hostname.startsWith('sts.amazonaws.'),
        policy: policy === '' ? null : policy,
      });
      return result(
        call,
        `<AssumedRoleUser>${element('AssumedRoleId', `${issued.roleId}:${name}`)}${element('Arn', issued.arn)}</AssumedRoleUser>` +
          `<Credentials>${element('AccessKeyId', issued.accessKeyId)}${element('SecretAccessKey', issued.secretAccessKey)}` +
          `${element('SessionToken', issued.sessionToken ?? '')}${element('Expiration', new Date(call.wireNow + seconds * 1_000).toISOString())}</Credentials>` +
          (policy === '' ? '' : element('PackedPolicySize', Math.ceil(policy.length / 40))),
      );
    },
  },
};

/** AWS STS: 600 requests a second per account and region, charged to the caller. */
export const sts: Service = {
  name: 'sts',
  protocol: 'query',
  throttling: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  operations: OPERATIONS,
};

const result = (call: ServiceCall, body: string): string =>
  `<${call.operation}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${call.operation}Result>${body}</${call.operation}Result>` +
  `<ResponseMetadata>${element('RequestId', call.requestId)}</ResponseMetadata></${call.operation}Response>`;

const invalid = (message: string): ApiError => new ApiError(400, 'ValidationError', message);
