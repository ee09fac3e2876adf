/** What to type, a line a case, below the help of each command. `trailseal` is replaced by the program's name. */
export const EXAMPLES: Readonly<Record<string, readonly [command: string, does: string][]>> = {
  scan: [
    ['scan --simulate', 'the built-in simulated organization, without AWS'],
    ['scan', 'every account and Region that the credentials see'],
    ['scan --dry-run', 'how many accounts, calls and minutes it would be'],
    ['scan --ou Security --fail-on high', 'gate one organizational unit: exit 2 for HIGH and worse'],
    ['scan --accounts self', 'only the account of the credentials, without any role'],
  ],
  run: [
    ['run --profile audit', 'what is deployed in that account and Region, now'],
    ['run --ou Security --fail-on high', 'part of the organization'],
    ['run --resume RUN_ID', 'finish a PARTIAL run'],
  ],
  doctor: [['doctor --profile audit', 'before the first scan with that profile']],
  report: [
    ['report', 'the newest run'],
    ['report --open', 'its page, in the browser'],
  ],
  query: [
    ['query --list', 'the queries that come with it'],
    ['query --named coverage-gaps', 'where logs are not shown to be encrypted'],
    ['query "SELECT account_id, region FROM latest_coverage WHERE verdict = \'NO_TRAIL\'"', 'your own SQL'],
  ],
  remediate: [
    ['remediate --format terraform', 'the fix of everything that the newest run found'],
    ['remediate --cause rc-… --format aws-cli --write fix', 'of one root cause, as files'],
  ],
  evidence: [['evidence --framework pci-dss-4.0.1 --out pci.zip', 'the newest run, for PCI DSS 4.0.1']],
  verify: [['verify pci.zip --key public.pem', 'with the public key of its signer']],
  export: [
    ['export --format ocsf --file findings.ndjson', 'for a security data lake'],
    ['export --format sarif --file trailseal.sarif', 'for code scanning'],
    ['export --format junit --file trailseal.xml', 'for a pipeline that shows tests'],
    ['export --format markdown', 'for a pull request or a job summary'],
    ['export --format asff --publish --account 111122223333 --region eu-west-1', 'into Security Hub'],
  ],
  runs: [['runs', 'newest first, with what each found']],
  diff: [
    ['diff', 'the last two runs'],
    ['diff RUN_A RUN_B', 'from the earlier run to the later one'],
  ],
  waive: [
    [
      'waive 1a2b3c4d --until 2027-01-31 --reason "Replaced in Q1" --ticket SEC-12 --approver jane',
      'one finding, into waivers.yaml',
    ],
  ],
  completion: [['completion bash', 'source <(…) in your shell’s start-up file']],
  controls: [['controls trail-key-usable', 'one control: what is read and how it is decided']],
  frameworks: [['frameworks pci-dss-4.0.1', 'one framework, requirement by requirement']],
  simulate: [['simulate preset=tidy,accounts=200 --port 4577', 'prints the environment that points at it']],
};
