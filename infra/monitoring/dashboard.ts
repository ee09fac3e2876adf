import { Duration } from 'aws-cdk-lib';
import {
  Dashboard as CloudWatchDashboard,
  Column,
  GraphWidget,
  type IMetric,
  SingleValueWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { HandlerName } from '../../functions/handlers/lambda/environment.ts';
import type { RunMetric } from '../../functions/handlers/lambda/metric-names.ts';
import { namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';
import { runMetric } from './run-metrics.ts';

export interface DashboardProps {
  stateMachine: IStateMachine;
  functions: Record<HandlerName, IFunction>;
  deadLetters: IQueue;
  settings: Settings;
}

const DAY = Duration.days(1);

/** One page: what the last runs found, and whether the scanner itself is well. */
export class Dashboard extends CloudWatchDashboard {
  constructor(scope: Construct, id: string, { stateMachine, functions, deadLetters, settings }: DashboardProps) {
    super(scope, id, { dashboardName: namesOf(settings).dashboard, defaultInterval: Duration.days(30) });
    const daily = (name: RunMetric): IMetric => runMetric(name, { period: DAY, statistic: Stats.MAXIMUM, settings });
    const latest = (title: string, ...names: RunMetric[]) =>
      new SingleValueWidget({ title, width: 8, height: 4, metrics: names.map((name) => daily(name)) });
    const graph = (title: string, left: IMetric[]) =>
      new GraphWidget({ title, width: 12, height: 6, left, leftYAxis: { min: 0 } });
    const all = Object.values(functions);

    this.addWidgets(
      latest('Coverage', 'Accounts', 'Targets', 'TargetsUnanswered'),
      latest('Findings', 'FindingsFailed', 'FindingsUnverified', 'FindingsWaived'),
      latest('Runs', 'RunsComplete', 'RunsPartial', 'AccountsOverdue'),
    );
    this.addWidgets(
      new Column(
        graph('Findings by day', [daily('FindingsFailed'), daily('FindingsUnverified'), daily('FindingsWaived')]),
        graph('Seconds a run takes', [daily('RunSeconds')]),
        graph('AWS calls of a run', [daily('ApiCalls')]),
      ),
      new Column(
        graph('Runs', [stateMachine.metricSucceeded({ period: DAY }), stateMachine.metricFailed({ period: DAY })]),
        graph(
          'Function errors',
          all.map((called) => called.metricErrors({ period: DAY })),
        ),
        graph('Function throttles and dead letters', [
          ...all.map((called) => called.metricThrottles({ period: DAY })),
          deadLetters.metricApproximateNumberOfMessagesVisible({ period: DAY, statistic: Stats.MAXIMUM }),
        ]),
      ),
    );
  }
}
