import { join } from 'node:path';
import { type Figure, figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { EvidenceInput, EvidenceOutput } from '../workers/evidence.ts';
import type { ReportInput, ReportOutput } from '../workers/report.ts';
import type { VerifyInput, VerifyOutput } from '../workers/verify.ts';
import { grownRun } from './report.ts';
import { seconds } from './scan.ts';

const scenario = 'evidence';
const REGIONS = 17;
const patient = { timeoutMs: 3_600_000 };

/** An evidence pack of ever larger runs, written and verified: files are streamed, so memory must not follow. */
export const evidence: Scenario = {
  name: scenario,
  title: 'Evidence packs: what writing and verifying one takes, as the organization grows',
  async run({ quick, folder, say }) {
    const sizes = quick ? [60, 200] : [500, 2_000, 10_000];
    const figures: Figure[] = [];
    let first: { packing: number; verifying: number } | null = null;
    for (const accounts of sizes) {
      const at = `${accounts} × ${REGIONS}`;
      say(`${at}: growing a scan with its raw answers`);
      const model = quick ? 60 : 300;
      const { root, runId } = await grownRun({ folder, model, accounts, regions: REGIONS, evidence: true });
      await runWorker<ReportOutput>('report', { root, runId } satisfies ReportInput, patient);
      say(`${at}: packing`);
      const out = join(folder, `${accounts}.zip`);
      const pack: EvidenceInput = { root, runId, framework: 'pci-dss-4.0.1', out };
      const packing = await runWorker<EvidenceOutput>('evidence', pack, patient);
      const made = packing.output;
      mustHold(made.problems.length === 0, `the pack has problems: ${made.problems.join('; ')}`);
      mustHold(made.files > accounts, `${made.files} files of ${accounts} accounts`);
      say(`${at}: verifying`);
      const verifying = await runWorker<VerifyOutput>('verify', { file: out } satisfies VerifyInput, patient);
      const verified = verifying.output;
      mustHold(verified.sound && verified.files === made.files, `not sound: ${verified.problems.join('; ')}`);
      first ??= { packing: packing.peakRssMb, verifying: verifying.peakRssMb };
      const ratio = (now: number, then: number) => `${(now / then).toFixed(2)} × that of ${sizes[0]} accounts`;
      figures.push(
        figure(scenario, `${at}: peak memory of packing`, packing.peakRssMb, 'MB', {
          goal: 300,
          note: ratio(packing.peakRssMb, first.packing),
        }),
        figure(scenario, `${at}: peak memory of verifying`, verifying.peakRssMb, 'MB', {
          goal: 300,
          note: ratio(verifying.peakRssMb, first.verifying),
        }),
        figure(scenario, `${at}: CPU of packing`, made.cpuMs / 1000, 's', {
          note: `${made.files} files, ${(made.bytes / 1e6).toFixed(0)} MB; ${seconds(made.wallMs)} of wall time`,
        }),
        figure(scenario, `${at}: CPU of verifying`, verified.cpuMs / 1000, 's', { note: seconds(verified.wallMs) }),
      );
    }
    return figures;
  },
};
