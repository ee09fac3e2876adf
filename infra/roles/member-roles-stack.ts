import {
  Aws,
  CfnOutput,
  CfnParameter,
  CfnStackSet,
  type CfnStackSetProps,
  type IStackSynthesizer,
  LegacyStackSynthesizer,
  Stack,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';
import { forwardingTemplate } from '../watch/forwarding-template.ts';
import { roleTemplate, VALIDATE } from './role-template.ts';

/** One account that refuses must not keep the role from all the others; but where all refuse, nothing is complete. */
const OPERATION_PREFERENCES = {
  failureTolerancePercentage: 99,
  maxConcurrentPercentage: 100,
  regionConcurrencyType: 'PARALLEL',
};

/**
 * Rolls the audit role out to the members of the organization: a service-managed StackSet that follows accounts as they
 * join, move and leave. It never reaches the management account, whose role is a stack of its own.
 */
export class MemberRolesStack extends Stack {
  constructor(scope: Construct, id: string, props: { settings: Settings }) {
    super(scope, id, {
      // Names no role of the bootstrap: the account may have none.
      synthesizer: new LegacyStackSynthesizer() as IStackSynthesizer,
      description: 'TrailSeal: rolls the read-only audit role out to every member account',
    });
    const { memberRole, organizationId, onlyOus, homeRegion, watch } = props.settings;
    const { stackSet } = namesOf(props.settings);
    const ous = memberRole.ous.length > 0 ? memberRole.ous : onlyOus;
    const targets = new CfnParameter(this, 'TargetOrganizationalUnits', {
      type: 'List<String>',
      description: 'Root id (r-…) for the whole organization, or ids of organizational units (ou-…)',
      ...(ous.length > 0 ? { default: ous.join(',') } : {}),
    });
    const organization = new CfnParameter(this, 'OrganizationId', {
      description: 'Organization whose principals may assume the role, such as o-a1b2c3d4e5',
      allowedPattern: '^o-[a-z0-9]{10,32}$',
      ...(organizationId === null ? {} : { default: organizationId }),
    });

    this.#stackSet('MemberRoles', memberRole.callAs, {
      stackSetName: stackSet,
      description: 'TrailSeal: read-only audit role of a member account',
      templateBody: JSON.stringify(
        roleTemplate({
          settings: props.settings,
          for: 'member',
          validate: this.node.tryGetContext(VALIDATE) !== false,
        }),
      ),
      parameters: [
        { parameterKey: 'ScannerAccountId', parameterValue: memberRole.scannerAccount ?? Aws.ACCOUNT_ID },
        { parameterKey: 'OrganizationId', parameterValue: organization.valueAsString },
      ],
      stackInstancesGroup: [
        {
          deploymentTargets: { organizationalUnitIds: targets.valueAsList },
          // IAM is global: one region serves, but every member must have it enabled.
          regions: [homeRegion ?? Aws.REGION],
        },
      ],
    });
    if (watch.regions.length > 0) this.#watch(props.settings, { targets: targets.valueAsList });
    const callAs = memberRole.callAs === 'SELF' ? '' : ` --call-as ${memberRole.callAs}`;
    new CfnOutput(this, 'ListFailedAccounts', {
      value: `aws cloudformation list-stack-instances --stack-set-name ${stackSet}${callAs} --filters Name=DETAILED_STATUS,Values=FAILED`,
      description: 'The stack is complete although single accounts failed: lists those',
    });
    // Then it has the rules of the watch alone.
    if (!memberRole.rollOut)
      for (const id of ['MemberRoles', 'OrganizationId', 'ListFailedAccounts']) this.node.tryRemoveChild(id);
  }

  /** A rule in every Region that is watched. A StackSet of its own: the role is global, and this is not. */
  #watch(settings: Settings, { targets }: { targets: string[] }): void {
    const { watch, memberRole } = settings;
    const names = namesOf(settings);
    const account = memberRole.scannerAccount ?? Aws.ACCOUNT_ID;
    this.#stackSet('MemberRules', memberRole.callAs, {
      stackSetName: names.watchStackSet,
      description: 'TrailSeal: sends changes in a member account to the scanner',
      templateBody: JSON.stringify(
        forwardingTemplate({ names, validate: this.node.tryGetContext(VALIDATE) !== false }),
      ),
      parameters: [
        {
          parameterKey: 'EventBusArn',
          parameterValue: `arn:${Aws.PARTITION}:events:${Aws.REGION}:${account}:event-bus/${names.bus}`,
        },
      ],
      stackInstancesGroup: [{ deploymentTargets: { organizationalUnitIds: targets }, regions: watch.regions }],
    });
  }

  #stackSet(id: string, callAs: string, of: Omit<CfnStackSetProps, 'permissionModel' | 'callAs'>): void {
    new CfnStackSet(this, id, {
      ...of,
      permissionModel: 'SERVICE_MANAGED',
      callAs,
      // An account that joins gets the stack, one that leaves loses it.
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      managedExecution: { Active: true },
      capabilities: ['CAPABILITY_NAMED_IAM'],
      operationPreferences: OPERATION_PREFERENCES,
    });
  }
}
