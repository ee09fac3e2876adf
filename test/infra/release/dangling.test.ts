import { expect, test } from '@jest/globals';
import { mergeTemplates, type Template, type World } from '../../../infra/release/conditional-template.ts';
import { danglingChoices } from '../../../infra/release/dangling.ts';

const is = (name: string) => ({ 'Fn::Equals': [{ Ref: name }, 'true'] });
const options = {
  expressions: { TheirsIsSet: is('Theirs'), LockIsOff: is('Lock'), MailIsOn: is('Mail') },
  groupOf: (condition: string) => condition,
};
const bucket = { Type: 'AWS::S3::Bucket', Properties: {} };
const machine = (Results: unknown) => ({ Type: 'AWS::StepFunctions::StateMachine', Properties: { Results } });
const world = (holds: string[], Resources: Record<string, object>): World => ({
  holds,
  template: { Resources } as unknown as Template,
});
/** With a lock the results have a bucket of their own, so that nothing shows whose the other bucket is. */
const worlds = [
  world([], { Ours: bucket, Own: bucket, Machine: machine({ Ref: 'Own' }) }),
  world(['TheirsIsSet'], { Own: bucket, Machine: machine({ Ref: 'Own' }) }),
  world(['LockIsOff'], { Ours: bucket, Machine: machine({ Ref: 'Ours' }) }),
  world(['MailIsOn'], { Ours: bucket, Own: bucket, Machine: machine({ Ref: 'Own' }) }),
];

test('choices are found under which a template refers to what it then lacks', () => {
  expect(danglingChoices(mergeTemplates(worlds, options), options)).toEqual([['LockIsOff', 'TheirsIsSet']]);
});

test('with the world of those choices nothing is left, and each world is what it was', () => {
  const both = world(['TheirsIsSet', 'LockIsOff'], { Machine: machine({ Ref: 'Theirs' }) });
  const merged = mergeTemplates([...worlds, both], options);
  expect(danglingChoices(merged, options)).toEqual([]);
  expect(JSON.stringify(merged.Resources.Machine?.Properties)).toContain('{"Ref":"Theirs"}');
});
