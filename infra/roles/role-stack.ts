import { type IStackSynthesizer, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from '../settings/settings.ts';
import { MemberRole } from './member-role.ts';

export interface RoleStackProps {
  settings: Settings;
  /** Which accounts the role is for; it is the same role, with another description. */
  for: 'member' | 'management';
}

/**
 * The audit role in one account. For the management account it is deployed as it is: StackSets skip that account, and
 * under Control Tower the organization's trail and its key live there. Needs no bootstrapped account.
 */
export class RoleStack extends Stack {
  constructor(scope: Construct, id: string, props: RoleStackProps) {
    super(scope, id, {
      // The only synthesizer that names no role of the bootstrap; BootstraplessSynthesizer does (aws-cdk #20648).
      synthesizer: new LegacyStackSynthesizer() as IStackSynthesizer,
      description: `TrailSeal: read-only audit role of ${
        props.for === 'member' ? 'a member account' : 'the management account'
      }`,
    });
    // The template is also handed out as a file: it should not tell of the construct tree it came from.
    this.node.setContext('aws:cdk:enable-path-metadata', false);
    new MemberRole(this, 'MemberRole', props.settings);
  }
}
