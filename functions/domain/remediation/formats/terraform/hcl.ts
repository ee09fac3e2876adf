/** A value as Terraform writes it; `raw` is an expression, e.g. `aws_kms_key.trail.arn`. */
export type Hcl = string | number | boolean | null | readonly Hcl[] | { readonly [key: string]: Hcl } | Raw;

class Raw {
  readonly expression: string;
  constructor(expression: string) {
    this.expression = expression;
  }
}
export const raw = (expression: string): Raw => new Raw(expression);

/** A block's content in order: attributes as `[name, value]`, nested blocks as text from `block`. */
export type Entry = readonly [string, Hcl] | string;

/** A quoted string, whatever is in it: templates (`${`, `%{`), quotes and control characters are escaped. */
export const hclString = (text: string): string =>
  `"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('${', () => '$${')
    .replaceAll('%{', '%%{')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, unicodeEscape)}"`;

const unicodeEscape = (character: string): string => {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return hex.length > 4 ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
};

/** `block('resource', ['aws_kms_key', 'trail'], […])`, laid out as `terraform fmt` does. */
export function block(type: string, labels: readonly string[], entries: readonly Entry[]): string {
  const head = [type, ...labels.map((label) => hclString(label)), '{'].join(' ');
  return entries.length === 0 ? `${head}}` : `${head}\n${indent(body(entries))}\n}`;
}

function body(entries: readonly Entry[]): string {
  const out: string[] = [];
  let aligned: (readonly [string, string])[] = [];
  const flush = () => {
    const width = Math.max(0, ...aligned.map(([name]) => name.length));
    out.push(...aligned.map(([name, value]) => `${name.padEnd(width)} = ${value}`));
    aligned = [];
  };
  for (const entry of entries) {
    if (typeof entry === 'string') {
      flush();
      if (out.length > 0) out.push('');
      out.push(entry);
      continue;
    }
    const value = expression(entry[1]);
    // A value over several lines breaks the alignment of its neighbours.
    if (value.includes('\n')) {
      flush();
      out.push(`${entry[0]} = ${value}`);
    } else aligned.push([entry[0], value]);
  }
  flush();
  return out.join('\n');
}

export function expression(value: Hcl): string {
  if (value instanceof Raw) return value.expression;
  if (typeof value === 'string') return hclString(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (isList(value)) {
    if (value.length === 0) return '[]';
    const items = value.map(expression);
    const line = `[${items.join(', ')}]`;
    return line.length <= 80 && !line.includes('\n')
      ? line
      : `[\n${items.map((item) => `${indent(item)},`).join('\n')}\n]`;
  }
  const entries = Object.entries(value);
  return entries.length === 0
    ? '{}'
    : `{\n${indent(body(entries.map(([key, item]) => [name(key), item] as const)))}\n}`;
}

const isList = (value: object): value is readonly Hcl[] => Array.isArray(value);
const name = (key: string): string => (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? key : hclString(key));
const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');

/** `jsonencode({ … })` of a JSON value. */
export const jsonencode = (value: unknown): Raw => raw(`jsonencode(${expression(value as Hcl)})`);
