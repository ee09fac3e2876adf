import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { CLOUDTRAIL_DETAIL_TYPES, WATCHED, watchedPatterns } from '../../functions/reads/watched/watched-events.ts';
import { apiCall } from '../domain/watch/events.ts';
import { RECORDED } from '../reads/watched/recorded-events.ts';
import { hasLocalStack, INSTALL_LOCALSTACK, PYTHON } from './localstack.ts';

/** LocalStack's own reading of EventBridge's patterns, without its server. */
const SCRIPT = `
import json, sys
from localstack.services.events.event_rule_engine import EventPatternCompiler, EventRuleEngine
given = json.load(sys.stdin)
patterns = [EventPatternCompiler().compile_event_pattern(json.dumps(pattern)) for pattern in given["patterns"]]
print(json.dumps([[EventRuleEngine().evaluate_pattern_on_event(p, event) for p in patterns] for event in given["events"]]))
`;

/** For each event how many of the rules take it. */
function rulesThatTake(events: readonly object[]): number[] {
  const input = JSON.stringify({ patterns: watchedPatterns(), events });
  const { status, stdout, stderr } = spawnSync(PYTHON ?? 'python3', ['-c', SCRIPT], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.slice(-2_000));
  return (JSON.parse(stdout) as boolean[][]).map((taken) => taken.filter(Boolean).length);
}

const isNeeded = hasLocalStack() || PYTHON !== undefined;

(isNeeded ? describe : describe.skip)(
  `the patterns of the rules, as LocalStack reads them${isNeeded ? '' : ` (skipped: it wants ${INSTALL_LOCALSTACK})`}`,
  () => {
    test('take each event that AWS shows by one rule', () => {
      expect(rulesThatTake(RECORDED.map(({ event }) => event))).toEqual(RECORDED.map(() => 1));
    });

    test('take every watched event of CloudTrail by one rule, whichever kind it is', () => {
      const events = WATCHED.flatMap(({ source, events: names = [] }) =>
        names.flatMap((name) =>
          CLOUDTRAIL_DETAIL_TYPES.map((kind) => ({
            ...apiCall(name, { service: source.slice('aws.'.length) }),
            'detail-type': kind,
          })),
        ),
      );
      expect(events.length).toBeGreaterThan(100);
      expect(new Set(rulesThatTake(events))).toEqual(new Set([1]));
    });

    test('take nothing that somebody makes up, and no other event', () => {
      const stopped = apiCall('StopLogging');
      expect(
        rulesThatTake([
          { ...stopped, source: 'acme.cloudtrail' },
          { ...stopped, source: 'aws.ec2' },
          { ...stopped, 'detail-type': 'AWS Console Sign In via CloudTrail' },
          { ...stopped, detail: { ...stopped.detail, eventName: 'DescribeTrails' } },
          { ...stopped, detail: { ...stopped.detail, eventName: ['x'] } },
          apiCall('StopLogging', { service: 'kms' }),
          { source: 'aws.kms', 'detail-type': 'KMS CMK Rotation Failed', detail: {} },
        ]),
      ).toEqual([0, 0, 0, 0, 0, 0, 0]);
    });
  },
);
