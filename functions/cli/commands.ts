import type { Command } from 'commander';
import { DEFAULT_ROOT } from './report-root.ts';
import { scanCommand } from './scan-command.ts';
import { list, type ScanOptions } from './scan-options.ts';
import type { Terminal } from './terminal.ts';

export interface CommandContext {
  terminal: Terminal;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  exit(code: number): void;
}

export function addScan(program: Command, { terminal, signal, exit }: CommandContext): void {
  program
    .command('scan')
    .description('scan the organization that the AWS credentials see, every account and region')
    .option('--out <root>', 'report root: a directory or s3://bucket/prefix', DEFAULT_ROOT)
    .option('--role-name <name>', 'audit role to assume in each account', 'TrailSealAudit')
    .option('--external-id <id>', 'external id that the role asks for')
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--home-region <region>', 'region whose STS endpoint serves every AssumeRole')
    .option('--accounts <ids>', 'only these accounts, or "self" for the account of the credentials', list)
    .option('--exclude-accounts <ids>', 'all but these accounts', list)
    .option('--ou <ids>', 'only accounts below these organizational units (id or path)', list)
    .option('--regions <names>', 'only these regions', list)
    .option('--exclude-regions <names>', 'all but these regions', list)
    .option('--trusted-accounts <ids>', 'accounts outside the organization whose keys count as ours', list)
    .option(
      '--log-archive-accounts <ids>',
      'accounts that are asked first for a bucket that is not the trail owner’s',
      list,
    )
    .option('--concurrency <n>', 'accounts at once', '32')
    .option('--resume <run>', 'finish an earlier run: what it has answers for is not scanned again')
    .option('--waivers <file>', 'waivers in force (YAML)')
    .option('--no-lake', 'leave CloudTrail Lake event data stores out')
    .option('--sample-logs', 'look at the newest delivered log object of each trail')
    .option('--simulate [spec]', 'scan the simulated organization, e.g. accounts=200,regions=17,seed=7')
    .option('--json', 'one JSON summary on stdout')
    .option('--quiet', 'no progress')
    .option('--debug', 'stack traces')
    .option('--fail-on <what>', 'findings, partial, both, or none', 'findings,partial')
    .action(async (options: ScanOptions) => exit(await scanCommand(options, terminal, signal)));
}
