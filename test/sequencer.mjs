import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** Seconds on two cores of the suites that take longest: a fresh clone remembers none, and what starts last is waited for. */
const QUICK = {
  'cli/commands.test.ts': 13,
  'infra/stacks.test.ts': 12,
  'domain/judge/worlds.test.ts': 8,
  'local/duckdb.test.ts': 7,
  'cli/disks.test.ts': 7,
  'cli/commands/export.test.ts': 6,
  'report/queries/same-as-report.test.ts': 6,
  'handlers/scan-run.test.ts': 6,
};
const DEEP = {
  'localstack/stacks.deep.test.ts': 189,
  'report/html/report.browser.test.ts': 115,
  'moto/remediate.test.ts': 100,
  'moto/release/deployed-template.test.ts': 80,
  'cli/lean-install.deep.test.ts': 65,
  'domain/remediation/formats/aws-cli-moto.deep.test.ts': 60,
  'infra/synth.test.ts': 52,
  'moto/walk/walk.test.ts': 40,
  'infra/stacks.test.ts': 35,
  'terraform/deployment.deep.test.ts': 35,
  'cli/commands.test.ts': 20,
  'infra/release/released-templates.deep.test.ts': 15,
};

const isQuick = process.env.TRAILSEAL_TESTS === undefined;
const seconds = isQuick ? QUICK : DEEP;
for (const name of Object.keys({ ...QUICK, ...DEEP }))
  if (!existsSync(join(import.meta.dirname, name))) throw new Error(`test/sequencer.mjs names ${name}, which is gone`);

/** jest's order, the longest first, also where jest has not seen a suite before, or only its quick form. */
export default class LongestFirst extends TestSequencer {
  time(test) {
    const name = relative(import.meta.dirname, test.path).replaceAll('\\', '/');
    const remembered = super.time(test) ?? 0;
    const bytes = test.context.hasteFS.getSize(test.path) ?? 0;
    return Math.max(remembered, 1000 * (seconds[name] ?? 0), bytes / 1e6);
  }
}
