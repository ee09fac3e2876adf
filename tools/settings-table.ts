import { z } from 'zod';
import { settingsSchema } from '../infra/settings/settings.ts';

interface Field {
  description?: string;
  default?: unknown;
  properties?: Record<string, Field>;
  anyOf?: Field[];
}

/** The table of settings in docs/reference/settings.md: every field, its default and what it does, from the schema itself. */
export function settingsTable(): string {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' }) as Field;
  return ['| Setting | Default | Does |', '|---|---|---|', ...rows(schema, ''), ''].join('\n');
}

function rows(field: Field, path: string): string[] {
  return Object.entries(field.properties ?? {}).flatMap(([name, child]) => {
    const shape = child.properties ? child : child.anyOf?.find((option) => option.properties);
    const row = `| \`${path}${name}\` | ${shape && !child.anyOf ? '' : `\`${JSON.stringify(child.default ?? null)}\``} | ${(child.description ?? '').replaceAll('|', '\\|')} |`;
    return [row, ...(shape ? rows(shape, `${path}${name}.`) : [])];
  });
}
