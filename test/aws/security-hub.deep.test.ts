import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AwsSecurityFinding, GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { afterAll, expect, test } from '@jest/globals';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { publishFindings } from '../../functions/aws/security-hub.ts';
import { publishedWords, publishRun } from '../../functions/handlers/publish-run.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { asffFinding } from '../../functions/report/exports/asff.ts';
import { selectRun } from '../../functions/report/tables/tables.ts';
import { trailseal } from '../cli/trailseal.ts';
import { describeWithMoto } from '../moto/describe-with-moto.ts';
import { findingRow } from '../report/tables/sample-rows.ts';

const REGION = 'eu-west-1';
const folder = mkdtempSync(join(tmpdir(), 'trailseal-hub-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWithMoto('Security Hub by moto', (moto) => {
  test('a complete run archives what is gone, a narrowed one nothing', async () => {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' };
    const access = createAwsAccess({ region: REGION, endpoint: moto.url(), credentials });
    const publisher = { accountId: '123456789012', region: REGION, partition: 'aws' };
    const scanned = async (...more: string[]) => {
      const root = join(folder, String(more.length));
      await trailseal(['scan', '--simulate', 'preset=tidy,accounts=12,regions=3', '--quiet', '--out', root, ...more]);
      const store = createDirectoryStore(root);
      return { store, run: await selectRun(store) };
    };
    const [whole, narrowed] = [await scanned(), await scanned('--ou', 'Security')];
    expect([whole.run.row.status, whole.run.row.scope, narrowed.run.row.scope]).toEqual([
      'COMPLETE',
      'ORGANIZATION',
      'FILTERED',
    ]);

    const [account_id, region] = ['999999999999', 'us-east-1'];
    const earlier = { ...whole.run.row, finished_at: '2020-01-01T00:00:00.000Z' };
    const gone = (finding_id: string, organization_id = earlier.organization_id) =>
      asffFinding({
        finding: findingRow({ finding_id, account_id, region }),
        run: { ...earlier, organization_id },
        publisher,
      });
    const findings = [gone('gone'), gone('of-others', 'o-of0others0')];
    await publishFindings({ access, region: REGION, findings });

    const states = async (): Promise<Map<string, AwsSecurityFinding>> => {
      const found = new Map<string, AwsSecurityFinding>();
      let NextToken: string | undefined;
      do {
        const page = await access
          .own(SecurityHubClient, REGION)
          .send(new GetFindingsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
        for (const finding of page.Findings ?? []) found.set(finding.Id ?? '', finding);
        NextToken = page.NextToken || undefined;
      } while (NextToken);
      return found;
    };
    const left = await publishRun({ access, publisher, ...narrowed });
    expect(left).toMatchObject({ archived: 0, failed: 0 });
    expect(publishedWords(publisher, left)).toMatch(/stay open: the run is narrowed\.$/);
    expect((await states()).get('trailseal/gone')?.RecordState).toBe('ACTIVE');

    const done = await publishRun({ access, publisher, ...whole });
    expect(done).toMatchObject({ archived: 1, leftOpen: 0, failed: 0, notArchived: null });
    expect(publishedWords(publisher, done)).toContain('(1 of them archived: their resources are gone)');
    const now = await states();
    expect(now.get('trailseal/gone')).toMatchObject({ RecordState: 'ARCHIVED', Title: gone('gone').Title });
    expect(now.get('trailseal/of-others')?.RecordState).toBe('ACTIVE');
    const others = [...now.values()].filter(({ Id }) => Id !== 'trailseal/gone');
    expect(others.length).toBeGreaterThan(5);
    expect(new Set(others.map(({ RecordState }) => RecordState))).toEqual(new Set(['ACTIVE']));
    for (const { FindingProviderFields, Severity } of others)
      expect(FindingProviderFields?.Severity?.Label).toBe(Severity?.Label);
    expect((await publishRun({ access, publisher, ...whole })).archived).toBe(0);
  }, 120_000);
});
