import { loadSharedConfigFiles } from '@smithy/core/config';
import { TrailSealError } from '../../domain/model/errors.ts';

/** The settings of a profile, from the config and credentials files. */
export type Profile = Readonly<Record<string, string | undefined>>;

/** Where the scanner's own credentials come from: exactly one source, chosen before any call. */
export type IdentitySource =
  | { kind: 'profile'; name: string; settings: Profile }
  | { kind: 'environment' }
  | { kind: 'web identity' }
  /** Nobody named one: the container's or the instance's role. */
  | { kind: 'machine' };

type Environment = Readonly<Record<string, string | undefined>>;

/** A profile with one of these says where its credentials come from; one with a region alone does not. */
const CREDENTIAL_SETTINGS = [
  'aws_access_key_id',
  'credential_process',
  'login_session',
  'role_arn',
  'sso_account_id',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
];

/**
 * The AWS CLI's order: the profile asked for, keys in the environment, the profile of `AWS_DEFAULT_PROFILE` or
 * `AWS_PROFILE`, a web identity of the environment, the default profile, the machine's own role. An empty variable is
 * an unset one.
 * @throws TrailSealError CREDENTIALS where a profile is named and is not there, or only half of a key is set
 * @see https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html#configure-precedence
 */
export const identitySource = async (
  asked: string | undefined,
  env: Environment = process.env,
): Promise<IdentitySource> => {
  const profiles = await readProfiles();
  const named = (name: string, by: string): IdentitySource => {
    const settings = profiles[name];
    if (settings) return { kind: 'profile', name, settings };
    throw new TrailSealError('CREDENTIALS', missingSentence(name, by, Object.keys(profiles)));
  };
  if (asked) return named(asked, '--profile');
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) return { kind: 'environment' };
  if (env.AWS_ACCESS_KEY_ID || env.AWS_SECRET_ACCESS_KEY) {
    const [there, missing] = env.AWS_ACCESS_KEY_ID
      ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
      : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
    throw new TrailSealError('CREDENTIALS', `${there} is set and ${missing} is not: set both, or neither.`);
  }
  for (const variable of ['AWS_DEFAULT_PROFILE', 'AWS_PROFILE']) {
    const name = env[variable];
    if (name) return named(name, variable);
  }
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN) return { kind: 'web identity' };
  const settings = profiles.default;
  if (settings && CREDENTIAL_SETTINGS.some((setting) => settings[setting]))
    return { kind: 'profile', name: 'default', settings };
  return { kind: 'machine' };
};

/**
 * The settings that count beside the credentials, such as region and CA bundle: where keys of the environment win over
 * `AWS_PROFILE`, that profile's; where nobody names one, those of the default profile.
 */
export const settingsInForce = async (source: IdentitySource, env: Environment = process.env): Promise<Profile> => {
  if (source.kind === 'profile') return source.settings;
  return (await readProfiles())[env.AWS_DEFAULT_PROFILE || env.AWS_PROFILE || 'default'] ?? {};
};

/** By name; the credentials file's settings win, as in the AWS CLI. */
export const readProfiles = async (): Promise<Record<string, Profile>> => {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  // `sso-session.x` and `services.x` are sections of other kinds.
  const profiles = Object.entries(configFile).filter(([name]) => !/^(?:sso-session|services)\./.test(name));
  const names = new Set([...profiles.map(([name]) => name), ...Object.keys(credentialsFile)]);
  return Object.fromEntries([...names].map((name) => [name, { ...configFile[name], ...credentialsFile[name] }]));
};

const SHOWN = 10;

const missingSentence = (name: string, by: string, there: string[]): string => {
  const known =
    there.length === 0
      ? 'there is no profile at all'
      : `there are ${there.slice(0, SHOWN).join(', ')}${there.length > SHOWN ? '…' : ''}`;
  return `There is no profile ${JSON.stringify(name)} (${by}) in the AWS config and credentials files (${known}): name one that is there. No other identity is used in its place.`;
};
