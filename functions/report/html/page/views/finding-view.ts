import { accountLink, severityBadge, statusBadge } from '../badges.ts';
import { el } from '../dom.ts';
import { notFound } from '../not-found.ts';
import { inConsole } from '../outside.ts';
import { link, type Route } from '../route.ts';
import { facts } from '../unpack.ts';
import { allFindings, decided, findingDetails } from './findings-view.ts';

/** One finding over the whole width, by its id: the place that a ticket links to. */
export async function findingView({ subject }: Route): Promise<HTMLElement> {
  const findings = await allFindings();
  const { text } = findings;
  let row = 0;
  // Ids are hashes that the page computes: they are not among the packed columns.
  while (row < findings.rows && text('finding_id', row) !== subject) row += 1;
  if (row === findings.rows)
    return notFound('finding', `This run has no finding ${subject}, or it passes for an account and Region.`);
  const control = text('control_id', row);
  const account = text('account_id', row);
  const region = text('region', row);
  const resource = text('resource_arn', row);
  return el(
    'div',
    {},
    el(
      'p',
      { class: 'crumbs' },
      el('a', { href: link('findings') }, 'Findings'),
      ' / ',
      el('a', { href: link('findings', '', { control }) }, control),
    ),
    el('h1', { id: 'view-title' }, facts.controls[control]?.title ?? control),
    el(
      'p',
      {},
      statusBadge(text('status', row)),
      ' ',
      severityBadge(text('severity', row)),
      ' ',
      decided(findings, row),
    ),
    el(
      'p',
      { class: 'facts' },
      account === '' ? 'owner unknown' : accountLink(account, text('account_name', row)),
      region === '' ? '' : ` · ${region}`,
      text('ou_path', row) === '' ? '' : ` · ${text('ou_path', row)}`,
      ' ',
      inConsole(resource, region || null),
    ),
    el('h2', {}, 'Details'),
    findingDetails(findings, row),
  );
}
