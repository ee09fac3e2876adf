import { hashOf, slugOf } from '../world/seed.ts';

/**
 * Credentials of the simulated organization. They carry what they mean (account, role, when issued) under a
 * checksum of the seed, so that a million AssumeRole calls keep nothing in memory, and one that was never issued
 * here is known for it.
 */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface Principal {
  accessKeyId: string;
  accountId: string;
  arn: string;
  /** `AROA…:session` or `AIDA…`, as GetCallerIdentity gives it. */
  userId: string;
  /** Epoch milliseconds on the wire's clock; null for long-lived keys. */
  issuedAt: number | null;
  expiresAt: number | null;
  /** Tokens of the global STS endpoint fail in opt-in regions. */
  globalToken: boolean;
  /** Names a session policy that was given with AssumeRole, or null. */
  policy: string | null;
}

export interface Sessions {
  caller: Principal;
  callerCredentials: Credentials;
  issue(session: {
    accountId: string;
    role: string;
    name: string;
    issuedAt: number;
    /** How long it lasts, whatever is said of it. */
    lastsMs: number;
    globalToken: boolean;
    policy: string | null;
  }): Credentials & { arn: string; roleId: string };
  /** Who signed; null: these credentials were never issued here. */
  principal(accessKeyId: string, sessionToken: string | undefined): Principal | null;
  secretOf(accessKeyId: string): string;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Sessions whose token has been read lately. */
const KEPT = 4_096;

export const createSessions = (options: {
  seed: number;
  partition: string;
  callerAccountId: string;
  callerArn: string;
}): Sessions => {
  const { seed, partition } = options;
  const recent = new Map<string, { token: string; principal: Principal }>();
  let issued = 0;

  const secretOf = (accessKeyId: string): string => slugOf(seed, `secret:${accessKeyId}`, 40);
  const sealOf = (text: string): string => hashOf(seed, `seal:${text}`).toString(36);
  const keyIdOf = (prefix: 'AKIA' | 'ASIA', text: string): string => {
    let id: string = prefix;
    for (let part = 0; id.length < 20; part++) {
      let rest = hashOf(seed, `key:${text}#${part}`);
      for (let i = 0; i < 10 && id.length < 20; i++) {
        id += BASE32[rest % 32];
        rest = Math.floor(rest / 32);
      }
    }
    return id;
  };

  const callerKey = keyIdOf('AKIA', `caller:${options.callerAccountId}`);
  const caller: Principal = {
    accessKeyId: callerKey,
    accountId: options.callerAccountId,
    arn: options.callerArn,
    userId: `AIDA${keyIdOf('AKIA', options.callerArn).slice(4)}`,
    issuedAt: null,
    expiresAt: null,
    globalToken: false,
    policy: null,
  };

  return {
    caller,
    callerCredentials: { accessKeyId: callerKey, secretAccessKey: secretOf(callerKey) },
    secretOf,
    issue: (session) => {
      const expiresAt = session.issuedAt + session.lastsMs;
      const claims = JSON.stringify([
        session.accountId,
        session.role,
        session.name,
        session.issuedAt,
        expiresAt,
        session.globalToken ? 1 : 0,
        session.policy,
        issued++,
      ]);
      const body = Buffer.from(claims).toString('base64url');
      const accessKeyId = keyIdOf('ASIA', body);
      return {
        accessKeyId,
        secretAccessKey: secretOf(accessKeyId),
        sessionToken: `SIM.${body}.${sealOf(body)}`,
        ...roleIdentity({ seed, partition, ...session }),
      };
    },
    principal: (accessKeyId, sessionToken) => {
      if (accessKeyId === callerKey) return sessionToken === undefined ? caller : null;
      if (sessionToken === undefined) return null;
      const known = recent.get(accessKeyId);
      if (known?.token === sessionToken) return known.principal;
      const [mark, body, seal] = sessionToken.split('.');
      if (mark !== 'SIM' || !body || seal !== sealOf(body) || accessKeyId !== keyIdOf('ASIA', body)) return null;
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as [
        string,
        string,
        string,
        number,
        number,
        number,
        string | null,
      ];
      const [accountId, role, name, issuedAt, expiresAt, globalToken, policy] = claims;
      const { arn, roleId } = roleIdentity({ seed, partition, accountId, role, name });
      const principal: Principal = {
        accessKeyId,
        accountId,
        arn,
        userId: `${roleId}:${name}`,
        issuedAt,
        expiresAt,
        globalToken: globalToken === 1,
        policy,
      };
      if (recent.size >= KEPT) {
        const oldest = recent.keys().next();
        if (!oldest.done) recent.delete(oldest.value);
      }
      recent.set(accessKeyId, { token: sessionToken, principal });
      return principal;
    },
  };
};

const roleIdentity = (of: { seed: number; partition: string; accountId: string; role: string; name: string }) => ({
  arn: `arn:${of.partition}:sts::${of.accountId}:assumed-role/${of.role}/${of.name}`,
  roleId: `AROA${slugOf(of.seed, `role:${of.accountId}:${of.role}`, 16).toUpperCase()}`,
});
