import { isKeyOf } from '../decide/order.ts';
import type { Change, Plan } from '../decide/plan.ts';
import { regionOf, scriptNotes, withScripts } from './aws-cli.ts';
import {
  keyTemplate,
  newTrailTemplate,
  readTemplate,
  type Template,
  type TemplateFormat,
  templateText,
  trailTemplate,
} from './cloudformation-templates.ts';
import type { RemediationFile } from './file.ts';
import { scriptText } from './script.ts';
import { quoted } from './shell.ts';
import { accountList, oneLine, slug } from './text.ts';

/**
 * Templates, and for each account the script that deploys them: a stack for the key in the bucket's region, and one in
 * the home region that takes over the trail (a plain template would collide with its name). An import changes nothing,
 * and may not make anything: so the trail is imported as it is, and then updated.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-import.html
 */
export function cloudFormationFiles(plan: Plan, format: TemplateFormat): RemediationFile[] {
  const parts = plan.changes.map((change, i) => partOf(change, i, plan.changes, format));
  const rest = plan.changes.filter((_, i) => parts[i] === null);
  const accounts = new Map<string | null, Part[]>();
  for (const [i, part] of parts.entries()) {
    const account = plan.changes[i]?.accountId ?? null;
    if (part !== null && part !== NOTHING) accounts.set(account, [...(accounts.get(account) ?? []), part]);
  }
  const files = [...accounts].flatMap(([accountId, own], i) =>
    accountFiles(plan, own, {
      accountId,
      folder: accounts.size === 1 ? '' : `${i + 1}-${accountId}/`,
      order: scriptNotes(rest),
    }),
  );
  return withScripts(plan, rest, files, 'no CloudFormation resource does it');
}

/** One change as files and as lines of the script that deploys them. */
interface Part {
  files: RemediationFile[];
  deploy: string[];
  undo: string[];
  region: string;
  makesKey: boolean;
  /** The alias of the key whose ARN it is given. */
  takesKey: string | null;
}

function accountFiles(
  plan: Plan,
  parts: readonly Part[],
  at: { accountId: string | null; folder: string; order: readonly string[] },
): RemediationFile[] {
  const { accountId, folder } = at;
  const [first] = parts;
  const script = (title: string, body: string[], takesKey: string | null, order: readonly string[]) =>
    scriptText({
      title,
      about: [
        `Repairs ${accountList(plan.accountsCovered)}.`,
        ...order,
        ...plan.notes,
        'What another stack or a Terraform state owns already is changed there: CloudFormation refuses to import it twice.',
      ],
      accounts: accountId === null ? null : [accountId],
      region: first?.region ?? 'us-east-1',
      takesKey,
      functions: ['stack_exists', 'import_stack'],
      body: ['cd "$(dirname "$0")"', '', ...body],
    });
  const takesKey = parts.some((p) => p.makesKey) ? null : (parts.find((p) => p.takesKey !== null)?.takesKey ?? null);
  const undo = [...parts].reverse().flatMap((p) => p.undo);
  return [
    ...parts.flatMap((p) => p.files.map((f) => ({ ...f, name: `${folder}${f.name}` }))),
    {
      name: `${folder}deploy.sh`,
      purpose: 'makes the stacks, and imports what exists',
      content: script(
        plan.title,
        [...parts.flatMap((p) => [...p.deploy, '']), "say 'Done. Scan again to see that it holds: trailseal scan'"],
        takesKey,
        at.order,
      ),
    },
    ...(undo.length === 0
      ? []
      : [
          {
            name: `${folder}undo.sh`,
            purpose: 'takes the change back; keys are kept, since logs written under them need them',
            content: script(`Undo: ${plan.title}`, undo, null, []),
          },
        ]),
  ];
}

type OfTrail = Extract<Change, { do: 'set-trail-key' | 'start-logging' | 'enable-validation' }>;
const isOfTrail = (c: Change): c is OfTrail =>
  c.do === 'set-trail-key' || c.do === 'start-logging' || c.do === 'enable-validation';
const NOTHING: Part = { files: [], deploy: [], undo: [], region: '', makesKey: false, takesKey: null };

