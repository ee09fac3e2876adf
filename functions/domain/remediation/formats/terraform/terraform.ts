import { isKeyOf } from '../../decide/order.ts';
import type { Change, Plan } from '../../decide/plan.ts';
import { scriptNotes, withScripts } from '../aws-cli.ts';
import type { RemediationFile } from '../file.ts';
import { accountList, oneLine } from '../text.ts';
import { changeBlocks, inTerraform } from './changes.ts';
import { block, raw } from './hcl.ts';

/** The newest major of the AWS provider; `import` blocks need Terraform 1.5. */
const PROVIDER = '~> 6.0';
const TERRAFORM = '>= 1.5.0';

/**
 * One root module for each account. What Terraform has no resource for (cancelling a deletion, merging into a policy
 * that was not read, the landing zone) comes as a script beside it.
 */
export function terraformFiles(plan: Plan): RemediationFile[] {
  // What a script encrypts has its key from there.
  const isOfScript = (change: Change) =>
    change.do === 'create-key' && isKeyOf(['encrypt-event-data-store'], change.key, plan.changes);
  const changes = plan.changes.filter((change) => inTerraform(change) && !isOfScript(change));
  const rest = plan.changes.filter((change) => !changes.includes(change));
  const noted = { ...plan, notes: [...scriptNotes(rest), ...plan.notes] };
  const modules = [...byAccount(changes)];
  const files = [
    ...modules.map(([accountId, own], i) => ({
      name: `${modules.length === 1 ? '' : `${i + 1}-${accountId ?? 'bucket-owner'}/`}main.tf`,
      content: moduleText(noted, accountId, own),
      purpose: `Terraform for ${accountId === null ? "the bucket's account" : `account ${accountId}`}: terraform init, then plan, read it, and apply`,
    })),
    ...(modules.length === 0 ? [] : [undo(changes)]),
  ];
  return withScripts(plan, rest, files, 'Terraform has no resource for it');
}

function byAccount(changes: readonly Change[]): Map<string | null, Change[]> {
  const accounts = new Map<string | null, Change[]>();
  for (const change of changes) accounts.set(change.accountId, [...(accounts.get(change.accountId) ?? []), change]);
  return accounts;
}

function moduleText(plan: Plan, accountId: string | null, changes: readonly Change[]): string {
  const blocks = changes.flatMap((change, i) => changeBlocks(change, changes, i));
  const regions = [...new Set(blocks.flatMap((b) => (b.region === null ? [] : [b.region])))].sort();
  const takesKey = blocks.some((b) => b.text.includes('var.kms_key_arn'));
  return `${[
    [
      plan.title,
      `Repairs ${accountList(plan.accountsCovered)}.`,
      ...plan.notes,
      'What another Terraform state or a CloudFormation stack owns already is changed there, not here.',
    ]
      .map((line) => `# ${oneLine(line, 500)}`)
      .join('\n'),
    block(
      'terraform',
      [],
      [
        ['required_version', TERRAFORM],
        block('required_providers', [], [['aws', { source: 'hashicorp/aws', version: PROVIDER }]]),
      ],
    ),
    ...(regions.length === 0 ? [provider(accountId, null)] : regions.map((region) => provider(accountId, region))),
    ...(takesKey
      ? [
          block(
            'variable',
            ['kms_key_arn'],
            [
              ['description', 'ARN of the key that the first module made'],
              ['type', raw('string')],
            ],
          ),
        ]
      : []),
    ...blocks.map((b) => b.text),
  ].join('\n\n')}\n`;
}

/** The wrong account is refused before anything is planned. */
const provider = (accountId: string | null, region: string | null): string =>
  block(
    'provider',
    ['aws'],
    [
      ...(region === null ? [] : [['alias', providerAlias(region)] as const, ['region', region] as const]),
      ...(accountId === null ? [] : [['allowed_account_ids', [accountId]] as const]),
    ],
  );

export const providerAlias = (region: string): string => region.replaceAll('-', '_');

function undo(changes: readonly Change[]): RemediationFile {
  const lines = changes.flatMap((change): string[] => {
    switch (change.do) {
      case 'set-trail-key':
        return [
          change.trail.kmsKeyArn === null
            ? 'Set `kms_key_id = ""` on the trail and apply: new logs are then SSE-S3 only.'
            : `Set \`kms_key_id = "${oneLine(change.trail.kmsKeyArn)}"\` on the trail and apply.`,
        ];
      case 'create-key':
        return [
          'Keep the key: logs written under it can only be read with it. `prevent_destroy` keeps Terraform from deleting it; `terraform state rm` lets go of it.',
        ];
      case 'enable-validation':
        return ['Set `enable_log_file_validation = false` and apply.'];
      case 'enable-rotation':
        return ['Set `enable_key_rotation = false` and apply.'];
      case 'encrypt-event-data-store':
        return ['The key of an event data store cannot be taken off.'];
      default:
        return [];
    }
  });
  return {
    name: 'undo.md',
    purpose: 'how to take it back',
    content: `${['# Undo', ...lines.map((l) => `- ${l}`), '- `terraform state rm` lets go of an imported resource without touching it.'].join('\n')}\n`,
  };
}
