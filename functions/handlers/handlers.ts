import { createGather } from './gather.ts';
import { createInspect } from './inspect.ts';
import { createNotify } from './notify.ts';
import { createPlan } from './plan.ts';
import type { Handler, ScannerPorts } from './ports.ts';
import { createRecord } from './record.ts';
import { createReport } from './report.ts';
import { createScan } from './scan.ts';

export type HandlerName = 'plan' | 'scan' | 'record' | 'gather' | 'inspect' | 'report' | 'notify';

/** Every handler over one set of ports: how a laptop and the tests run the workflow. A Lambda makes only its own. */
export const createHandlers = (ports: ScannerPorts): Record<HandlerName, Handler> => ({
  plan: createPlan(ports),
  scan: createScan(ports),
  record: createRecord(ports),
  gather: createGather(ports),
  inspect: createInspect(ports),
  report: createReport(ports),
  notify: createNotify(ports),
});
