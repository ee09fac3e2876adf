// `npm audit` at level high. Findings fail; an advisory service that cannot be reached is said, and is no clean bill.
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 2 ** 26, timeout: 120_000 });
let report = null;
try {
  report = JSON.parse(stdout);
} catch {
  // told below
}
const counts = report?.metadata?.vulnerabilities;
if (!counts) {
  const why = report?.error?.summary || report?.message || 'no answer';
  console.log(
    `NOT AUDITED: the advisory service could not be asked (${String(why).slice(0, 200)}). Nothing is known of vulnerabilities.`,
  );
} else {
  for (const [name, { severity, via }] of Object.entries(report.vulnerabilities ?? {})) {
    const titles = via.map((cause) => (typeof cause === 'string' ? cause : `${cause.title} (${cause.url})`));
    console.log(`${severity}: ${name}: ${titles.join('; ')}`);
  }
  console.log(`Audited ${report.metadata.dependencies?.total ?? '?'} packages: ${JSON.stringify(counts)}`);
  if (counts.high + counts.critical > 0) process.exitCode = 1;
}
