// Adds up jest's own result files and prints the closing line; fails where anything failed, steps without tests included.
import { existsSync, readFileSync } from 'node:fs';

const [steps, ...files] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of files) {
  if (!existsSync(file)) {
    failed += 1;
    console.log(`There is no result ${file}: the tests did not run to their end.`);
    continue;
  }
  const result = JSON.parse(readFileSync(file, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  skipped += result.numPendingTests;
}
const broken = failed + Number(steps);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = broken > 0 ? 1 : 0;
