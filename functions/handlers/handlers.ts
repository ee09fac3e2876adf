import { makeGather } from './gather.ts';
import { makeInspect } from './inspect.ts';
import { makeNotify } from './notify.ts';
import { makePlan } from './plan.ts';
import type { Handler, ScannerPorts } from './ports.ts';
import { makeRecord } from './record.ts';
import { makeReport } from './report.ts';
import { makeScan } from './scan.ts';

export type HandlerName = 'plan' | 'scan' | 'record' | 'gather' | 'inspect' | 'report' | 'notify';

/** Every handler over one set of ports: how a laptop and the tests run the workflow. A Lambda makes only its own. */
export const makeHandlers = (ports: ScannerPorts): Record<HandlerName, Handler> => ({
  plan: makePlan(ports),
  scan: makeScan(ports),
  record: makeRecord(ports),
  gather: makeGather(ports),
  inspect: makeInspect(ports),
  report: makeReport(ports),
  notify: makeNotify(ports),
});
