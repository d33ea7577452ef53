import { defineConfig } from 'vitest/config';

/**
 * For mutation testing: only tests that need neither the built bundle nor a process of agentq, so that nothing is built and
 * hundreds of runs stay quick. Chance has a fixed seed: a score that changes by itself says nothing.
 */
export default defineConfig({
  test: {
    include: [
      'test/domain/**/*.test.ts',
      'test/store/codec/**/*.test.ts',
      'test/git/answers/{push-answers,push-report-rows}.test.ts',
      'test/cli/output/sanitize.test.ts',
      'test/engine/helping/next-move*.test.ts',
    ],
    setupFiles: ['test/kit/fixed-seed.ts'],
    // The tests are pure and share nothing: one evaluation of the sources for all files of a run, a third less time.
    isolate: false,
    // As many examples as with `npm run test:full`: a mutant that chance spares says nothing.
    env: { FULL_TESTS: '1' },
    testTimeout: 60_000,
  },
});
