import type { Cloud } from '../../../functions/handlers/lambda/cloud.ts';
import { collect } from '../../../functions/handlers/lambda/collect.ts';
import type { Factory } from '../../../functions/handlers/lambda/entry.ts';
import {
  type Environment,
  type FunctionName,
  readEnvironment,
} from '../../../functions/handlers/lambda/environment.ts';
import { gather } from '../../../functions/handlers/lambda/gather.ts';
import { inspect } from '../../../functions/handlers/lambda/inspect.ts';
import { notify } from '../../../functions/handlers/lambda/notify.ts';
import { plan } from '../../../functions/handlers/lambda/plan.ts';
import { record } from '../../../functions/handlers/lambda/record.ts';
import { report } from '../../../functions/handlers/lambda/report.ts';
import { scan } from '../../../functions/handlers/lambda/scan.ts';
import { start } from '../../../functions/handlers/lambda/start.ts';
import type { Handler } from '../../../functions/handlers/ports.ts';

const FACTORIES: { [H in FunctionName]: Factory<H> } = {
  ...{ plan, scan, record, gather, inspect, report, notify },
  ...{ collect, start },
};

/** A function as Lambda would run it: the handler over the cloud's ports, from its environment as text. */
export const deployedHandler = <H extends FunctionName>(
  name: H,
  env: Readonly<Record<string, string | undefined>>,
  cloud: Cloud,
): Handler => FACTORIES[name](readEnvironment(name, env) as Environment<H>, cloud);
