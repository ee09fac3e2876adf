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
