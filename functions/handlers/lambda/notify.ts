import { createRunAnnouncer } from '../../aws/run-announcer.ts';
import { runEvents } from '../../report/notify/run-events.ts';
import { runMessage } from '../../report/notify/run-message.ts';
import { accountsOverdue } from '../../report/run/unreachable.ts';
import { createNotify } from '../notify.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';
import { writeRunMetrics } from './run-metrics.ts';

export const notify: Factory<'notify'> = (env, cloud) => {
  const store = reportStore(env, cloud);
  const announcer = createRunAnnouncer({
    access: cloud.access,
    region: cloud.region,
    topicArn: env.TOPIC_ARN,
    eventBus: env.EVENT_BUS,
  });
  return createNotify({
    store,
    notify: async (report) => {
      const overdue = await accountsOverdue({
        store,
        run: report.run,
        hours: env.UNREACHABLE_HOURS,
        now: cloud.now(),
      });
      writeRunMetrics(report, overdue.length);
      await announcer.events(runEvents(report, { root: store.root, overdue }));
      await announcer.message(runMessage(report, { root: store.root, overdue }));
    },
  });
};

export const handler = lambdaEntry('notify', notify);
