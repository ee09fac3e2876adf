import { createRunAnnouncer } from '../../aws/run-announcer.ts';
import { createSharedObject } from '../../aws/stores/shared-object.ts';
import { ANNOUNCED_KEY, trailNews } from '../../report/notify/announced.ts';
import { runEvents } from '../../report/notify/run-events.ts';
import { isWorthTelling, runMessage } from '../../report/notify/run-message.ts';
import type { RunReport } from '../../report/run/run-report.ts';
import { accountsOverdue } from '../../report/run/unreachable.ts';
import { createNotify } from '../notify.ts';
import { publishedOrWhyNot } from '../publish-run.ts';
import { silentRegions } from '../watch/seen-regions.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';
import { writeRunMetrics } from './run-metrics.ts';

/** Of the 15 minutes of a function; the message comes after it. */
const PUBLISHING_MS = 13 * 60 * 1_000;

export const notify: Factory<'notify'> = (env, cloud) => {
  const store = reportStore(env, cloud);
  const announcer = createRunAnnouncer({
    access: cloud.access,
    region: cloud.region,
    topicArn: env.TOPIC_ARN,
    eventBus: env.EVENT_BUS,
  });
  const announced = createSharedObject({
    ...{ access: cloud.access, region: cloud.region },
    ...{ bucket: env.REPORT_BUCKET, expectedOwner: env.REPORT_BUCKET_OWNER, key: store.objectKey(ANNOUNCED_KEY) },
  });
  const published = ({ run }: RunReport, signal: AbortSignal): Promise<string> => {
    const { run_date: runDate, ...row } = run;
    return publishedOrWhyNot({
      access: cloud.access,
      publisher: { accountId: env.REPORT_BUCKET_OWNER, region: cloud.region, partition: run.partition },
      store,
      run: { row, runDate },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PUBLISHING_MS)]),
    });
  };
  return createNotify({
    store,
    notify: async (report, { signal }) => {
      const overdue = await accountsOverdue({
        store,
        run: report.run,
        hours: env.UNREACHABLE_HOURS,
        now: cloud.now(),
      });
      // Only what looks at everything can say that a region is quiet.
      const silent =
        env.WATCH_SILENT_DAYS === 0 || report.because
          ? []
          : await silentRegions(store, { days: env.WATCH_SILENT_DAYS, now: cloud.now() });
      writeRunMetrics(report, { overdue: overdue.length, silent: silent.length });
      const trails = await trailNews(store, announced, report.run);
      await announcer.events(runEvents(report, { root: store.root, overdue, trails }));
      const securityHub = env.SECURITY_HUB ? await published(report, signal) : null;
      if (isWorthTelling(report, trails))
        await announcer.message(runMessage(report, { root: store.root, overdue, trails, silent, securityHub }));
    },
  });
};

export const handler = lambdaEntry('notify', notify);
