import * as z from 'zod';
import type { FailureRecord } from '../model/observation.ts';
import { jsonParserOf, orNull } from './parsed.ts';

/**
 * One child in the files that a Distributed Map's ResultWriter writes, `FAILED_0.json` and the like: an array of these.
 * Of a child that succeeded the input is left out here, since the items are in a file of their own already.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export const childResultSchema = z.object({
  ExecutionArn: z.string().optional(),
  /** JSON. */
  Input: z.string().optional(),
  InputDetails: z.object({ Included: z.boolean() }).optional(),
  Name: z.string().optional(),
  Error: z.string().default('States.Unknown'),
  Cause: z.string().default(''),
  Output: z.string().optional(),
  OutputDetails: z.object({ Included: z.boolean() }).optional(),
  RedriveCount: z.number().optional(),
  StartDate: z.string().optional(),
  Status: z.string().optional(),
  StopDate: z.string().optional(),
});
/** As it is written. */
export type ChildResult = z.input<typeof childResultSchema>;

/** `manifest.json` beside those files. */
export interface ResultManifest {
  DestinationBucket: string;
  MapRunArn: string;
  ResultFiles: Record<'FAILED' | 'PENDING' | 'SUCCEEDED', { Key: string; Size: number }[]>;
}

const parseFile = jsonParserOf(z.array(z.unknown()), null);
const itemIds = {
  scan: z.object({ item: z.object({ accountId: z.string() }).transform(({ accountId }) => accountId) }),
  inspect: z.object({ item: z.object({ itemId: z.string() }).transform(({ itemId }) => itemId) }),
};

/** The children of a FAILED file. What is not what it claims to be is passed over: its targets stay NOT_SCANNED. */
export function failedChildren(
  bytes: Uint8Array,
  { runId, map }: { runId: string; map: 'scan' | 'inspect' },
): FailureRecord[] {
  const parseInput = jsonParserOf(itemIds[map]);
  return (orNull(parseFile(bytes)) ?? []).flatMap((source): FailureRecord[] => {
    const child = childResultSchema.safeParse(source).data;
    const input = orNull(parseInput(child?.Input ?? ''));
    if (!child || !input) return [];
    return [{ version: 1, runId, map, itemId: input.item, error: child.Error, cause: child.Cause, at: '' }];
  });
}
