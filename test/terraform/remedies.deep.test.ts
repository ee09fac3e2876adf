import { expect, it } from '@jest/globals';
import { remediations } from '../../functions/domain/remediation/remediate.ts';
import { PROBLEMS } from '../domain/remediation/problems.ts';
import { describeIfTools, writeFiles } from '../domain/remediation/tools.ts';
import { startWorkspace } from './provider/terraform.ts';

describeIfTools(['terraform'], 'what trailseal remediate --format terraform writes', () => {
  it('is valid by the schema of the AWS provider, whatever the problem', async () => {
    const workspace = await startWorkspace();
    try {
      const said: [string, string][] = [];
      for (const [name, { problem }] of Object.entries(PROBLEMS)) {
        const [found] = [...remediations({ problems: [problem], format: 'terraform' })];
        const modules = found?.ok ? found.files.filter((file) => file.name.endsWith('main.tf')) : [];
        for (const [at, module] of modules.entries()) {
          const below = `remedies/${said.length}-${at}`;
          writeFiles(workspace.folder, [{ ...module, name: `${below}/main.tf` }]);
          const ended = [await workspace.run(below, 'init'), await workspace.run(below, 'validate')];
          said.push([name, ended.map(({ err }) => err).join('')]);
        }
      }
      expect(said.filter(([, err]) => err !== '')).toEqual([]);
      expect(said.length).toBeGreaterThan(15);
    } finally {
      await workspace.stop();
    }
  });
});
