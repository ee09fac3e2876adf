import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROGRAM_FOLDER } from '../../program-folder.ts';

/** Which code made a run: what an auditor compares with the release, or with a build of the commit. */
export interface CodeIdentity {
  /** SHA-256 (hex) over the sorted `<path> <SHA-256>` lines of every file of the program, the workflow included. */
  sha256: string | null;
  /** The commit of the checkout it ran from; null for an installed package. */
  commit: string | null;
}

/** null where the files cannot be read: it must not stop a scan. */
export function codeIdentity(
  root: string = process.env.LAMBDA_TASK_ROOT ?? fileURLToPath(PROGRAM_FOLDER),
): CodeIdentity {
  return { sha256: hashOf(root), commit: commitOf(join(root, '..', '.git')) };
}

function hashOf(root: string): string | null {
  try {
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ name: path.slice(root.length).replaceAll('\\', '/').replace(/^\/+/, ''), path }));
    const workflow = join(root, '..', 'statemachine', 'scan.asl.json');
    if (existsSync(workflow)) files.push({ name: '../statemachine/scan.asl.json', path: workflow });
    const hash = createHash('sha256');
    for (const { name, path } of files.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      hash.update(`${name} ${createHash('sha256').update(readFileSync(path)).digest('hex')}\n`);
    }
    return hash.digest('hex');
  } catch {
    return null;
  }
}

/** Read from the files of git, so that no program need be there. */
function commitOf(git: string): string | null {
  try {
    const head = readFileSync(join(git, 'HEAD'), 'utf8').trim();
    const [, name] = /^ref: (refs\/[\w./-]+)$/.exec(head) ?? [];
    const commit = name === undefined ? head : readFileSync(join(git, name), 'utf8').trim();
    return /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
  } catch {
    return null;
  }
}
