import { readFile } from 'node:fs/promises';
import { PROGRAM_FOLDER } from '../../program-folder.ts';

/** The workflow's file: beside the program's folder, in the checkout and in the package. */
export const TEMPLATE_URL = new URL('../statemachine/scan.asl.json', PROGRAM_FOLDER);

/** Every `${Name}` of the template. Each deployment or engine gives each of them a value. */
export const SUBSTITUTIONS = [
  'Partition',
  'PlanFunctionArn',
  'ScanFunctionArn',
  'RecordFunctionArn',
  'GatherFunctionArn',
  'InspectFunctionArn',
  'ReportFunctionArn',
  'NotifyFunctionArn',
  'ReportBucket',
  /** Where ResultWriter writes: the report bucket, or another where that one is locked. */
  'ResultBucket',
  /** Empty, or the report root's prefix within the bucket with a `/` at its end. */
  'ReportPrefix',
  /** EXPRESS; moto knows only STANDARD children. */
  'ChildExecutionType',
] as const;

export type Substitutions = Record<(typeof SUBSTITUTIONS)[number], string>;

export const readTemplate = (): Promise<string> => readFile(TEMPLATE_URL, 'utf8');

/**
 * The template with its values. Text in, text out: parsing and printing it again would lose `100.0`, which one of the
 * engines needs as it is written.
 * @throws Error that names a placeholder without a value
 */
export function substitute(template: string, values: Substitutions): string {
  return template.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = (values as Record<string, string | undefined>)[name];
    if (value === undefined) throw new Error(`the state machine's placeholder \${${name}} has no value`);
    return JSON.stringify(value).slice(1, -1);
  });
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  ResultPath?: string;
}

export interface TaskState {
  Type: 'Task';
  Resource: string;
  Parameters?: JsonObject;
  TimeoutSeconds?: number;
  Retry?: Retrier[];
  Catch?: Catcher[];
  [field: string]: unknown;
}

export interface MapState {
  Type: 'Map';
  ItemReader: { Resource: string; ReaderConfig?: JsonObject; Parameters: JsonObject };
  ItemSelector?: JsonObject;
  ItemProcessor: { ProcessorConfig?: JsonObject; StartAt: string; States: Record<string, State> };
  MaxConcurrency?: number;
  MaxConcurrencyPath?: string;
  ToleratedFailurePercentage?: number;
  ToleratedFailureCount?: number;
  ResultWriter: { Resource: string; Parameters: JsonObject };
  Retry?: Retrier[];
  Catch?: Catcher[];
  [field: string]: unknown;
}

export interface OtherState {
  Type: 'Choice' | 'Pass' | 'Wait' | 'Succeed' | 'Fail';
  [field: string]: unknown;
}

export type State = TaskState | MapState | OtherState;

export interface Definition {
  Comment?: string;
  StartAt: string;
  TimeoutSeconds?: number;
  States: Record<string, State>;
}
