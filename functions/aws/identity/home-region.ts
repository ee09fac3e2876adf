import type { Profile } from './profile.ts';

/** @property assumed nobody named one */
export interface HomeRegion {
  region: string;
  assumed: boolean;
}

/**
 * The region asked for, else `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's; else us-east-1, which every account of
 * the commercial partition has.
 */
export const homeRegion = (
  asked: string | undefined,
  { region }: Profile,
  env: Readonly<Record<string, string | undefined>> = process.env,
): HomeRegion => {
  const named = asked ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || region);
  return named ? { region: named, assumed: false } : { region: 'us-east-1', assumed: true };
};
