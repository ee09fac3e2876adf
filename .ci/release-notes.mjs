// Prints the section of the changelog that a tag such as v1.2.3 releases; fails where the tag, package.json and the
// changelog do not say the same, or where npm's trusted publishing would refuse what is published.
import { readFileSync } from 'node:fs';

const [tag = ''] = process.argv.slice(2);
const { version, repository } = JSON.parse(readFileSync('package.json', 'utf8'));
const fail = (sentence) => {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
};

if (tag !== `v${version}`) fail(`The tag is ${tag || 'missing'}, and package.json says ${version}.`);
if (!repository)
  fail(
    'package.json names no repository, and npm publishes with provenance only from the one that it names: add "repository": "github:OWNER/NAME", commit it, and tag that commit instead (CONTRIBUTING.md, "A release").',
  );
const [, section = ''] =
  readFileSync('CHANGELOG.md', 'utf8')
    .split(/^## /m)
    .map((text) => /^(\S+)[^\n]*\n([\s\S]*)$/.exec(text))
    .filter((match) => match?.[1] === version)
    .map((match) => [match[1], match[2].trim()])[0] ?? [];
if (section === '') fail(`CHANGELOG.md has no section "## ${version}", or an empty one.`);
process.stdout.write(`${section}\n`);
