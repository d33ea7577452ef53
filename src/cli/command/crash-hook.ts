import { appendFileSync } from 'node:fs';
import type { AtStep } from '../../engine/base/crash-points.ts';
import type { Environment } from '../output/io.ts';

/**
 * For tests: `AGENTQ_TEST_CRASH=<step>` or `<step>:<n>` ends this process, as `kill -9` does, when it reaches the step
 * (for the nth time); `AGENTQ_TEST_STEPS=<file>` appends the name of each step reached to the file.
 * @returns undefined if neither is set, as always outside tests
 */
export function crashHook(env: Environment): AtStep | undefined {
  const { AGENTQ_TEST_CRASH: crash, AGENTQ_TEST_STEPS: steps } = env;
  if (crash === undefined && steps === undefined) return undefined;
  const [name, nth = '1'] = (crash ?? '').split(':');
  let left = Number(nth);
  return (step) => {
    if (steps !== undefined) appendFileSync(steps, `${step}\n`);
    if (step === name && --left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
