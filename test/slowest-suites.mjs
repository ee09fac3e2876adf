const SHOWN = 10;

/** A jest reporter: which suites took longest, so that nobody makes the tests slow without seeing it. */
export default class SlowestSuites {
  #suites = [];

  onTestResult(_test, { testFilePath, perfStats, skipped }) {
    if (!skipped) this.#suites.push({ testFilePath, ms: perfStats.runtime });
  }

  onRunComplete() {
    if (this.#suites.length <= SHOWN) return;
    const seconds = (ms) => (ms / 1000).toFixed(1).padStart(7);
    const total = this.#suites.reduce((sum, { ms }) => sum + ms, 0);
    const slowest = this.#suites.sort((a, b) => b.ms - a.ms).slice(0, SHOWN);
    const name = (path) => path.slice(path.lastIndexOf('/test/') + 1);
    process.stderr.write(
      `\nThe slowest ${SHOWN} of ${this.#suites.length} suites, in seconds (all: ${seconds(total).trim()}):\n${slowest
        .map(({ testFilePath, ms }) => `${seconds(ms)}  ${name(testFilePath)}\n`)
        .join('')}`,
    );
  }
}
