import { createRunAnnouncer } from '../../aws/run-announcer.ts';
import { runEvents } from '../../report/notify/run-events.ts';
import { runMessage } from '../../report/notify/run-message.ts';
import type { RunReport } from '../../report/run/run-report.ts';
import { accountsOverdue } from '../../report/run/unreachable.ts';
import { createNotify } from '../notify.ts';
import { publishedWords, publishRun } from '../publish-run.ts';
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
  /** What became of it, for the message: a Security Hub that takes nothing keeps nobody from hearing of the run. */
  const published = async ({ run }: RunReport, signal: AbortSignal): Promise<string> => {
    const publisher = { accountId: env.REPORT_BUCKET_OWNER, region: cloud.region, partition: run.partition };
    const { run_date: runDate, ...row } = run;
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(PUBLISHING_MS)]);
      const outcome = await publishRun({
        access: cloud.access,
        publisher,
        store,
        run: { row, runDate },
        signal: within,
      });
      return publishedWords(publisher, outcome);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return `The findings are not in Security Hub, or not all of them: ${why.replace(/\.?$/, '.')} \`trailseal export --format asff --publish\` imports the rest.`;
    }
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
      writeRunMetrics(report, overdue.length);
      await announcer.events(runEvents(report, { root: store.root, overdue }));
      const securityHub = env.SECURITY_HUB ? await published(report, signal) : null;
      await announcer.message(runMessage(report, { root: store.root, overdue, securityHub }));
    },
  });
};

export const handler = lambdaEntry('notify', notify);
