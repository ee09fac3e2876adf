// Loading CDK and making its first app takes seconds, so these suites share one process: each is a file of its own.
import './report-bucket.suite.ts';
import './docs.suite.ts';
import './handlers.suite.ts';
import './scan-workflow.suite.ts';
import './scanner-stack.suite.ts';
import './member-role.suite.ts';
import './catalog.suite.ts';
import './least-privilege.suite.ts';
import './nag.suite.ts';
