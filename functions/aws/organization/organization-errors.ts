import { TrailSealError } from '../../domain/model/errors.ts';
import type { CallError } from '../../reads/call-error.ts';
import type { AwsAccess } from '../calls/clients.ts';
import { isClockSkew } from '../calls/failure.ts';

/** Sentences for a scan that cannot begin: each says what to do about it. */

type Asked = Pick<AwsAccess, 'profile' | 'regionAssumed'>;

const SELF =
  'to scan just the account these credentials belong to, add --accounts self; to scan accounts that you name, --accounts-file';

export const callerError = (error: CallError, asked: Asked): TrailSealError =>
  commonError(error, asked) ?? unexpected(error, 'CREDENTIALS');

export const accountsError = (error: CallError): TrailSealError => {
  const { kind, code, operation } = error.failure;
  const say = (sentence: string) => new TrailSealError('ORGANIZATION', sentence, { cause: error });
  if (code === 'AWSOrganizationsNotInUseException') {
    return say(`This account is in no AWS organization: ${SELF}.`);
  }
  if ((kind === 'DENIED' || kind === 'DENIED_BY_SCP') && operation === 'ListTagsForResource') {
    return say(
      'These credentials may not read the tags of accounts, which --account-tag or a waiver asks for: allow organizations:ListTagsForResource.',
    );
  }
  if (kind === 'DENIED' || kind === 'DENIED_BY_SCP') {
    return say(
      'These credentials may not list the organization: use the management account or a delegated administrator, ' +
        `with organizations:ListAccounts allowed; or, ${SELF}.`,
    );
  }
  if (kind === 'THROTTLED') {
    return say('AWS Organizations went on throttling the listing of accounts: try again in a few minutes.');
  }
  return commonError(error) ?? unexpected(error, 'ORGANIZATION');
};

export const regionsError = (error: CallError): TrailSealError => {
  const { kind } = error.failure;
  if (kind === 'DENIED' || kind === 'DENIED_BY_SCP') {
    const sentence =
      "The scanner may not list the partition's Regions: allow it ec2:DescribeRegions in its own account.";
    return new TrailSealError('REGIONS', sentence, { cause: error });
  }
  return commonError(error) ?? unexpected(error, 'REGIONS');
};

/** What can go wrong with any first call: credentials that are missing or spent, an endpoint that is not there. */
const commonError = (error: CallError, asked?: Asked): TrailSealError | null => {
  const { kind, code, message } = error.failure;
  if (kind === 'CREDENTIALS')
    return new TrailSealError('CREDENTIALS', credentialsSentence(error.failure, asked), { cause: error });
  const say = (sentence: string) => new TrailSealError('ENDPOINT', sentence, { cause: error });
  if (UNTRUSTED.test(`${code} ${message}`)) {
    return say(
      `The TLS certificate of AWS's endpoint is not trusted here (${message}): where a proxy re-signs TLS, set AWS_CA_BUNDLE to a file with its certificate.`,
    );
  }
  // 407 comes from no service of AWS.
  if (code === 'HTTP407') {
    return say(
      'The proxy asks for a user and a password (HTTP407): give them in HTTPS_PROXY, as in http://user:password@proxy:3128.',
    );
  }
  if (!UNREACHABLE.test(code)) return null;
  return say(`AWS cannot be reached (${message}): check the network, HTTPS_PROXY, the Region and AWS_ENDPOINT_URL.`);
};

const UNREACHABLE = /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError)$/;
const UNTRUSTED =
  /UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|SELF_SIGNED_CERT|unable to (?:verify the first|get (?:local )?issuer) certificate|self-signed certificate/;

const credentialsSentence = ({ code, message }: CallError['failure'], asked: Asked | undefined): string => {
  if (isClockSkew(code, message)) {
    return `This machine's clock is wrong, not the credentials (${code}: ${message}): set the clock, and run again.`;
  }
  if (/expired/i.test(`${code} ${message}`)) {
    return 'The AWS credentials have expired: renew them (for SSO, aws sso login) and run again.';
  }
  if (code === 'CredentialsProviderError') {
    const where = asked?.profile === undefined ? '' : ` in the profile ${JSON.stringify(asked.profile)}`;
    return `There are no usable AWS credentials${where} (${message}): set AWS_PROFILE or --profile, or run aws sso login or aws configure.`;
  }
  const elsewhere = asked?.regionAssumed
    ? ' No Region is set, so us-east-1 was assumed: for AWS GovCloud (US) or China add --home-region us-gov-west-1 or --home-region cn-north-1.'
    : '';
  return `AWS does not accept these credentials (${code}: ${message}): check the profile, its keys and the machine's clock.${elsewhere}`;
};

const unexpected = (error: CallError, code: string): TrailSealError => {
  const { operation, code: answer, message } = error.failure;
  return new TrailSealError(code, `${operation} failed (${answer}): ${message}`, { cause: error });
};
