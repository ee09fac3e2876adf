import { FUNCTIONS, needsTool } from './script-functions.ts';
import { quoted } from './shell.ts';
import { oneLine } from './text.ts';

/** A bash script that asks before it changes anything. Runs on bash 3.2 (macOS) and later, with AWS CLI 1 or 2. */
export interface Script {
  title: string;
  /** Lines of the header comment. */
  about: readonly string[];
  /** The account it may run in; null where the owner is unknown, several for a script with a table of accounts. */
  accounts: readonly string[] | null;
  /** A region that answers sts in the partition. */
  region: string;
  /** The alias of the key whose ARN it takes from the command line, since another script makes the key; or null. */
  takesKey: string | null;
  functions: readonly string[];
  body: readonly string[];
}

export const scriptText = (script: Script): string => {
  const waits = script.functions.includes('delivered');
  return [
    '#!/usr/bin/env bash',
    ...[script.title, ...script.about].map((line) => `# ${oneLine(line, 500)}`),
    '# Written by TrailSeal. It asks before each change; --yes answers for you. Run again, it finds what is done already.',
    'set -euo pipefail',
    "export AWS_PAGER=''",
    '',
    'YES=no',
    ...(waits ? ['WAIT=yes'] : []),
    ...(script.takesKey !== null ? ["KEY_ARN=''"] : []),
    'say() { printf \'%s\\n\' "$*" >&2; }',
    'die() { say "$*"; exit 1; }',
    `usage() { say "usage: $0 [--yes]${waits ? ' [--no-wait]' : ''}${script.takesKey !== null ? ' --key-arn ARN' : ''}"; exit "$1"; }`,
    'while [ $# -gt 0 ]; do',
    '  case "$1" in',
    '    --yes) YES=yes ;;',
    ...(waits ? ['    --no-wait) WAIT=no ;;'] : []),
    ...(script.takesKey !== null ? ['    --key-arn) [ $# -ge 2 ] || usage 1; KEY_ARN=$2; shift ;;'] : []),
    '    -h | --help) usage 0 ;;',
    '    *) usage 1 ;;',
    '  esac',
    '  shift',
    'done',
    ...(script.takesKey !== null
      ? [
          `case "$KEY_ARN" in arn:*:kms:*:key/*) ;; *) die "Give the ARN of the key that was made as "${quoted(script.takesKey ?? '')}": --key-arn ARN" ;; esac`,
        ]
      : []),
    ...ASK,
    ...needsTool('aws'),
    'ERRORS=$(mktemp)',
    'trap \'rm -f "$ERRORS"\' EXIT',
    `caller=$(aws sts get-caller-identity --region ${quoted(script.region)} --query Account --output text)`,
    ...accountCheck(script.accounts),
    ...script.functions.flatMap((name) => ['', ...(FUNCTIONS[name] ?? [])]),
    '',
    ...script.body,
    '',
  ].join('\n');
};

const ASK = [
  'ask() {',
  '  say "About to $1"',
  '  [ "$YES" = yes ] && return 0',
  '  [ -t 0 ] || die "Nothing was asked since this is no terminal, so nothing more was changed. --yes answers for you."',
  "  printf 'Continue? [y/N] ' >&2",
  '  read -r answer',
  '  case "$answer" in y | Y | yes) ;; *) die "Stopped; nothing more was changed." ;; esac',
  '}',
];

function accountCheck(accounts: Script['accounts']): string[] {
  if (accounts === null) return ['say "Running as account $caller."'];
  const [only] = accounts;
  if (accounts.length !== 1 || only === undefined) return [];
  return [
    `[ "$caller" = ${quoted(only)} ] || die "These credentials are for account $caller; this is for account ${only}."`,
  ];
}
