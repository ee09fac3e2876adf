import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { AUDIT_ROLE, KEY_READS, TRAIL_READS } from '../../functions/domain/remediation/policies/grants.ts';
import { defaultSettings } from '../../functions/domain/settings/run-settings.ts';
import { GRANTS } from '../../functions/reads/grants.ts';
import { grantsFor, READS } from '../../functions/reads/registry.ts';

/** Packages of AWS clients that have code in a bundle of `entry`, as it is deployed. */
const clientsIn = async (entry: string): Promise<string[]> => {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, '../../functions', entry)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    outdir: 'never-written',
    logLevel: 'error',
  });
  const parts = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const names = parts.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput === 0 ? [] : (/@aws-sdk\/client-[a-z0-9-]+/.exec(path)?.[0] ?? []),
  );
  return [...new Set(names)].sort();
};

describe('the registry of reads', () => {
  test('names every operation once', () => {
    const operations = READS.map(({ service, operation }) => `${service}:${operation}`);
    expect([...new Set(operations)]).toEqual(operations);
    expect(operations.length).toBeGreaterThan(19);
  });

  test('is what a remedy grants where a trail or a key could not be read, under the role that a scan asks for', () => {
    const actions = (service: string, ...but: string[]) =>
      READS.filter((read) => !but.includes(read.operation))
        .flatMap((read) => read.actions)
        .filter((action) => action.startsWith(`${service}:`))
        .sort();
    expect(KEY_READS).toEqual(actions('kms'));
    expect(TRAIL_READS).toEqual(actions('cloudtrail', 'ListEventDataStores', 'GetEventDataStore'));
    expect(AUDIT_ROLE).toBe(defaultSettings().roleName);
  });

  test('has a use for every statement of the audit role', () => {
    const granted = grantsFor('scan', 'both', 'inspect', 'sample');
    expect(granted.map(({ sid }) => sid)).toEqual(Object.keys(GRANTS));
    for (const { actions } of granted) expect(actions).not.toEqual([]);
  });

  test('brings no client along: the session policy needs the list, and Scan, which assumes roles, only its own clients', async () => {
    expect(await clientsIn('reads/registry.ts')).toEqual([]);
    expect(await clientsIn('handlers/lambda/scan.ts')).toEqual([
      '@aws-sdk/client-cloudtrail',
      '@aws-sdk/client-ec2',
      '@aws-sdk/client-s3',
      '@aws-sdk/client-sts',
    ]);
  });
});
