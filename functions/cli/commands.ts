import type { Command } from 'commander';
import type { DoctorOptions } from './commands/doctor.ts';
import type { EvidenceOptions } from './commands/evidence.ts';
import type { ExportOptions } from './commands/export.ts';
import type { QueryOptions } from './commands/query.ts';
import type { RemediateOptions } from './commands/remediate.ts';
import type { ResultOptions } from './commands/report.ts';
import type { RunOptions } from './commands/run.ts';
import type { WaiveOptions } from './commands/waive.ts';
import { DEFAULT_ROOT } from './default-root.ts';
import { addSettings, DEFAULT_STACK, INPUT_SETTINGS, list, repeated, type ScanOptions } from './scan-options.ts';
import type { Terminal } from './terminal.ts';

/** What each command needs is loaded when it is called: `trailseal --help` need not load DuckDB or the AWS clients. */
export interface CommandContext {
  terminal: Terminal;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  exit(code: number): void;
}

export function addScan(program: Command, { terminal, signal, exit }: CommandContext): void {
  const scan = addSettings(program.command('scan'))
    .description('scan the organization that the AWS credentials see, every account and Region')
    .option('--out <root>', 'report root: a directory or s3://bucket/prefix', DEFAULT_ROOT)
    .option('--profile <name>', 'profile of the AWS configuration')
    .option(
      '--sse-kms-key <arn>',
      'KMS key named in every write, for an S3 root whose bucket demands it (default: the bucket’s own)',
    )
    .option('--waivers <file>', 'waivers in force (YAML)')
    .option('--signing-key <arn>', 'KMS key that signs the manifest (default: a key of this machine)')
    .option(
      '--simulate [spec]',
      'scan the simulated organization, e.g. accounts=200,regions=17,seed=7; `help` lists the keys',
    )
    .option('--dry-run', 'list the organization and tell what would be scanned; assumes no role, writes nothing')
    .action(async (options: ScanOptions, command: Command) => {
      const given = givenTo(command, options);
      exit(await (await import('./commands/scan.ts')).scanCommand({ ...options, given }, terminal, signal));
    });
  runOptions(scan);
}

/** The options that stood on the command line. */
const givenTo = (command: Command, options: object): string[] =>
  Object.keys(options).filter((name) => command.getOptionValueSource(name) === 'cli');

/** What a command that runs a scan does but for its settings, and how it tells what came of it. */
const runOptions = (command: Command): Command =>
  command
    .option('--resume <run>', 'finish an earlier run: what it has answers for is not scanned again')
    .option(
      '--because <file>',
      'scan only the accounts that an event of CloudTrail can affect, by the newest run (JSON: one event, a list, a log file)',
    )
    .option('--json', 'one JSON summary on stdout')
    .option('--timings', 'tell where the time went: calls, throttling and waiting of each step')
    .option('--quiet', 'no progress')
    .option('--debug', 'stack traces')
    .option(
      '--fail-on <what>',
      'findings or a severity (critical, high, medium, low: that and worse), partial, one of each with a comma, or none',
      'findings,partial',
    );

export function addRun(program: Command, { terminal, signal, exit }: CommandContext): void {
  const run = addSettings(program.command('run'), INPUT_SETTINGS)
    .description('start the deployed scanner, follow it and print what it found')
    .option('--stack <name>', 'stack of the scanner', DEFAULT_STACK)
    .option('--region <region>', 'Region that it is deployed in (default: that of the profile or the environment)')
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--follow <name>', 'follow an execution that runs already, or has ended, instead of starting one')
    .action(async (options: RunOptions, command: Command) => {
      const given = givenTo(command, options);
      exit(await (await import('./commands/run.ts')).runCommand({ ...options, given }, terminal, signal));
    });
  runOptions(run);
}

export function addDoctor(program: Command, { terminal, signal, exit }: CommandContext): void {
  addSettings(program.command('doctor'), ['roleName', 'externalId', 'homeRegion'])
    .description('check the prerequisites of a scan, and show how to fix what is missing')
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--deploy', 'check the prerequisites of cdk deploy in the account and Region of the credentials')
    .option(
      '--settings <file>',
      'settings of the deployment, with --deploy: what they say is there already is checked, too',
    )
    .option('--simulate [spec]', 'examine the simulated organization')
    .option('--debug', 'stack traces')
    .action(async (options: DoctorOptions) =>
      exit(await (await import('./commands/doctor.ts')).doctorCommand(options, terminal, signal)),
    );
}

/** The options of every command that reads results. */
export const resultOptions = (command: Command): Command =>
  withoutRoot(command.option('--report <root>', 'report root: a directory or s3://bucket/prefix', DEFAULT_ROOT));

