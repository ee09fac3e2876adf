import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '../../functions/cli/version.ts';
import { type CallCounts, createSimulation, startSimulatedServer } from '../../functions/simulator/simulation.ts';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { c7nOrg } from '../peers/c7n-org.ts';
import { cloudSploit } from '../peers/cloudsploit.ts';
import { judge, type Score } from '../peers/judge.ts';
import { meter, type ToolCost } from '../peers/meter.ts';
import type { Job, Peer, Told } from '../peers/peer.ts';
import { prowler } from '../peers/prowler.ts';
import { runTrailSeal, trailSealAnswers } from '../peers/trailseal.ts';
import { type Truth, truthOf } from '../peers/truth.ts';
import { ownEnvironment } from '../worker.ts';

const scenario = 'peers';
const PEERS: readonly Peer[] = [prowler, c7nOrg, cloudSploit];

/** The tools people would use instead, on the same organization, over the same loopback HTTP. */
export const peers: Scenario = {
  name: scenario,
  title: 'Beside other tools: the same organization, the same question, each in its fastest documented mode',
  async run({ quick, folder, say }) {
    // Among the first 24 accounts of the showcase are all kinds that the questions are about.
    const spec = quick ? { accounts: 12, regions: 20, latency: 20 } : { accounts: 24, regions: 34, latency: 20 };
    const arena = await openArena(spec, folder, say);
    const { truth, job, measure } = arena;
    try {
      const own = job('TrailSeal');
      mkdirSync(own.folder);
      const ours = await measure(`TrailSeal ${VERSION}`, () => runTrailSeal(own));
      ours.told.answers.push(...(await trailSealAnswers(own)));
      checkOurs(ours.told, truth);
      const figures = figuresOf(ours, ours.cost, truth);
      for (const peer of PEERS) {
        if (quick) {
          console.log(`${peer.name}: left out of --quick`);
          continue;
        }
        const installed = peer.find();
        if (!installed) {
          console.log(`${peer.name}: not installed; ${peer.install}`);
          continue;
        }
        const subject = `${peer.name} ${installed.version}`;
        console.log(`${subject}: ${installed.mode}`);
        const asked = job(peer.name);
        mkdirSync(asked.folder);
        try {
          const theirs = await measure(subject, () => installed.run(asked));
          // Some trails are bad under any rule: a tool that tells nothing at all did not work here.
          if (theirs.told.answers.length === 0) throw new Error(`it told nothing. ${theirs.told.log.slice(-2_000)}`);
          figures.push(...figuresOf(theirs, ours.cost, truth));
          if (peer === cloudSploit) figures.push(wallOfCloudSploits(spec, ours.cost, theirs.cost));
        } catch (error) {
          // Another tool's crash is a result, not a fault of the bench.
          console.log(`${subject} crashed: ${error instanceof Error ? error.message : String(error)}`);
          figures.push(figure(scenario, 'crashed', 1, '', { subject, note: 'no result' }));
        }
      }
      if (!quick)
        figures.push(...(await besideCloudSploit({ accounts: 200, regions: 17, latency: 20 }, { folder, say })));
      if (!quick && !cloudSploit.find()) figures.push(wallOfCloudSploits(spec, null, null));
      return figures;
    } finally {
      await arena.close();
    }
  },
};

type Size = { accounts: number; regions: number; latency: number };

/** A simulated organization over loopback HTTP, and what a tool is asked about it. */
async function openArena(spec: Size, folder: string, say: (line: string) => void) {
  const simulation = createSimulation(spec);
  const truth = truthOf(simulation);
  const server = await startSimulatedServer({ simulation });
  const job = (name: string): Job => ({
    accountIds: truth.accountIds,
    roleName: simulation.roleName,
    environment: { ...ownEnvironment(), ...server.environment },
    credentials: simulation.credentials,
    folder: join(folder, `${name}-${spec.accounts}`),
    cores: availableParallelism(),
    timeoutMs: 1_200_000,
  });
  const measure = async (subject: string, run: () => Promise<Told>): Promise<Measured> => {
    say(`${subject}: ${spec.accounts} accounts × ${spec.regions} regions, ${spec.latency} ms`);
    simulation.resetCalls();
    const { output: told, cost } = await meter(run);
    return { subject, told, cost, calls: simulation.calls() };
  };
  return { truth, job, measure, close: () => server.close() };
}

