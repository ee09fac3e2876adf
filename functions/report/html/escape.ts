/** Text that is markup already. */
export interface Markup {
  readonly markup: string;
}
export type Content = string | number | null | undefined | Markup | readonly Content[];

/** Markup from a template: every value that is not markup itself becomes text, whatever it holds. */
export const html = (parts: TemplateStringsArray, ...values: Content[]): Markup => ({
  markup: parts.reduce((all, part, index) => all + rendered(values[index - 1]) + part),
});

/** Takes a string as markup: only for what this program wrote itself (a chart, a style sheet). */
export const trusted = (markup: string): Markup => ({ markup });

function rendered(value: Content): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(rendered).join('');
  return (value as Markup).markup;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (c) => ENTITIES[c] ?? c);

/** JSON that may stand in a `<script>` element: nothing in it can close the element or open another. */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