const withoutRoot = (command: Command): Command =>
  command
    .option('--run <id>', 'run (default: the newest of the widest scope)')
    .option('--profile <name>', 'profile of the AWS configuration, for an S3 root')
    .option('--debug', 'stack traces');

const SCOPE = 'show only a scope of scopes.yaml, such as a card-data environment (or FILE:NAME)';

export function addReport(program: Command, { terminal, exit }: CommandContext): void {
  resultOptions(program.command('report').description('show the summary of a run'))
    .option('--scope <name>', SCOPE)
    .option('--open', 'open its page in the browser')
    .option('--timings', 'tell where the time of the run went')
    .option('--json', 'report.json on stdout')
    .action(async (options: ResultOptions & { open?: boolean; json?: boolean; scope?: string; timings?: boolean }) =>
      exit(await (await import('./commands/report.ts')).reportCommand(options, terminal)),
    );
}

export function addRuns(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command('runs')
    .description('list the finished runs, newest first')
    .option('--report <root>', 'report root: a directory or s3://bucket/prefix', DEFAULT_ROOT)
    .option('--profile <name>', 'profile of the AWS configuration, for an S3 root')
    .option('--json', 'as JSON, every column')
    .option('--debug', 'stack traces')
    .action(async (options: { report: string; profile?: string; json?: boolean }) =>
      exit(await (await import('./commands/runs.ts')).runsCommand(options, terminal)),
    );
}

export function addWaive(program: Command, { terminal, exit }: CommandContext): void {
  resultOptions(
    program.command('waive <finding>').description('accept one finding until a day: adds it to a file of waivers'),
  )
    .requiredOption('--until <date>', 'the last day, YYYY-MM-DD (UTC); 365 days from today at most')
    .requiredOption('--reason <text>', 'why it is accepted')
    .requiredOption('--ticket <text>', 'where it was decided')
    .requiredOption('--approver <name>', 'who accepts it')
    .option('--file <path>', 'the file of waivers; made where there is none', 'waivers.yaml')
    .action(async (finding: string, options: WaiveOptions) =>
      exit(await (await import('./commands/waive.ts')).waiveCommand(finding, options, terminal)),
    );
}

export function addCompletion(program: Command, { terminal }: CommandContext): void {
  program
    .command('completion <shell>')
    .description('print a script that completes commands and options in bash, zsh or fish')
    .action(async (shell: string) => {
      const { completionScript } = await import('./help/completion.ts');
      terminal.out.write(completionScript(program, shell));
    });
}

export function addCatalogues(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command('controls [id]')
    .description('list the controls: what is read, how it is decided, what it supports')
    .option('--json', 'as JSON')
    .action(async (id: string | undefined, options: { json?: boolean }) =>
      exit((await import('./commands/catalogue.ts')).controlsCommand(id, options, terminal)),
    );
  program
    .command('frameworks [id]')
    .description('list the frameworks: which controls support which requirement, and what is not evidenced')
    .option('--json', 'as JSON')
    .action(async (id: string | undefined, options: { json?: boolean }) =>
      exit((await import('./commands/catalogue.ts')).frameworksCommand(id, options, terminal)),
    );
}

export function addSimulate(program: Command, { terminal, signal, exit }: CommandContext): void {
  program
    .command('simulate [spec]')
    .description(
      'serve the simulated organization over loopback HTTP, e.g. accounts=200,regions=17,seed=7; `help` lists the keys',
    )
    .option('--port <port>', 'port; 0 takes any that is free', '0')
    .action(async (spec: string | undefined, options: { port: string }) =>
      exit(await (await import('./commands/simulate.ts')).simulateCommand(spec, options, terminal, signal)),
    );
}

export function addQuery(program: Command, { terminal, signal, exit }: CommandContext): void {
  const query = program.command('query [sql]');
  query
    .description('run SQL over the tables: all runs, and latest_<table> for the newest')
    .option(
      '--report <root>',
      `report root (default: ${DEFAULT_ROOT}); repeated, roots of several organizations: each row then has its organization`,
      repeated,
    );
  withoutRoot(query)
    .option('--named <name>', 'a query that comes with TrailSeal')
    .option('--list', 'the named queries')
    .option('--scope <name>', SCOPE)
    .option('--format <format>', 'table, json or csv', 'table')
    .option('--athena <workgroup>', 'ask Athena instead of the local tables')
    .option('--database <name>', 'Glue database, with --athena', 'trailseal')
    .action(async (sql: string | undefined, options: QueryOptions) =>
      exit(await (await import('./commands/query.ts')).queryCommand(sql, options, terminal, signal)),
    );
}

