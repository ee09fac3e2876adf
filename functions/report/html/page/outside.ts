import { consoleLink } from '../console-link.ts';
import { type Child, el } from './dom.ts';
import { facts } from './unpack.ts';

const outside = (href: string, text: string): HTMLElement =>
  el(
    'a',
    { href, target: '_blank', rel: 'noopener noreferrer', class: 'outside' },
    text,
    el('span', { 'aria-hidden': 'true' }, ' ↗'),
  );

/** Links out of the page, followed only by a click: the resource in the AWS Console. */
export function inConsole(arn: string, region: string | null = null): Child {
  const href = consoleLink(arn, region);
  return href === null ? null : outside(href, 'Open in the AWS Console');
}

/** AWS's documentation of what a control asks. */
export function documentation(controlId: string): Child {
  const href = facts.controls[controlId]?.link;
  return href ? outside(href, 'AWS documentation') : null;
}
