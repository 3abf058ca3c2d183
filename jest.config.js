const common = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
};

/** Unit specs are pure, integration specs use a real PostgreSQL, end-to-end specs speak HTTP to the built service. */
export default {
  projects: [
    { ...common, displayName: 'latchkey', testMatch: ['**/*.spec.ts'] },
    {
      ...common,
      displayName: 'log in EventStoreDB',
      testMatch: ['**/*.e2e.spec.ts'],
      // Of these the one is about the embedded PostgreSQL, the other about the wire to PostgreSQL, a third about that to EventStoreDB,
      // the next about both logs. The rest look at read models, whatever the log.
      testPathIgnorePatterns: [
        '/start\\.e2e',
        '/postgres-faults\\.e2e',
        '/eventstoredb-faults\\.e2e',
        '/moved-log\\.e2e',
        '/oauth/.*\\.e2e',
        // What these refuse never comes to the log, and what they let in does in other specs.
        '/(access-matrix|authentication|bad-input)\\.e2e',
        '/(as-of|audit-trail|evidence|export|parked-streams|tenants)\\.e2e',
      ],
      setupFiles: ['<rootDir>/test/support/log-in-eventstoredb.js'],
    },
  ],
  testSequencer: '<rootDir>/test/support/sequencer.js',
  globalSetup: '<rootDir>/test/support/global-setup.js',
  globalTeardown: '<rootDir>/test/support/global-teardown.js',
  reporters: ['default', '<rootDir>/test/support/summary-reporter.js'],
  testTimeout: 60_000,
  maxWorkers: 2,
};
