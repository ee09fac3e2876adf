import { type IdentitySource, readProfiles } from './profile.ts';

/** @property assumed nobody named one */
export interface HomeRegion {
  region: string;
  assumed: boolean;
}

/**
 * The region asked for, else `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's; else us-east-1, which every account of
 * the commercial partition has.
 */
export const homeRegion = async (
  asked: string | undefined,
  source: IdentitySource,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<HomeRegion> => {
  const named = asked ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || (await regionOfProfile(source, env)));
  return named ? { region: named, assumed: false } : { region: 'us-east-1', assumed: true };
};

const regionOfProfile = async (
  source: IdentitySource,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> => {
  if (source.kind === 'profile') return source.settings.region;
  // Keys in the environment win over AWS_PROFILE, whose region still counts.
  const profiles = await readProfiles();
  return profiles[env.AWS_DEFAULT_PROFILE || env.AWS_PROFILE || 'default']?.region;
};
