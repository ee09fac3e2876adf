import type { Answer } from './answer.ts';
import type { Told } from './peer.ts';
import type { Truth } from './truth.ts';

/** How much of one kind of thing a tool got right. */
export interface Score {
  question: string;
  of: number;
  found: number;
  /** Told otherwise than it is. */
  wrong: number;
  /** In no result, though the tool's log speaks of it. */
  logged: number;
  /** What counts as found: `failed`, `passed` or `stated`. */
  how: string;
}

/** Rows that name a trail, for each trail that is named at all. */
export interface Repetition {
  rows: number;
  trails: number;
  /** The most rows for one trail. */
  most: number;
}

/** Holds what a tool told against what is so. */
export function judge({ answers, log }: Told, truth: Truth): { scores: Score[]; repetition: Repetition } {
  const ofTrail = groupBy(answers, ({ trailArn }) => trailArn);
  const ofAccount = groupBy(answers, ({ accountId }) => accountId);
  const ofTarget = groupBy(
    answers.filter(({ trailArn }) => trailArn === null),
    ({ accountId, region }) => (region === null ? null : `${accountId}/${region}`),
  );
  const complaints = log.split('\n').filter((line) => /denied|not authorized|unable|error/i.test(line));
  /** Whether a line of the log that speaks of a refusal names all of these. */
  const complaint = (words: readonly string[]): 'logged' | 'missed' =>
    complaints.some((line) => words.every((word) => line.includes(word))) ? 'logged' : 'missed';
  const says = (given: readonly Answer[] | undefined, ...what: Answer['says'][]): boolean =>
    (given ?? []).some((answer) => what.includes(answer.says));
  const score = (
    question: string,
    how: string,
    subjects: ReadonlySet<string>,
    tell: (subject: string) => 'found' | 'wrong' | 'logged' | 'missed',
  ): Score => {
    const told = [...subjects].map(tell);
    const count = (what: string) => told.filter((one) => one === what).length;
    return { question, how, of: told.length, found: count('found'), wrong: count('wrong'), logged: count('logged') };
  };
  const trails = (question: string, how: string, subjects: ReadonlySet<string>, ...right: Answer['says'][]): Score =>
    score(question, how, subjects, (arn) => {
      const given = ofTrail.get(arn);
      if (says(given, ...right))
        return right.includes('encrypted') && says(given, 'unencrypted', 'key-unusable') ? 'wrong' : 'found';
      return given === undefined ? 'missed' : 'wrong';
    });
  return {
    scores: [
      trails('trails without a key', 'failed', truth.unsealed, 'unencrypted'),
      trails('trails whose key is dead', 'failed', truth.deadKeys, 'unencrypted', 'key-unusable'),
      trails('trails whose key works', 'passed', truth.workingKeys, 'encrypted'),
      score('accounts without a trail', 'stated', truth.withoutTrail, (id) =>
        says(ofAccount.get(id), 'no-trail') ? 'found' : 'missed',
      ),
      score('accounts that refuse the role', 'stated', truth.denied, (id) =>
        says(ofAccount.get(id), 'could-not-look') ? 'found' : complaint([id]),
      ),
      score('regions that refuse', 'stated', truth.deniedTargets, (target) =>
        says(ofTarget.get(target), 'could-not-look')
          ? 'found'
          : says(ofTarget.get(target), 'no-trail')
            ? 'wrong'
            : complaint(target.split('/')),
      ),
      score('regions that are off', 'stated', truth.disabledTargets, (target) =>
        says(ofTarget.get(target), 'region-disabled')
          ? 'found'
          : ofTarget.has(target)
            ? 'wrong'
            : complaint(target.split('/')),
      ),
    ],
    repetition: repetitionOf(ofTrail),
  };
}

/** One answer of a kind for a trail is right; `key-unusable` is another kind than that of the key's presence. */
const repetitionOf = (ofTrail: ReadonlyMap<string, readonly Answer[]>): Repetition => {
  const rows = [...ofTrail.values()]
    .map((answers) => answers.filter(({ says }) => says !== 'key-unusable').length)
    .filter((count) => count > 0);
  return { rows: rows.reduce((a, b) => a + b, 0), trails: rows.length, most: Math.max(0, ...rows) };
};

const groupBy = (answers: readonly Answer[], keyOf: (answer: Answer) => string | null): Map<string, Answer[]> => {
  const groups = new Map<string, Answer[]>();
  for (const answer of answers) {
    const key = keyOf(answer);
    if (key === null) continue;
    const group = groups.get(key);
    if (group) group.push(answer);
    else groups.set(key, [answer]);
  }
  return groups;
};
