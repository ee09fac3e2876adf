import { TrailSealError } from '../../domain/model/errors.ts';
import type { CallError } from '../../reads/call-error.ts';

/** Sentences for a scan that cannot begin: each says what to do about it. */

const SELF = 'to scan just the account these credentials belong to, add --accounts self';

export const callerError = (error: CallError, profile: string | undefined): TrailSealError =>
  commonError(error, profile) ?? unexpected(error, 'CREDENTIALS');

export const accountsError = (error: CallError): TrailSealError => {
  const { kind, code } = error.failure;
  const say = (sentence: string) => new TrailSealError('ORGANIZATION', sentence, { cause: error });
  if (code === 'AWSOrganizationsNotInUseException') {
    return say(`This account is in no AWS organization: ${SELF}.`);
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
      "The scanner may not list the partition's regions: allow it ec2:DescribeRegions in its own account.";
    return new TrailSealError('REGIONS', sentence, { cause: error });
  }
  return commonError(error) ?? unexpected(error, 'REGIONS');
};

/** What may befall any first call: credentials that are missing or spent, an endpoint that is not there. */
const commonError = (error: CallError, profile?: string): TrailSealError | null => {
  const { kind, code, message } = error.failure;
  if (kind === 'CREDENTIALS')
    return new TrailSealError('CREDENTIALS', credentialsSentence(code, message, profile), { cause: error });
  const unreachable =
    /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError)$/;
  if (!unreachable.test(code)) return null;
  const sentence = `AWS cannot be reached (${message}): check the network, the region and AWS_ENDPOINT_URL.`;
  return new TrailSealError('ENDPOINT', sentence, { cause: error });
};

const credentialsSentence = (code: string, message: string, profile: string | undefined): string => {
  if (/expired/i.test(`${code} ${message}`)) {
    return 'The AWS credentials have expired: renew them (for SSO, aws sso login) and run again.';
  }
  if (code === 'CredentialsProviderError') {
    const where = profile === undefined ? '' : ` in the profile ${JSON.stringify(profile)}`;
    return `There are no usable AWS credentials${where} (${message}): set AWS_PROFILE or --profile, or run aws sso login or aws configure.`;
  }
  return `AWS does not accept these credentials (${code}: ${message}): check the profile, its keys and the machine's clock.`;
};

const unexpected = (error: CallError, code: string): TrailSealError => {
  const { operation, code: answer, message } = error.failure;
  return new TrailSealError(code, `${operation} failed (${answer}): ${message}`, { cause: error });
};