export function addRemediate(program: Command, { terminal, exit }: CommandContext): void {
  resultOptions(
    program
      .command('remediate')
      .description('write the fixes of what a run found, with real values; nothing is changed'),
  )
    .requiredOption('--format <format>', 'cloudformation-json, cloudformation-yaml, terraform, aws-cli or console')
    .option('--trail <arn>', 'only this trail')
    .option('--cause <id>', 'only this root cause (rc-…)')
    .option('--write <folder>', 'write files instead of printing')
    .option('--key-region <region>', 'where the key is wanted; it must be the Region of the bucket')
    .option('--use-key <arn>', 'a key to use instead of a new one')
    .option(
      '--access-log-bucket <name>',
      'where server access logs of a log bucket go: a bucket of its account and Region',
    )
    .option('--alias <name>', 'alias of the new key (alias/…)')
    .option('--readers <accounts>', 'more accounts that may decrypt (the key’s and the bucket’s own may)', list)
    .action(async (options: RemediateOptions) =>
      exit(await (await import('./commands/remediate.ts')).remediateCommand(options, terminal)),
    );
}

export function addEvidence(program: Command, { terminal, signal, exit }: CommandContext): void {
  resultOptions(
    program
      .command('evidence')
      .description('make the evidence pack of one framework: a signed zip that verifies offline'),
  )
    .requiredOption(
      '--framework <id>',
      'framework by id, or a word of its name such as hipaa; `trailseal frameworks` lists them',
    )
    .requiredOption('--out <file>', 'the zip to write; never overwritten')
    .option('--from <date>', 'all runs from this day on (UTC), instead of --run')
    .option('--to <date>', 'the last day of the period (default: today)')
    .option('--accounts <ids>', 'show only these accounts, against the whole', list)
    .option('--ou <paths>', 'show only accounts below these organizational units (path or id; repeatable)', repeated)
    .option('--scope <name>', SCOPE)
    .option('--account-data-in-scope', 'payment card account data is stored in these accounts')
    .option('--signing-key <arn>', 'KMS key that signs the pack (default: a key of this machine)')
    .option('--timestamp-url <url>', 'time-stamping authority (RFC 3161) that attests when the pack was there')
    .action(async (options: EvidenceOptions) => {
      const { evidenceCommand } = await import('./commands/evidence.ts');
      exit(await evidenceCommand(options, terminal, signal));
    });
}

export function addVerify(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command('verify <file>')
    .description('verify an evidence pack, offline')
    .requiredOption(
      '--key <pem>',
      'public key of the signer of the pack or its runs, from them and not from the pack (repeatable)',
      repeated,
    )
    .option('--tsa-ca <pem>', 'certificates that are trusted for time stamps')
    .option('--json', 'as JSON')
    .option('--debug', 'stack traces')
    .action(async (file: string, options: { key: string[]; tsaCa?: string; json?: boolean }) => {
      const { verifyCommand } = await import('./commands/verify.ts');
      exit(await verifyCommand(file, options, terminal));
    });
}

export function addExport(program: Command, { terminal, signal, exit }: CommandContext): void {
  resultOptions(
    program
      .command('export')
      .description('export the findings of a run as OCSF, ASFF, OSCAL, SARIF, JUnit or Markdown; into Security Hub'),
  )
    .requiredOption(
      '--format <format>',
      'ocsf (1.8.0 Compliance Findings, NDJSON), asff (JSON array), oscal (1.1.3 assessment-results), sarif (2.1.0), junit (XML) or markdown (the summary)',
    )
    .option('--file <path>', 'write a file instead of stdout')
    .option('--all-targets', 'accounts and Regions that pass too (ocsf, asff, junit)')
    .option('--publish', 'import into Security Hub with these credentials (asff)')
    .option('--account <id>', 'account whose Security Hub the findings are for (asff)')
    .option('--region <region>', 'Region of that Security Hub (asff)')
    .action(async (options: ExportOptions) =>
      exit(await (await import('./commands/export.ts')).exportCommand(options, terminal, signal)),
    );
}

export function addDiff(program: Command, { terminal, exit }: CommandContext): void {
  program
    .command('diff [runA] [runB]')
    .description(
      'show what changed from one run to a later one (default: the last two of the same scope); exit 2 where something new fails',
    )
    .option('--report <root>', 'report root: a directory or s3://bucket/prefix', DEFAULT_ROOT)
    .option('--profile <name>', 'profile of the AWS configuration, for an S3 root')
    .option('--json', 'as JSON, every change')
    .option('--debug', 'stack traces')
    .action(
      async (
        runA: string | undefined,
        runB: string | undefined,
        options: { report: string; profile?: string; json?: boolean },
      ) => {
        const { diffCommand } = await import('./commands/diff.ts');
        exit(await diffCommand([runA, runB], options, terminal));
      },
    );
}
