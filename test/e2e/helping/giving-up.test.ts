import { beforeEach, describe, expect, it } from 'vitest';
import { requestsIn, requestsOn } from '../../kit/engine/machine.ts';
import { startAgentq } from '../../kit/processes/run-agentq.ts';
import { type Gate, holdPush } from '../../kit/remotes/gate.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { held, testQueue } from '../../kit/scene/test-sandbox.ts';

let box: GitSandbox;
let remote: string;
let gate: Gate;
beforeEach(async () => {
  ({ box, remote } = await testQueue(2, 'clone'));
  gate = await held(holdPush(box, remote, 'push'));
});

/** A claim whose first push loses the race. */
async function losing(...args: readonly string[]) {
  const running = startAgentq(['claim', 'a1', '--json', '--no-sync', ...args], {
    cwd: box.path('clone'),
    env: box.env,
  });
  await gate.reached();
  await box.commitTo(remote, 'refs/heads/develop', { 'news.md': 'News\n' });
  await gate.open();
  const run = await running.done;
  return { ...run, document: JSON.parse(run.stdout) };
}

describe('a claim that loses the race', () => {
  it.each(['none', 'local', 'remote', 'all'])(
    'exits with 2 and words where no retry is allowed: --combine %s',
    async (combine) => {
      const { code, stderr, document } = await losing('--combine', combine, '--max-retries', '0');
      expect(code).toBe(2);
      expect(document.error).toMatchObject({
        code: 'retries-exhausted',
        message: 'somebody else was first each time: gave up after 1 attempt',
      });
      expect(stderr).toContain('gave up after 1 attempt (try again, or allow more with --max-retries)');
      expect(await requestsIn(box, remote)).toEqual([]);
      expect(await requestsOn(box, remote)).toEqual([]);
    },
  );

  it('does not race again where it can wait in line', async () => {
    const { code, document } = await losing('--combine', 'remote', '--max-retries', '1');
    expect(code).toBe(0);
    expect(document).toMatchObject({ task: 'TASK-1', rejectedPushes: 1, attempts: 2 });
    expect(await requestsOn(box, remote)).toEqual([]);
  });

  it('says how the base of its backoff was adapted', async () => {
    const { code, document } = await losing('--combine', 'none', '--backoff-base', '20ms');
    expect(code).toBe(0);
    expect(document).toMatchObject({ task: 'TASK-1', rejectedPushes: 1, attempts: 2 });
    expect(document.backoffBaseMs).toBeGreaterThan(4);
    expect(document.backoffBaseMs).toBeLessThan(80);
  });
});
