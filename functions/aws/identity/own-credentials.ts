import { fromEnv, fromIni, fromNodeProviderChain, fromTokenFile } from '@aws-sdk/credential-providers';
import { TrailSealError } from '../../domain/model/errors.ts';
import type { RequestHandler } from '../calls/request-handler.ts';
import type { AwsCredentials } from '../calls/sigv4.ts';
import type { AskMfaCode } from './mfa-code.ts';
import { type IdentitySource, readProfiles } from './profile.ts';

/**
 * Credentials of one source, never of another in its place. The clients that the source needs (SSO, OIDC, STS) share the
 * network: its proxy and its certificates.
 * @param region of STS, where the profile names none
 */
export const ownCredentials = ({
  source,
  region,
  network,
  askMfaCode,
}: {
  source: IdentitySource;
  region: string;
  network: RequestHandler;
  askMfaCode: AskMfaCode;
}): (() => Promise<AwsCredentials>) => {
  // A region in clientConfig would replace that of the SSO session.
  const requestHandler = network as never;
  const inner = { clientConfig: { requestHandler }, parentClientConfig: { requestHandler, region } };
  switch (source.kind) {
    case 'environment':
      return fromEnv();
    case 'web identity':
      return fromTokenFile(inner);
    case 'machine':
      return fromNodeProviderChain(inner);
    case 'profile':
      return ofProfile(source.name, inner, askMfaCode);
  }
};

const ofProfile = (name: string, inner: object, askMfaCode: AskMfaCode): (() => Promise<AwsCredentials>) => {
  let refused: TrailSealError | null = null;
  const ask: AskMfaCode = async (serial) => {
    try {
      return await askMfaCode(serial);
    } catch (error) {
      if (error instanceof TrailSealError) refused = error;
      throw error;
    }
  };
  return async () => {
    // Asked once, not again when the failure is looked into.
    if (refused) throw refused;
    const settings = (await readProfiles())[name];
    const source = settings?.source_profile;
    // The SDK asks for the code while it fetches these; where that fails, it would end the process.
    if (settings?.mfa_serial && source && source !== name) await fromIni({ ...inner, profile: source })();
    return fromIni({ ...inner, profile: name, mfaCodeProvider: ask })();
  };
};
