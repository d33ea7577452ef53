import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real git and real processes: a test is slow when the machine is busy, which is not a failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two workers on two cores: every test that spawns a pool already uses both.
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
  },
});
