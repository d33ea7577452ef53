import { defineConfig } from 'vitest/config';
import { leftOut } from './test/kit/left-out.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // CI runs what is left out, and `npm run test:full` runs everything. Of the servers, those that are hosted take a
    // thirtieth of the processor time of all tests.
    exclude: [
      ...leftOut(process.env).map(({ files }) => files),
      ...(process.env.FULL_TESTS === '1' || process.env.TEST_SERVERS !== undefined
        ? []
        : ['test/servers/hosted.test.ts']),
    ],
    // Real git and real processes: a test is slow when the machine is busy, which is not a failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // 0 for whoever works on it: a test that sometimes fails is to be mended. CI tries once more, and its log names them.
    retry: Number(process.env.TEST_RETRIES ?? 0),
    // Four workers on two cores: every other test waits for a limit, a silence or a lock to pass.
    maxWorkers: 4,
    // No file mocks a module or leaves one changed: a new process and all imports for each of some 200 files are a minute of
    // processor time (0.3 s each), and what the sandbox keeps of repositories serves every file of a worker.
    isolate: false,
    globalSetup: ['test/kit/global-setup.ts'],
  },
});
