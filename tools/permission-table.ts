import type { App, Stack } from 'aws-cdk-lib';
import { HANDLER_NAMES } from '../functions/handlers/lambda/environment.ts';
import { GRANTS } from '../functions/reads/grants.ts';
import { namesOf } from '../infra/names.ts';
import { parseSettings } from '../infra/settings/settings.ts';
import { addStacks } from '../infra/stacks.ts';
import { unbundledApp } from '../infra/unbundled-app.ts';

/** Why each statement is there: the call that needs it. By the statement's Sid, or its first action where it has none. */
export const REASONS: Readonly<Record<string, string>> = {
  KnowTheOrganization: 'DescribeOrganization: one report root holds one organization',
  ListTheAccounts:
    'ListAccounts, and the units above them; the tags of accounts only where a filter or a waiver asks for them',
  ListTheAccountsAgain: 'ListAccounts, only where an account failed: it may have been closed meanwhile',
  ListRegions: 'DescribeRegions: the Regions of the partition',
  KnowTheRoomForFunctions: 'GetAccountSettings: how many functions may run at once, so that no child is refused',
  AssumeMemberRoles: "AssumeRole, once an account; the role's trust policy decides",
  ...Object.fromEntries(Object.entries(GRANTS).map(([sid, { why }]) => [sid, why])),
  FindReportObjects: 'ListObjectsV2; and without it S3 says 403, not 404, of an object that does not exist',
  ReadReportObjects: 'GetObject',
  DecryptReportObjects: "S3's own call when a function reads",
  WriteReportObjects: 'PutObject, and AbortMultipartUpload where a stream of many parts breaks',
  EncryptReportObjects: "S3's own call when a function writes",
  SignTheManifest: 'Sign, once a run, ECDSA_SHA_256 only',
  SendTheSummary: 'Publish, once a run',
  SendEvents: 'PutEvents on the default bus, of source trailseal only',
  ImportFindings: 'BatchImportFindings, only with securityHub: into the default product of the account',
  SeeWhatIsOpen:
    'GetFindings, only with securityHub: findings of earlier runs, to archive those of resources that are gone',
  WriteOwnLogs: "Lambda's own calls, to this function's log group",
  SendTraces: "X-Ray's daemon",
  CallTheHandlers: 'the tasks of the workflow',
  StartTheChildrenOfAMap: 'a Distributed Map starts its children as executions of the same machine',
  FollowAndStopTheChildren: 'a Distributed Map watches them, and stops them when it is stopped',
  RedriveAMap: 'a redriven execution restarts the children that failed',
  ReadTheItemsOfAMap: 'ItemReader',
  FindMapResults: 'ListObjectsV2, only with objectLock: the results of the maps',
  ReadMapResults: 'GetObject, only with objectLock: the children that died without a word',
  WriteTheResultsOfAMap: 'ResultWriter, in parts where the results are many',
  UseTheBucketKey: "S3's own calls when the workflow reads items and writes results",
  DeliverLogs: "Step Functions' log delivery",
  'states:StartExecution': 'starts a run',
  'sqs:SendMessage': 'leaves a dead letter where no run could be started',
  EncryptDeadLetters: "SQS' own calls when a dead letter is left",
};

interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}
interface Statement {
  Sid?: string;
  Action: string | string[];
  Resource: unknown;
}

/** Every permission of the scanner's own roles, with every option turned on, from the synthesized template itself. */
export const permissionTable = (): string => {
  const { scanner } = addStacks(unbundledApp(), {
    ...parseSettings({}),
    sampleLogs: true,
    securityHub: true,
    objectLock: { mode: 'GOVERNANCE', days: 365 },
    waiversKey: 'settings/waivers.yaml',
  });
  const { Resources } = templateOf(scanner);
  const owners = new Map<string, string[]>();
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::IAM::Policy') continue;
    const [role] = Properties.Roles as { Ref: string }[];
    const { Statement } = Properties.PolicyDocument as { Statement: Statement[] };
    for (const statement of Statement) {
      const text = permission(statement);
      owners.set(text, [...(owners.get(text) ?? []), ownerOf(role?.Ref ?? '')]);
    }
  }
  const rows = [...owners].map(
    ([text, roles]) => `| ${roles.length < HANDLER_NAMES.length ? roles.join(', ') : 'every function'} | ${text} |`,
  );
  return ['| Role of | May | On | For |', '|---|---|---|---|', ...rows, ''].join('\n');
};

const templateOf = (stack: Stack): { Resources: Record<string, Resource> } =>
  (stack.node.root as App).synth().getStackByName(stack.stackName).template;

const permission = ({ Sid, Action, Resource }: Statement): string => {
  const actions = [Action].flat();
  const reason = REASONS[Sid ?? actions[0] ?? ''];
  if (reason === undefined) throw new Error(`say in REASONS what ${Sid ?? actions.join(', ')} is needed for`);
  const code = (items: string[]) => items.map((item) => (/^(the|its) /.test(item) ? item : `\`${item}\``)).join(', ');
  return `${code(actions)} | ${code([Resource].flat().map(named))} | ${reason}`;
};

/** Whose role it is, from its logical id: `HandlersPlanRole…`, `WorkflowRole…`, `ScheduleRole…`. */
const ownerOf = (logicalId: string): string => {
  const handler = HANDLER_NAMES.find((name) => logicalId.toLowerCase().startsWith(`handlers${name}role`));
  if (handler) return handler;
  return logicalId.startsWith('Workflow') ? 'the workflow' : 'the schedule';
};

/** A resource in words where the template has references: `bucket/runs/*`, `the key`. */
const named = (resource: unknown): string => {
  if (typeof resource === 'string') return resource;
  const {
    Ref,
    'Fn::GetAtt': att,
    'Fn::Join': join,
  } = resource as {
    Ref?: string;
    'Fn::GetAtt'?: [string, string];
    'Fn::Join'?: [string, unknown[]];
  };
  if (join) {
    return join[1]
      .map(named)
      .join(join[0])
      .replace(/^arn:<partition>:/, '')
      .replace(':<region>:<account>:', ':');
  }
  const id = Ref ?? att?.[0] ?? '';
  const words: [prefix: string, words: string][] = [
    ['AWS::Partition', '<partition>'],
    ['AWS::Region', '<region>'],
    ['AWS::AccountId', '<account>'],
    ['Reports', 'bucket'],
    ['MapResults', 'results'],
    ['SigningKey', 'the signing key'],
    ['Key', 'the key'],
    ['Notifications', 'the topic'],
    ['WorkflowStateMachine', `stateMachine:${namesOf().workflow}`],
    ['ScheduleDeadLetters', 'the dead-letter queue'],
  ];
  const handler = HANDLER_NAMES.find((name) => id.toLowerCase().startsWith(`handlers${name}`));
  if (handler) return id.includes('Logs') ? 'its own log group' : namesOf().function(handler);
  return words.find(([prefix]) => id.startsWith(prefix))?.[1] ?? id;
};
