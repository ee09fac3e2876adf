import { type AwsAccess, createAwsAccess, quietAboutNode } from '../calls/clients.ts';
import { homeRegion } from './home-region.ts';
import { askMfaCode } from './mfa-code.ts';
import { ownCredentials } from './own-credentials.ts';
import { identitySource, settingsInForce } from './profile.ts';
import { networkOfEnvironment } from './proxy.ts';

/**
 * AWS with the identity, the network and the habits of the AWS CLI, for people and pipelines; functions in the cloud use
 * `createAwsAccess` with the role they have.
 * @throws TrailSealError CREDENTIALS before any call, where the identity named is not there
 */
export const ownAccess = async ({
  profile,
  region: asked,
  version,
  signal,
}: {
  profile?: string | undefined;
  region?: string | undefined;
  version?: string | undefined;
  signal?: AbortSignal | undefined;
}): Promise<AwsAccess> => {
  quietAboutNode();
  const source = await identitySource(profile);
  const settings = await settingsInForce(source);
  const { region, assumed } = homeRegion(asked, settings);
  const name = source.kind === 'profile' ? source.name : undefined;
  const network = networkOfEnvironment(settings.ca_bundle);
  return createAwsAccess({
    region,
    regionAssumed: assumed,
    profile: name,
    requestHandler: network,
    credentials: ownCredentials({ source, region, network, askMfaCode: askMfaCode(name ?? 'default', signal) }),
    version,
  });
};
