// Tests run on the compiled code: tsc has already checked their types, and jest needs no transform.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/build/test'],
  testMatch: ['**/*.test.js'],
  transform: {},
  maxWorkers: 2,
  // A busy machine is no fault; what must be quick says so itself.
  testTimeout: 30_000,
};
