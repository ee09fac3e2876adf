import { type Names, namesOf } from '../names.ts';
import { templateOf } from '../roles/role-template.ts';
import { ForwardingStack } from './forwarding-stack.ts';

/** The template of what sends changes, as a plain object: what the StackSet carries. */
export const forwardingTemplate = ({
  names = namesOf(),
  validate = true,
}: {
  names?: Names;
  validate?: boolean;
} = {}): Record<string, unknown> =>
  templateOf(validate, (app) => new ForwardingStack(app, 'TrailSealWatch', { accounts: 'members', names }));
