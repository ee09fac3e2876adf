import { copyable } from '../dom.ts';
import { openTable } from '../unpack.ts';

export interface Cause {
  id: string;
  title: string;
  fix: string;
  severity: string | null;
}

let causes: Promise<Map<string, Cause>> | undefined;

/** Every root cause of the run by its id. */
export function allCauses(): Promise<Map<string, Cause>> {
  causes ??= read();
  return causes;
}

/** The command that writes the fix of a cause. What the fix comes to is prose: only what can be run gets a button. */
export const fixCommand = (id: string): HTMLElement =>
  copyable(`trailseal remediate --cause ${id} --format aws-cli`, 'the command that writes the fix');

async function read(): Promise<Map<string, Cause>> {
  const table = await openTable('causes');
  const text = (name: string, row: number) => table.column(name).get(row) as string | null;
  return new Map(
    Array.from({ length: table.rows }, (_, row) => {
      const id = text('id', row) ?? '';
      return [
        id,
        { id, title: text('title', row) ?? id, fix: text('fix', row) ?? '', severity: text('severity', row) },
      ];
    }),
  );
}
