import { readerWords } from '../../../domain/policy/reader-words.ts';
import { html, type Markup } from '../../html/escape.ts';
import type { RunFacts } from '../run-facts.ts';
import { figure, type Rows, said, tableFile } from './figure.ts';

/** Who outside each key's own account its policy lets decrypt the logs, as far as the policies were read. */
export function whoCanDecrypt({ keys, run }: RunFacts): Markup | null {
  if (keys.total === 0) return null;
  const file = tableFile(run.row.run_id, 'keys');
  const where = (...conditions: string[]): Rows => ({ file, where: conditions });
  const all = keys.unread + keys.open;
  return html`<h3>Who can decrypt</h3>
<p>Of ${figure(keys.total, { file }, 'key')}, ${figure(keys.open, where('external_readers is not empty'))} let somebody outside their own account decrypt by their key policy, and of ${figure(keys.unread, where('policy_read is not true'))} the policy was not read. What a policy denies is not taken off.</p>
${
  keys.listed.length > 0
    ? html`<table><tr><th>Key</th><th>Who outside its account may decrypt</th></tr>${keys.listed.map(
        ({ key_arn, readers }) =>
          html`<tr><td>${said(key_arn)}</td><td>${readers === null ? 'not known: the policy was not read' : readers.map((reader) => html`<div>${said(readerWords(reader))}</div>`)}</td></tr>
`,
      )}</table>${all > keys.listed.length ? html`<p>More are in keys.csv.</p>` : null}`
    : null
}`;
}
