import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { isNarrowed } from '../../functions/domain/settings/run-settings.ts';
import type { RunMetric } from '../../functions/handlers/lambda/metric-names.ts';
import { namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';

/** The scope that scheduled runs have under these settings: runs of another scope are another series. */
export const scheduledScope = (settings: Settings): 'ORGANIZATION' | 'FILTERED' =>
  isNarrowed(settings) ? 'FILTERED' : 'ORGANIZATION';

/** A number of a scheduled run that the Notify function writes at the end of a run. */
export const runMetric = (
  metricName: RunMetric,
  props: { period: Duration; statistic: string; settings: Settings },
): Metric => {
  const { settings, ...rest } = props;
  return new Metric({
    namespace: namesOf(settings).metrics,
    metricName,
    dimensionsMap: { service: 'trailseal', scope: scheduledScope(settings) },
    ...rest,
  });
};
