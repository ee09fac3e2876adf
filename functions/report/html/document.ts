import { createHash } from 'node:crypto';
import { html, type Markup, scriptJson, trusted } from './escape.ts';
import type { PackedTable, PageFacts } from './pack-format.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './page-assets.ts';
import { number } from './words.ts';

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is fetched, nothing is sent, and only this very script and style run. */
export const POLICY = [
  "default-src 'none'",
  `script-src ${sha256(PAGE_SCRIPT)}`,
  `style-src ${sha256(PAGE_STYLE)}`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const ICON =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 32 32%22%3E%3Ccircle cx=%2216%22 cy=%2216%22 r=%2215%22 fill=%22%23009e73%22/%3E%3Cpath d=%22M9 17l5 5 9-12%22 fill=%22none%22 stroke=%22%23fff%22 stroke-width=%224%22/%3E%3C/svg%3E';

const VIEWS = [
  ['summary', 'Summary'],
  ['coverage', 'Coverage'],
  ['findings', 'Findings'],
  ['trails', 'Trails'],
  ['keys', 'Keys'],
  ['buckets', 'Buckets'],
  ['frameworks', 'Frameworks'],
] as const;

/** Base64 is cut where three bytes end, so that the pieces join up. */
const PIECE = 3 * 65_536;

/** The page, piece by piece: what a reader sees first comes first, the packed tables come last. */
export async function* documentBody(request: {
  facts: PageFacts;
  summary: Markup;
  frameworks: Markup;
  counts: Partial<Record<(typeof VIEWS)[number][0], number>>;
  tables: AsyncIterable<[PackedTable, Uint8Array]>;
}): AsyncGenerator<Uint8Array> {
  const { facts, counts } = request;
  const encoder = new TextEncoder();
  yield encoder.encode(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>TrailSeal ${facts.status} ${facts.runDate}</title>
<link rel="icon" href="${trusted(ICON)}">
<style>${trusted(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#main" id="skip">Skip to the content</a>
<header class="top"><div class="brand"><svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true"><circle cx="16" cy="16" r="15" fill="var(--good)"/><path d="M9 17l5 5 9-12" fill="none" stroke="var(--paper)" stroke-width="4"/></svg> TrailSeal</div>
<nav aria-label="Views"><ul>${VIEWS.map(
      ([id, title]) =>
        html`<li><a href="#/${id}" data-view="${id}">${title}${counts[id] === undefined ? null : html` <span class="badge">${number(counts[id])}</span>`}</a></li>`,
    )}</ul></nav></header>
<main id="main" tabindex="-1">
<noscript><p class="notice">JavaScript is off: only the summary is shown. The tables are in findings.csv and in the Parquet files of the report root.</p></noscript>
${request.summary}
${request.frameworks}
<section id="view" class="view" tabindex="-1" hidden></section>
<p id="announce" class="sr" role="status" aria-live="polite"></p>
</main>
<footer><p>TrailSeal run <code>${facts.runId}</code>. Contains account IDs and names; handle as confidential.</p></footer>
<script type="application/json" id="facts">${trusted(scriptJson(facts))}</script>
`.markup,
  );
  for await (const [table, bytes] of request.tables) {
    yield encoder.encode(`<script type="application/octet-stream" id="table-${table}">`);
    for (let start = 0; start < bytes.length; start += PIECE)
      yield encoder.encode(Buffer.from(bytes.subarray(start, start + PIECE)).toString('base64'));
    yield encoder.encode('</script>\n');
  }
  yield encoder.encode(`<script>${PAGE_SCRIPT}</script>\n</body>\n</html>\n`);
}
