import type { Answer } from './answer.ts';

/** A tool that can be asked whether CloudTrail logs are encrypted. */
export interface Peer {
  name: string;
  /** How to have it here: one line. */
  install: string;
  /** Looks where the environment says, then on the PATH; null where it is not installed. */
  find(): InstalledPeer | null;
}

export interface InstalledPeer {
  version: string;
  /** Its fastest documented way through many accounts, for the README. */
  mode: string;
  /** @throws Error where the tool did not run at all */
  run(job: Job): Promise<Told>;
}

/** One organization to ask about, the same for every tool. */
export interface Job {
  /** The accounts that are alive: tools that list no organization are handed them. */
  accountIds: readonly string[];
  roleName: string;
  /** Endpoint and credentials, and nothing of the caller's own AWS configuration. */
  environment: NodeJS.ProcessEnv;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** A private folder; also the tool's HOME. */
  folder: string;
  cores: number;
  timeoutMs: number;
}

/** What a tool told: in its results, and beside them. */
export interface Told {
  answers: Answer[];
  /** Everything it printed or logged. */
  log: string;
}

export const roleArn = (job: Job, accountId: string): string => `arn:aws:iam::${accountId}:role/${job.roleName}`;

/** What a process for one account told, its lines named for the account. */
export const toldOf = (accountId: string, answers: Answer[], log: string): Told => ({
  answers,
  log: log
    .split('\n')
    .map((line) => `${accountId} ${line}`)
    .join('\n'),
});

export const together = (told: readonly Told[]): Told => ({
  answers: told.flatMap(({ answers }) => answers),
  log: told.map(({ log }) => log).join('\n'),
});
