import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { requestRef } from '../../../src/engine/helping/request-ref.ts';
import type { RunningAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { Gate, holdCheckout, holdPush, holdRead } from '../../kit/remotes/gate.ts';
import { turnsOf } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Interrupted at every stage: the exit code of the signal, and nothing half done. */

const QUEUE = { tasks: 2, clones: ['clone'] };

function claim(box: Scene, ...args: readonly string[]): RunningAgentq {
  return box.start('clone', ['claim', 'a1', ...args]);
}

/** The queue is as it was before, byte for byte, and nothing of ours is left anywhere. */
async function expectNothingLeft(box: Scene, base: string, queue = box.remote): Promise<void> {
  expect(await box.files(queue, 'develop')).toEqual(await box.files(queue, base));
  expect((await auditQueue(box.path(queue))).violations).toEqual([]);
  for (const repository of [queue, 'clone']) {
    expect(Object.keys(await box.refs(repository)).filter((ref) => ref.startsWith('refs/agentq/'))).toEqual([]);
  }
  expect((await readdir(box.path('clone/.git'))).filter((name) => /agentq-|lock$|crash/.test(name))).toEqual([]);
  expect(await box.git('clone', 'status', '--porcelain')).toBe('');
  expect(await leftInRuntimeFolder(box)).toEqual([]);
}

async function leftInRuntimeFolder(box: Scene): Promise<readonly string[]> {
  const folder = (await readdir(box.root)).find((name) => /^agentq-\d+$/.test(name));
  return folder === undefined ? [] : await readdir(box.path(folder));
}

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

describe.each(SIGNALS)('%s', (signal, exit) => {
  const isTurn = turnsOf(
    SIGNALS.map(([name]) => name),
    signal,
  );
  async function expectInterrupted({ done }: RunningAgentq): Promise<void> {
    const { code, stdout, stderr } = await done;
    expect({ code, stdout }, stderr).toEqual({ code: exit, stdout: '' });
    expect(stderr).toContain(`interrupted by ${signal}`);
  }

  const STAGES = [
    ['looks at the remote', 1],
    ['fetches', 2],
  ] as const;
  it.each(STAGES.filter(isTurn))('ends a claim that %s', async (_stage, nth) => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.commitTo(remote, 'refs/heads/develop', { '.agents/news.md': 'News\n' });
    const gate = box.owns(await holdRead(box, 'clone', 'read', nth));
    const running = claim(box);
    await gate.reached();
    running.child.kill(signal);
    await expectInterrupted(running);
    await expectNothingLeft(box, base);
    expect(await box.tip()).toBe(base);
  });

  it.runIf(isTurn())('gives a claim back that lands while it is interrupted', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const gate = box.owns(await holdPush(box, remote, 'push'));
    const running = claim(box);
    await gate.reached();
    running.child.kill(signal);
    await gate.open();
    await expectInterrupted(running);
    await expectNothingLeft(box, base);
    expect(await box.git(remote, 'log', '--format=%an: %s', `${base}..develop`)).toBe(
      'a1: [AGENT-RELEASE] a1 released TASK-1 from auth\na1: [AGENT-CLAIM] a1 claimed TASK-1 from auth',
    );
  });

  it.runIf(isTurn())('does not try again when its push is lost to another', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const gate = box.owns(await holdPush(box, remote, 'push'));
    const running = claim(box, '--combine', 'local');
    await gate.reached();
    const others = await box.commitTo(remote, 'refs/heads/develop', { '.agents/news.md': 'News\n' });
    running.child.kill(signal);
    await gate.open();
    await expectInterrupted(running);
    await expectNothingLeft(box, others);
    expect(await box.tip()).toBe(others);
  });

  it.runIf(isTurn())('ends a claim that waits to try again', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const server = await box.http();
    server.fault = () => ({ kind: 'status', status: 503 });
    await box.git('clone', 'remote', 'set-url', 'origin', server.url(remote));
    const base = await box.tip();
    const running = box.start('.', ['claim', 'a1', '-C', 'clone'], { env: { AGENTQ_MAX_RETRIES: '1000' } });
    await said(running, 'stderr', (text) => text.includes('; attempt 4 in '));
    running.child.kill(signal);
    await expectInterrupted(running);
    await expectNothingLeft(box, base);
  });

  it.runIf(isTurn())('takes back the request of a claim that waits for others', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    // Somebody on another machine was first, and leads; or would, if it had not died.
    const intent = {
      kind: 'claim',
      request: 'somebodyelse1234',
      agent: 'b1',
      filter: {},
      attempt: 1,
      waitedMs: 0,
    } as const;
    const first = requestRef([intent], { branchRef: 'refs/heads/develop', base, at: Date.now() }, 'other').ref;
    await box.git(remote, 'update-ref', first, base);
    const gate = box.owns(await Gate.create(box, 'published'));
    await box.hook(remote, 'post-receive', `${gate.script}\nexit 0`);
    const running = claim(box);
    await gate.reached();
    await gate.open();
    running.child.kill(signal);
    await expectInterrupted(running);
    expect(Object.keys(await box.refs(remote)).filter((ref) => ref.startsWith('refs/agentq/'))).toEqual([first]);
    await box.git(remote, 'update-ref', '-d', first);
    await expectNothingLeft(box, base);
  });

  it.runIf(isTurn())('gives a claim back whose checkout was still following', async () => {
    await using box = await scene(QUEUE);
    const base = await box.tip();
    const gate = box.owns(await holdCheckout(box, 'clone', 'checkout'));
    const running = claim(box);
    await gate.reached();
    running.child.kill(signal);
    await gate.open();
    await expectInterrupted(running);
    await expectNothingLeft(box, base);
  });
});

describe('without a remote', () => {
  it('gives a claim back whose checkout was still following, and takes the checkout along', async () => {
    await using box = await scene(QUEUE);
    await box.git('clone', 'remote', 'remove', 'origin');
    const base = await box.tip('clone');
    const gate = box.owns(await holdCheckout(box, 'clone', 'checkout'));
    const running = claim(box);
    await gate.reached();
    running.child.kill('SIGINT');
    await gate.open();
    expect(await running.done).toMatchObject({ code: 130, stdout: '' });
    await expectNothingLeft(box, base, 'clone');
  });
});

it('ends at once at the second signal, even in the middle of a push', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const gate = box.owns(await holdPush(box, remote, 'push'));
  const running = claim(box);
  await gate.reached();
  running.child.kill('SIGINT');
  running.child.kill('SIGTERM');
  const { code, stderr } = await running.done;
  // Of two that are pending at once the kernel delivers either first. Had it waited for the push, it would say so.
  expect([130, 143]).toContain(code);
  expect(stderr).toBe('');
});
