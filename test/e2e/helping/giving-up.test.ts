import { describe, expect, it } from 'vitest';
import { requestsIn, requestsOn } from '../../kit/engine/machine.ts';
import { type Gate, holdPush } from '../../kit/remotes/gate.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const QUEUE = { tasks: 2, clones: ['clone'] };

/** A claim whose first push loses the race. */
async function losing(box: Scene, gate: Gate, ...args: readonly string[]) {
  const { remote } = box;
  const running = box.start('clone', ['claim', 'a1', '--json', '--no-sync', ...args]);
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
      await using box = await scene(QUEUE);
      const { remote } = box;
      const gate = box.owns(await holdPush(box, box.remote, 'push'));
      const { code, stderr, document } = await losing(box, gate, '--combine', combine, '--max-retries', '0');
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
    await using box = await scene(QUEUE);
    const { remote } = box;
    const gate = box.owns(await holdPush(box, box.remote, 'push'));
    const { code, document } = await losing(box, gate, '--combine', 'remote', '--max-retries', '1');
    expect(code).toBe(0);
    expect(document).toMatchObject({ task: 'TASK-1', rejectedPushes: 1, attempts: 2 });
    expect(await requestsOn(box, remote)).toEqual([]);
  });

  it('says how the base of its backoff was adapted', async () => {
    await using box = await scene(QUEUE);
    const gate = box.owns(await holdPush(box, box.remote, 'push'));
    const { code, document } = await losing(box, gate, '--combine', 'none', '--backoff-base', '20ms');
    expect(code).toBe(0);
    expect(document).toMatchObject({ task: 'TASK-1', rejectedPushes: 1, attempts: 2 });
    expect(document.backoffBaseMs).toBeGreaterThan(4);
    expect(document.backoffBaseMs).toBeLessThan(80);
  });
});
