// Tests run on the compiled code: tsc has already checked their types, and jest needs no transform.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/build/test'],
  testMatch: ['**/*.test.js'],
  transform: {},
  // One more than the two cores that CI has: the longest suite does little but wait.
  maxWorkers: 3,
  testSequencer: '<rootDir>/build/test/sequencer.js',
  // A busy machine is no fault; what must be quick says so itself.
  testTimeout: 30_000,
};
