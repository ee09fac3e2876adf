// Loading CDK and making its first app takes seconds, so these suites share one process: each is a file of its own.
import './storage/report-bucket.suite.ts';
import './docs.suite.ts';
import './existing.suite.ts';
import './guards/literal-names.suite.ts';
import './guards/partitions.suite.ts';
import './guards/side-by-side.suite.ts';
import './workflow/handlers.suite.ts';
import './workflow/scan-workflow.suite.ts';
import './scanner-stack.suite.ts';
import './roles/member-role.suite.ts';
import './roles/audit-role-guard.suite.ts';
import './catalog/catalog.suite.ts';
import './guards/least-privilege.suite.ts';
import './release/setting-parameters.suite.ts';
import { isDeep } from '../depth.ts';

// Packs of hundreds of rules, over and over: `npm run test:all`.
if (isDeep) {
  await import('./guards/nag.suite.ts');
  await import('./guards/parliament.suite.ts');
}
