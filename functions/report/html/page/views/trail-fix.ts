import { bundles } from '../../../../domain/remediation/decide/bundle.ts';
import { decideTrails } from '../../../../domain/remediation/decide/decide.ts';
import { type TrailColumns, trailSubject } from '../../../../domain/remediation/decide/subject.ts';
import { awsCliFiles } from '../../../../domain/remediation/formats/aws-cli.ts';
import { consoleFiles } from '../../../../domain/remediation/formats/console.ts';
import { quoted } from '../../../../domain/remediation/formats/shell.ts';
import { terraformFiles } from '../../../../domain/remediation/formats/terraform/terraform.ts';
import { malformed } from '../../../../domain/remediation/policies/wellformed.ts';
import { allCoverage } from '../coverage.ts';
import { type Child, copyable, el } from '../dom.ts';
import type { Field } from '../fields.ts';
import { facts } from '../unpack.ts';

const FORMATS = [
  ['AWS CLI', awsCliFiles],
  ['Terraform', terraformFiles],
  ['Console', consoleFiles],
] as const;

/** How to encrypt one trail, with its real values, as `trailseal remediate` writes it; nothing for an encrypted trail. */
export async function trailFix(request: {
  fields: ReadonlyMap<string, Field>;
  row: number;
  rootCauseId: string | null;
  keyDeletionDate: string | null;
}): Promise<Child> {
  const { fields, row, rootCauseId, keyDeletionDate } = request;
  const columns = Object.fromEntries(
    [...fields].map(([name, field]) => [name, field.get(row)]),
  ) as unknown as TrailColumns;
  const order = `trailseal remediate --trail ${quoted(columns.trail_arn)} --format `;
  const command = (format: string) => copyable(order + format, `the command that prints the fix as ${format}`);
  if (columns.verdict === 'SEALED')
    return el('p', {}, 'New logs of this trail are encrypted. Fixes for its other findings are below.');
  const covered = columns.is_organization ? (await allCoverage()).recordedBy(columns.trail_arn) : [];
  const trail = trailSubject(columns, {
    partition: facts.partition,
    organizationId: facts.organizationId,
    rootCauseId,
    keyDeletionDate,
    accountsCovered: covered.length > 0 ? covered : [columns.account_id],
  });
  const refusal = malformed({ problem: 'trail', trail });
  const planned = refusal === null ? decideTrails([trail]) : ({ ok: false, refusal } as const);
  // As the command gathers it, which looks at a delivery only where the plan lets the trail deliver.
  const [fix] = bundles([{ rootCauseId, trailArns: [trail.trailArn], about: null, neededForDelivery: false, planned }]);
  if (!fix?.ok) return [el('p', { class: 'notice' }, fix?.refusal ?? ''), command('aws-cli')];
  const { plan } = fix;
  return [
    el('p', {}, el('strong', {}, plan.title)),
    el(
      'p',
      { class: 'notice', id: 'without-policies' },
      'The fix of its encryption, from the settings of the trail: this page holds no policies. The command reads those of the run as well, refuses what would break one, and repairs the other findings of the trail with it:',
    ),
    command('aws-cli'),
    plan.notes.length > 0 &&
      el(
        'ul',
        { class: 'notes' },
        plan.notes.map((note) => el('li', {}, note)),
      ),
    FORMATS.map(([name, filesOf], index) =>
      el(
        'details',
        { class: 'fix-format', open: index === 0 },
        el('summary', {}, name),
        filesOf(plan).map((file) => [
          el('p', { class: 'facts' }, `${file.name}: ${file.purpose}`),
          copyable(file.content, file.name),
        ]),
      ),
    ),
    el(
      'details',
      { class: 'fix-format' },
      el('summary', {}, 'CloudFormation and Terraform files'),
      command('cloudformation-yaml'),
      command('terraform'),
    ),
  ];
}
