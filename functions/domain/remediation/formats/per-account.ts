import { parse } from 'yaml';
import { type Template, templateText } from './cloudformation-templates.ts';
import type { RemediationFile } from './file.ts';

/**
 * Files that were written for one account, for all that are alike: a script takes the id of the account from the
 * credentials, a template from CloudFormation, a Terraform module from a variable. null where that cannot be said.
 */
export function filesPerAccount(
  files: readonly RemediationFile[],
  accounts: readonly string[],
): RemediationFile[] | null {
  const [account = ''] = accounts;
  const written = files.map((file): RemediationFile | null => {
    const { name, content } = file;
    if (name.includes(account)) return null;
    const each = file.purpose.replace(` in 1 account: ${account}`, '').replace(` for account ${account}`, '');
    const purpose = `in each of ${accounts.length} accounts: ${each.replaceAll(account, 'ACCOUNT')}`;
    const text = contentPerAccount(name, content, accounts);
    return text === null ? null : { ...file, purpose, content: text };
  });
  return written.includes(null) ? null : (written as RemediationFile[]);
}

function contentPerAccount(name: string, content: string, accounts: readonly string[]): string | null {
  const [account = ''] = accounts;
  if (name.endsWith('.sh')) return scriptPerAccount(content, accounts);
  if (name.endsWith('.tf')) return modulePerAccount(content, accounts);
  if (name.endsWith('.md')) return pagePerAccount(content, accounts);
  if (!content.includes(account)) return content;
  if (name.includes('resources-to-import')) return null;
  return templatePerAccount(content, name.endsWith('.json') ? 'json' : 'yaml', account);
}

const THE_ACCOUNT = '@ACCOUNT@';

/** Text for people; a list of the accounts stays one. */
const described = (text: string, [account = '', ...others]: readonly string[]): string =>
  text
    .split('\n')
    .map((line) => (others.some((other) => line.includes(other)) ? line : line.replaceAll(account, 'ACCOUNT')))
    .join('\n');

/** What the shell reads as the id of the caller's account, in each kind of quotes. */
function scriptPerAccount(content: string, accounts: readonly string[]): string {
  const [account = ''] = accounts;
  const check = `[ "$caller" = ${account} ] || die "These credentials are for account $caller; this is for account ${account}."`;
  const listed = `case "$caller" in ${[...accounts].sort().join(' | ')}) ;; *) die "These credentials are for account $caller, which is none of the ${accounts.length} that this is for." ;; esac`;
  const text = content.replace(check, () => listed);
  const [before = '', ...others] = text.split(listed);
  return [before, ...others].map((part) => inShell(part, accounts)).join(listed);
}

type Quotes = 'none' | 'single' | 'double';

function inShell(text: string, accounts: readonly string[]): string {
  const [account = ''] = accounts;
  let out = '';
  const open: Quotes[] = ['none'];
  for (let at = 0; at < text.length; ) {
    const quotes = open.at(-1) ?? 'none';
    const rest = text.slice(at, at + 80);
    const startsWord = at === 0 || /[\s;(]/.test(text[at - 1] ?? '');
    const document = quotes === 'none' ? /^IFS= read -r -d '' (\w+) <<'JSON' \|\| true\n/.exec(rest) : null;
    if (document !== null) {
      const end = text.indexOf('\nJSON\n', at) + '\nJSON\n'.length;
      const variable = document[1] ?? '';
      out += text.slice(at, end).replaceAll(account, THE_ACCOUNT);
      out += `${variable}=\${${variable}//${THE_ACCOUNT}/$caller}\n`;
      at = end;
    } else if (quotes === 'none' && startsWord && rest.startsWith('#')) {
      const end = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at);
      out += described(text.slice(at, end), accounts);
      at = end;
    } else if (rest.startsWith(account)) {
      out += quotes === 'single' ? `'"\${caller}"'` : '${caller}';
      at += account.length;
    } else if (quotes !== 'single' && rest.startsWith('\\')) {
      out += rest.slice(0, 2);
      at += 2;
    } else if (quotes !== 'single' && rest.startsWith('$(')) {
      open.push('none');
      out += '$(';
      at += 2;
    } else {
      const character = text[at] ?? '';
      turn(open, character);
      out += character;
      at += 1;
    }
  }
  return out;
}

/** Quotes open and close; a `)` ends a command substitution, where one is open. */
function turn(open: Quotes[], character: string): void {
  const quotes = open.at(-1);
  if (quotes === 'none' && character === "'") open.push('single');
  else if (quotes === 'none' && character === '"') open.push('double');
  else if (quotes === 'single' && character === "'") open.pop();
  else if (quotes === 'double' && character === '"') open.pop();
  else if (quotes === 'none' && character === ')' && open.length > 1) open.pop();
}

/** `terraform fmt` writes a string that is a variable alone as the variable. */
function modulePerAccount(content: string, accounts: readonly string[]): string {
  const [account = ''] = accounts;
  const [head = '', ...blocks] = content.split('\n\n');
  const variable = [
    'variable "account_id" {',
    '  description = "The account that the credentials are of"',
    '  type        = string',
    '',
    '  validation {',
    `    condition     = contains([${[...accounts]
      .sort()
      .map((id) => `"${id}"`)
      .join(', ')}], var.account_id)`,
    `    error_message = "This is for ${accounts.length} accounts, and not for that one."`,
    '  }',
    '}',
  ].join('\n');
  const each = blocks
    .join('\n\n')
    .replace('required_version = ">= 1.5.0"', 'required_version = ">= 1.6.0"')
    .replaceAll(`"${account}"`, 'var.account_id')
    .replaceAll(account, () => '${var.account_id}');
  const how = [
    `# The same for each of ${accounts.length} accounts, with its credentials: terraform workspace select -or-create ACCOUNT,`,
    '# terraform apply -var account_id=ACCOUNT. One provider is one account, so for_each cannot go through them.',
  ];
  return [`${described(head, accounts)}\n${how.join('\n')}`, variable, each].join('\n\n');
}

function pagePerAccount(content: string, accounts: readonly string[]): string {
  const [title = '', ...rest] = content.split('\n');
  const list = `The same in each of ${accounts.length} accounts; ACCOUNT is the id: ${[...accounts].sort().join(', ')}.`;
  return [described(title, accounts), '', list, described(rest.join('\n'), accounts)].join('\n');
}

/** CloudFormation puts in the id of the account; a description or a parameter takes no such text. */
function templatePerAccount(content: string, format: 'json' | 'yaml', account: string): string | null {
  const template = parse(content, { version: '1.1' }) as Template;
  const { Resources, ...others } = template;
  if (JSON.stringify(others).includes(account)) return null;
  return templateText({ ...template, Resources: substituted(Resources, account) as Template['Resources'] }, format);
}

function substituted(value: unknown, account: string): unknown {
  if (typeof value === 'string' && value.includes(account))
    return { 'Fn::Sub': value.replaceAll('${', () => '${!').replaceAll(account, () => '${AWS::AccountId}') };
  if (Array.isArray(value)) return value.map((item) => substituted(item, account));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substituted(item, account)]));
}
