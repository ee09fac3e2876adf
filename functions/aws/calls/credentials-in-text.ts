const REMOVED = '[removed]';
/** Shorter than any secret of AWS: such text may well be something else. */
const LEAST = 16;

/**
 * The text without what would let its reader sign calls: key ids, session tokens and signatures by their form, as error
 * messages and proxies' pages quote them, and those of the environment and `held` by value.
 */
export const withoutCredentials = (text: string, held: Iterable<string> = []): string => {
  let safe = text
    .replace(/(x-amz-security-token["']?\s*[:=]\s*)[^\s"'&]+/gi, `$1${REMOVED}`)
    .replace(/(<(SecretAccessKey|SessionToken)>)[^<]*/g, `$1${REMOVED}`)
    .replace(
      /((?:SecretAccessKey|SessionToken|aws_secret_access_key|aws_session_token)["']?\s*[:=]\s*["']?)[^\s"'&<]+/gi,
      `$1${REMOVED}`,
    )
    .replace(/(\bSignature=)[0-9a-f]{16,}/gi, `$1${REMOVED}`)
    .replace(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, REMOVED);
  for (const secret of [...secretsOf(process.env), ...held])
    if (secret.length >= LEAST) safe = safe.replaceAll(secret, REMOVED);
  return safe;
};

/** The parts of credentials that nobody else may read. */
export const secretsIn = ({
  secretAccessKey,
  sessionToken,
}: {
  secretAccessKey: string;
  sessionToken?: string;
}): string[] => [secretAccessKey, sessionToken].filter((secret) => secret !== undefined);

const secretsOf = (env: Readonly<Record<string, string | undefined>>): string[] =>
  [env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN].filter((secret) => secret !== undefined);