function partOf(change: Change, index: number, all: readonly Change[], format: TemplateFormat): Part | null {
  const sameAccount = all.filter((c) => c.accountId === change.accountId);
  const alike = isOfTrail(change)
    ? new Set(sameAccount.filter(isOfTrail).map((c) => c.trail.trailArn)).size
    : sameAccount.filter((c) => c.do === change.do).length;
  const number = alike > 1 ? `-${index + 1}` : '';
  const region = regionOf(change);
  switch (change.do) {
    case 'create-key': {
      // The script that encrypts the log group or the store makes the key too.
      if (isKeyOf(['encrypt-log-group', 'encrypt-event-data-store'], change.key, all)) return null;
      const name = `key${number}.${format}`;
      const stack = `trailseal-key-${stackSlug(change.key.alias.replace(/^alias\/(trailseal-)?/, ''))}`;
      return part(
        region,
        { makesKey: true },
        [template(name, keyTemplate(change.key), format, 'the key and its alias')],
        [
          `ask "deploy stack "${quoted(stack)}": a customer managed key in ${region}, with alias "${quoted(change.key.alias)}`,
          deployLine(region, stack, name),
          `KEY_ARN=$(aws cloudformation describe-stacks --region ${quoted(region)} --stack-name ${quoted(stack)} --query "Stacks[0].Outputs[?OutputKey=='KeyArn'].OutputValue" --output text)`,
          'say "The key: $KEY_ARN"',
        ],
        [],
      );
    }
    case 'set-trail-key':
    case 'start-logging':
    case 'enable-validation': {
      const { trail } = change;
      const together = all.filter(isOfTrail).filter((c) => c.trail.trailArn === trail.trailArn);
      if (together[0] !== change) return NOTHING;
      const set = together.find((c) => c.do === 'set-trail-key');
      const validates = together.some((c) => c.do === 'enable-validation');
      const name = `trail${number}.${format}`;
      const stack = `trailseal-trail-${stackSlug(trail.trailName)}`;
      const resources = [
        {
          ResourceType: 'AWS::CloudTrail::Trail',
          LogicalResourceId: 'Trail',
          ResourceIdentifier: { TrailName: trail.trailName },
        },
      ];
      const parameter = [
        ...(set ? ['KmsKeyArn="$KEY_ARN"'] : []),
        ...(together.some((c) => c.do === 'start-logging') ? ['IsLogging=true'] : []),
        ...(validates ? ['EnableLogFileValidation=true'] : []),
      ].join(' ');
      const before = [
        ...(set ? [`KmsKeyArn=${quoted(trail.kmsKeyArn ?? '')}`] : []),
        ...(validates ? ['EnableLogFileValidation=false'] : []),
      ].join(' ');
      const what = `stack ${quoted(stack)}: trail `;
      return part(
        region,
        { takesKey: set && 'made' in set.key ? set.key.made.alias : null },
        [
          template(name, trailTemplate(trail), format, 'the trail as it is, with parameters for what changes'),
          {
            name: `resources-to-import${number}.json`,
            content: `${JSON.stringify(resources, null, 2)}\n`,
            purpose: 'which resource the import takes over',
          },
        ],
        [
          ...(set && 'arn' in set.key ? [`KEY_ARN=${quoted(set.key.arn)}`] : []),
          ...(trail.logGroupArn === null
            ? ["ROLE=''"]
            : [
                `ROLE=$(aws cloudtrail get-trail --region ${quoted(region)} --name ${quoted(trail.trailArn)} --query Trail.CloudWatchLogsRoleArn --output text)`,
              ]),
          '# Selectors, insights, tags and topics are not in the template: CloudTrail keeps what an update does not name.',
          `# Yours, to put them into the template first if the stack is to own them: aws cloudtrail get-event-selectors --region ${region} --trail-name ${oneLine(trail.trailArn)}`,
          `if stack_exists ${quoted(region)} ${quoted(stack)}; then say "Stack "${quoted(stack)}" is there already."; else`,
          `  ask "import into ${what}"${quoted(trail.trailArn)}", which changes nothing of it"`,
          `  import_stack ${quoted(region)} ${quoted(stack)} ${quoted(name)} ${quoted(`resources-to-import${number}.json`)} "$ROLE"`,
          'fi',
          `ask "update ${what}"${quoted(trail.trailArn)}" gets ${parameter.replaceAll('"', '')}"`,
          `${deployLine(region, stack, name)} --parameter-overrides ${parameter}`,
        ],
        before === ''
          ? []
          : [
              `ask "put "${quoted(trail.trailArn)}" back as it was"`,
              `${deployLine(region, stack, name)} --parameter-overrides ${before}`,
            ],
      );
    }
    case 'create-trail': {
      const stack = `trailseal-trail-${stackSlug(change.trail.name)}`;
      const name = `trail.${format}`;
      return part(
        region,
        { takesKey: 'made' in change.key ? change.key.made.alias : null },
        [template(name, newTrailTemplate(change.trail), format, 'the trail and its bucket')],
        [
          `ask "deploy stack "${quoted(stack)}": trail ${change.trail.name}"`,
          `${deployLine(region, stack, name)} --parameter-overrides KmsKeyArn="$KEY_ARN"`,
        ],
        [],
      );
    }
    case 'grant-read': {
      const name = `read${number}.${format}`;
      const stack = `trailseal-read-${stackSlug(change.policyName)}`;
      return part(
        region,
        {},
        [template(name, readTemplate(change), format, 'the inline policy of the role')],
        [
          `ask "deploy stack "${quoted(stack)}": role "${quoted(change.roleName)}" may read"`,
          `${deployLine(region, stack, name)} --capabilities CAPABILITY_IAM`,
        ],
        [
          `ask "delete stack "${quoted(stack)}`,
          `aws cloudformation delete-stack --region ${quoted(region)} --stack-name ${quoted(stack)}`,
        ],
      );
    }
    default:
      return null;
  }
}

const part = (
  region: string,
  key: { makesKey?: boolean; takesKey?: string | null },
  files: RemediationFile[],
  deploy: string[],
  undo: string[],
): Part => ({ region, files, deploy, undo, makesKey: key.makesKey ?? false, takesKey: key.takesKey ?? null });

const deployLine = (region: string, stack: string, file: string): string =>
  `aws cloudformation deploy --region ${quoted(region)} --stack-name ${quoted(stack)} --template-file ${quoted(file)} --no-fail-on-empty-changeset`;

/** Letters, digits and hyphens. */
const stackSlug = (name: string): string => slug(name).replaceAll('_', '-').replaceAll('/', '-');

const template = (name: string, content: Template, format: TemplateFormat, purpose: string): RemediationFile => ({
  name,
  content: templateText(content, format),
  purpose,
});