/** The one that comes nearest, at another size: both by the clock alone. */
async function besideCloudSploit(
  spec: Size,
  { folder, say }: { folder: string; say: (line: string) => void },
): Promise<Figure[]> {
  const installed = cloudSploit.find();
  if (!installed) return [wallOfCloudSploits(spec, null, null)];
  const { job, measure, close } = await openArena(spec, folder, say);
  try {
    const [own, asked] = [job('TrailSeal'), job(cloudSploit.name)];
    for (const { folder: made } of [own, asked]) mkdirSync(made);
    const ours = await measure(`TrailSeal ${VERSION}`, () => runTrailSeal(own));
    const theirs = await measure(`${cloudSploit.name} ${installed.version}`, () => installed.run(asked));
    return [wallOfCloudSploits(spec, ours.cost, theirs.cost)];
  } finally {
    await close();
  }
}

/** Ours as a share of its time: a third and a fifth are the goals. */
const wallOfCloudSploits = ({ accounts, regions }: Size, ours: ToolCost | null, theirs: ToolCost | null): Figure =>
  figure(
    scenario,
    `${accounts} × ${regions}: wall time of CloudSploit’s`,
    ours && theirs && ours.wallMs / theirs.wallMs,
    '×',
    {
      goal: accounts >= 200 ? 0.2 : 0.333,
      note:
        ours && theirs
          ? `${(ours.wallMs / 1_000).toFixed(1)} s beside ${(theirs.wallMs / 1_000).toFixed(1)} s`
          : `not installed: ${cloudSploit.install}`,
    },
  );

interface Measured {
  subject: string;
  told: Told;
  cost: ToolCost;
  calls: CallCounts;
}

function figuresOf({ subject, told, cost, calls }: Measured, ours: ToolCost, truth: Truth): Figure[] {
  const accounts = truth.accountIds.length;
  const { scores, repetition } = judge(told, truth);
  const per100 = (ms: number) => (ms / 1_000 / accounts) * 100;
  const refused = Object.values(calls.byOutcome).reduce((a, b) => a + b, 0);
  const one = (name: string, value: number, unit: string, note?: string) =>
    figure(scenario, name, value, unit, { subject, ...(note ? { note } : {}) });
  return [
    one(
      'wall time, × TrailSeal’s',
      cost.wallMs / ours.wallMs,
      '×',
      `${per100(cost.wallMs).toFixed(0)} s for 100 accounts`,
    ),
    ...(cost.cpuMs === null || ours.cpuMs === null
      ? []
      : [
          one(
            'CPU, × TrailSeal’s',
            cost.cpuMs / ours.cpuMs,
            '×',
            `${per100(cost.cpuMs).toFixed(0)} s for 100 accounts`,
          ),
        ]),
    ...(cost.peakMb === null ? [] : [one('peak memory of all its processes', cost.peakMb, 'MB')]),
    one(
      'calls for each account',
      calls.total / accounts,
      '',
      refused > 0 ? `${refused} of ${calls.total} refused` : '',
    ),
    ...scores.map((score) => one(`${score.question}: ${score.how}`, score.found, `of ${score.of}`, shortfall(score))),
    one(
      'rows for each trail reported (1 is right)',
      repetition.trails === 0 ? 0 : repetition.rows / repetition.trails,
      '',
      repetition.most > 1 ? `${repetition.most} for one` : '',
    ),
  ];
}

const shortfall = ({ of, found, wrong, logged }: Score): string => {
  const missed = of - found - wrong - logged;
  return [
    ...(wrong > 0 ? [`${wrong} wrong`] : []),
    ...(logged > 0 ? [`${logged} in the log only`] : []),
    ...(missed > 0 ? [`${missed} missed`] : []),
  ].join(', ');
};

/** Ours must be right in all of it. */
function checkOurs(told: Told, truth: Truth): void {
  const { scores, repetition } = judge(told, truth);
  for (const score of scores) {
    mustHold(score.of > 0, `the simulated organization has no ${score.question}`);
    mustHold(
      score.found === score.of,
      `${score.question}: ${score.found} of ${score.of} ${score.how}, ${shortfall(score)}`,
    );
  }
  mustHold(repetition.most === 1, `one trail was reported ${repetition.most} times`);
}
