// Tests run on the compiled code: tsc has already checked their types, and jest needs no transform.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/build/test'],
  testMatch: ['**/*.test.js'],
  transform: {},
  maxWorkers: 2,
};
