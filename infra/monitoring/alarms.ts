import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  type Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { HandlerName } from '../../functions/handlers/lambda/environment.ts';
import { namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';
import type { ChangeWatch } from '../watch/change-watch.ts';
import { runMetric } from './run-metrics.ts';

export interface AlarmsProps {
  stateMachine: IStateMachine;
  functions: Record<HandlerName, IFunction>;
  deadLetters: IQueue;
  topic: ITopic;
  settings: Settings;
  /** Where changes are watched. */
  watch: Pick<ChangeWatch, 'functions' | 'deadLetters'> | null;
}

const HOUR = Duration.hours(1);
const FIVE_MINUTES = Duration.minutes(5);

interface AlarmRule extends Omit<AlarmProps, 'alarmName' | 'threshold' | 'comparisonOperator'> {
  /** Rings at this value and above; 1 by default. */
  atLeast?: number;
  /** Rings below this value instead. */
  below?: number;
}

/** What someone should hear of. Each alarm's description says what to do first. */
export class Alarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { stateMachine, functions, deadLetters, topic, settings, watch }: AlarmsProps,
  ) {
    super(scope, id);
    const names = namesOf(settings);
    const alarm = (name: string, props: AlarmRule) => {
      const { atLeast, below, ...rest } = props;
      const created = new Alarm(this, name, {
        treatMissingData: TreatMissingData.NOT_BREACHING,
        ...rest,
        alarmName: names.alarm(name),
        threshold: below ?? atLeast ?? 1,
        comparisonOperator:
          below === undefined
            ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
            : ComparisonOperator.LESS_THAN_THRESHOLD,
      });
      created.addAlarmAction(new SnsAction(topic));
      return created;
    };

    alarm('RunFailed', {
      alarmDescription: 'A run ended without a report. Open the execution; redrive it once the cause is gone.',
      metric: sum(
        [
          stateMachine.metricFailed({ period: FIVE_MINUTES }),
          stateMachine.metricTimedOut({ period: FIVE_MINUTES }),
          stateMachine.metricAborted({ period: FIVE_MINUTES }),
        ],
        'Runs failed, timed out or aborted',
      ),
      evaluationPeriods: 1,
    });
    alarm('AccountsUnreachable', {
      alarmDescription: `Accounts could not be scanned for more than ${settings.unreachableHours} hours. See the named query unreachable-accounts.`,
      metric: runMetric('AccountsOverdue', { period: HOUR, statistic: Stats.MAXIMUM, settings }),
      evaluationPeriods: 1,
      // Between two runs the last one's word counts.
      treatMissingData: TreatMissingData.IGNORE,
    });
    alarm('RunPartial', {
      alarmDescription:
        'The last run lacks an answer of some account or Region. See the named query unreachable-accounts; then resume it.',
      metric: runMetric('RunsPartial', { period: HOUR, statistic: Stats.MAXIMUM, settings }),
      evaluationPeriods: 1,
      // Between two runs the last one's word counts.
      treatMissingData: TreatMissingData.IGNORE,
    });
    if (settings.silentHours !== null) {
      alarm('NoRun', {
        alarmDescription: `No run has ended well for ${settings.silentHours} hours. Is the schedule enabled? Are there dead letters?`,
        // Each run says once whether it was complete. A run narrowed by hand is another series: it does not stand in.
        metric: runMetric('RunsComplete', {
          period: HOUR,
          statistic: Stats.SAMPLE_COUNT,
          settings,
        }),
        below: 1,
        evaluationPeriods: settings.silentHours,
        treatMissingData: TreatMissingData.BREACHING,
      });
    }
    alarm('StepErrors', {
      alarmDescription:
        'A step that every run depends on failed, and perhaps succeeded when tried again. See its log group.',
      metric: sum(
        (['plan', 'gather', 'report', 'notify', 'record'] as const).map((name) =>
          functions[name].metricErrors({ period: FIVE_MINUTES }),
        ),
        'Errors of plan, gather, report, notify and record',
      ),
      evaluationPeriods: 1,
    });
    alarm('ScanErrors', {
      alarmDescription: 'More than 5 % of the calls that look into accounts failed. The ledger names the accounts.',
      metric: new MathExpression({
        label: 'Failed calls of scan and inspect, %',
        expression: '100 * (scanErrors + inspectErrors) / (scanCalls + inspectCalls)',
        usingMetrics: {
          scanErrors: functions.scan.metricErrors(),
          inspectErrors: functions.inspect.metricErrors(),
          scanCalls: functions.scan.metricInvocations(),
          inspectCalls: functions.inspect.metricInvocations(),
        },
        period: HOUR,
      }),
      atLeast: 5,
      evaluationPeriods: 1,
    });
    alarm('Throttles', {
      alarmDescription:
        "Lambda refused calls: lower the setting concurrency, or raise the account's Lambda concurrency.",
      metric: sum(
        Object.values(functions).map((called) => called.metricThrottles({ period: FIVE_MINUTES })),
        'Throttled calls',
      ),
      // A run of minutes is over before a second period begins.
      evaluationPeriods: 1,
    });
    alarm('DeadLetters', {
      alarmDescription: 'The schedule could not start a run. The message says why; start a run by hand.',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      evaluationPeriods: 1,
    });
    if (watch === null) return;
    alarm('WatchDeadLetters', {
      alarmDescription:
        'Changes could not be looked into: the messages say which. Scan the accounts by hand; redrive what is sound.',
      metric: sum(
        watch.deadLetters.map((queue) =>
          queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
        ),
        'Dead letters of changes',
      ),
      evaluationPeriods: 1,
    });
    alarm('WatchErrors', {
      alarmDescription:
        'A function that looks into changes failed, and perhaps succeeded when tried again. See its log group.',
      metric: sum(
        Object.values(watch.functions).map((called) => called.metricErrors({ period: FIVE_MINUTES })),
        'Errors of collect and start',
      ),
      // What fails once is tried again.
      atLeast: 3,
      evaluationPeriods: 1,
    });
    alarm('RegionsSilent', {
      alarmDescription: `A Region that sent changes has sent none for ${settings.watch.silentDays} days. Is the rule there, and does a trail log there? The message of the last run names it.`,
      metric: runMetric('RegionsSilent', { period: HOUR, statistic: Stats.MAXIMUM, settings }),
      evaluationPeriods: 1,
      // Between two runs the last one's word counts.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }
}

const sum = (metrics: IMetric[], label: string): MathExpression => {
  const names = metrics.map((_, index) => `m${index}`);
  return new MathExpression({
    label,
    expression: names.join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    period: (metrics[0] as Metric).period,
  });
};
