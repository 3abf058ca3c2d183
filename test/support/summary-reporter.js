/** Ends the run with one plain line. */
export default class SummaryReporter {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests }) {
    // A file that cannot even be loaded has failed, though it has no tests.
    const failed = numFailedTests || numFailedTestSuites;
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    // After the default reporter's own summary, which goes to stderr.
    process.on('exit', () => console.log(`${numPassedTests} passed, ${failed} failed${skipped}`));
  }
}
