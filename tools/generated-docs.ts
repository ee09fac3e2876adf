// `npm run docs`: writes the documents that are generated from the code. A test says when one is out of date.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sessionPolicy } from '../functions/aws/account/session-policy.ts';
import { controlsMarkdown } from '../functions/domain/controls/markdown.ts';
import { frameworksMarkdown } from '../functions/domain/frameworks/markdown.ts';
import { limitsMarkdown } from '../functions/domain/limits/markdown.ts';
import { athenaGuide } from '../functions/report/queries/athena-guide.ts';

/** Path from the root of the repository → what it must hold. */
export const generatedDocs = (): Record<string, string> => ({
  'docs/athena.md': athenaGuide(),
  'docs/controls.md': controlsMarkdown(),
  'docs/frameworks.md': frameworksMarkdown(),
  'docs/limits.md': limitsMarkdown(),
  'docs/policies/audit-role.json': policyFile(sessionPolicy({ partition: 'aws', sampleLogs: false })),
  'docs/policies/audit-role-with-log-samples.json': policyFile(sessionPolicy({ partition: 'aws', sampleLogs: true })),
});

const policyFile = (policy: string): string => `${JSON.stringify(JSON.parse(policy), null, 2)}\n`;

if (process.argv[1]?.endsWith('generated-docs.ts')) {
  for (const [file, text] of Object.entries(generatedDocs())) {
    const path = join(import.meta.dirname, '..', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
