import { readdir } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { requestRef } from '../../../src/engine/helping/request-ref.ts';
import { type RunningAgentq, startAgentq } from '../../kit/processes/run-agentq.ts';
import { said } from '../../kit/processes/said.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { Gate, holdCheckout, holdPush, holdRead } from '../../kit/remotes/gate.ts';
import { HttpGitServer } from '../../kit/remotes/http-git-server.ts';
import { turnsOf } from '../../kit/sample.ts';
import type { GitSandbox } from '../../kit/scene/git-sandbox.ts';
import { held, testQueue } from '../../kit/scene/test-sandbox.ts';

/** Interrupted at every stage: the exit code of the signal, and nothing half done. */

let box: GitSandbox;
let remote: string;
beforeEach(async () => {
  ({ box, remote } = await testQueue(2, 'clone'));
});

function claim(...args: readonly string[]): RunningAgentq {
  return startAgentq(['claim', 'a1', ...args], { cwd: box.path('clone'), env: box.env });
}

/** The queue is as it was before, byte for byte, and nothing of ours is left anywhere. */
async function expectNothingLeft(base: string): Promise<void> {
  expect(await box.files(remote, 'develop')).toEqual(await box.files(remote, base));
  expect((await auditQueue(box.path(remote))).violations).toEqual([]);
  for (const repository of [remote, 'clone']) {
    expect(Object.keys(await box.refs(repository)).filter((ref) => ref.startsWith('refs/agentq/'))).toEqual([]);
  }
  expect((await readdir(box.path('clone/.git'))).filter((name) => /agentq-|lock$|crash/.test(name))).toEqual([]);
  expect(await box.git('clone', 'status', '--porcelain')).toBe('');
  expect(await leftInRuntimeFolder()).toEqual([]);
}

async function leftInRuntimeFolder(): Promise<readonly string[]> {
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
    const base = await box.commitTo(remote, 'refs/heads/develop', { '.agents/news.md': 'News\n' });
    const gate = await held(holdRead(box, 'clone', 'read', nth));
    const running = claim();
    await gate.reached();
    running.child.kill(signal);
    await expectInterrupted(running);
    await expectNothingLeft(base);
    expect(await box.git(remote, 'rev-parse', 'develop')).toBe(base);
  });

  it.runIf(isTurn())('gives a claim back that lands while it is interrupted', async () => {
    const base = await box.git(remote, 'rev-parse', 'develop');
    const gate = await held(holdPush(box, remote, 'push'));
    const running = claim();
    await gate.reached();
    running.child.kill(signal);
    await gate.open();
    await expectInterrupted(running);
    await expectNothingLeft(base);
    expect(await box.git(remote, 'log', '--format=%an: %s', `${base}..develop`)).toBe(
      'a1: [AGENT-RELEASE] a1 released TASK-1 from auth\na1: [AGENT-CLAIM] a1 claimed TASK-1 from auth',
    );
  });

  it.runIf(isTurn())('does not try again when its push is lost to another', async () => {
    const gate = await held(holdPush(box, remote, 'push'));
    const running = claim('--combine', 'local');
    await gate.reached();
    const others = await box.commitTo(remote, 'refs/heads/develop', { '.agents/news.md': 'News\n' });
    running.child.kill(signal);
    await gate.open();
    await expectInterrupted(running);
    await expectNothingLeft(others);
    expect(await box.git(remote, 'rev-parse', 'develop')).toBe(others);
  });

  it.runIf(isTurn())('ends a claim that waits to try again', async () => {
    await using server = await HttpGitServer.start(box.root, box.env);
    server.fault = () => ({ kind: 'status', status: 503 });
    await box.git('clone', 'remote', 'set-url', 'origin', server.url(remote));
    const base = await box.git(remote, 'rev-parse', 'develop');
    const running = startAgentq(['claim', 'a1', '-C', 'clone'], {
      cwd: box.root,
      env: { ...box.env, AGENTQ_MAX_RETRIES: '1000' },
    });
    await said(running, 'stderr', (text) => text.includes('; attempt 4 in '));
    running.child.kill(signal);
    await expectInterrupted(running);
    await expectNothingLeft(base);
  });

  it.runIf(isTurn())('takes back the request of a claim that waits for others', async () => {
    const base = await box.git(remote, 'rev-parse', 'develop');
    // Somebody on another machine was first, and leads; or would, if it had not died.
    const intent = {
      kind: 'claim',
      request: 'somebodyelse1234',
      agent: 'b1',
      filter: {},
      attempt: 1,
      waitedMs: 0,
    } as const;
    const first = requestRef([intent], { branchRef: 'refs/heads/develop', base, at: Date.now() }, 'other') ?? '';
    await box.git(remote, 'update-ref', first, base);
    const gate = await held(Gate.create(box, 'published'));
    await box.hook(remote, 'post-receive', `${gate.script}\nexit 0`);
    const running = claim();
    await gate.reached();
    await gate.open();
    running.child.kill(signal);
    await expectInterrupted(running);
    expect(Object.keys(await box.refs(remote)).filter((ref) => ref.startsWith('refs/agentq/'))).toEqual([first]);
    await box.git(remote, 'update-ref', '-d', first);
    await expectNothingLeft(base);
  });

  it.runIf(isTurn())('gives a claim back whose checkout was still following', async () => {
    const base = await box.git(remote, 'rev-parse', 'develop');
    const gate = await held(holdCheckout(box, 'clone', 'checkout'));
    const running = claim();
    await gate.reached();
    running.child.kill(signal);
    await gate.open();
    await expectInterrupted(running);
    await expectNothingLeft(base);
  });
});

describe('without a remote', () => {
  beforeEach(async () => {
    await box.git('clone', 'remote', 'remove', 'origin');
    remote = 'clone';
  });

  it('gives a claim back whose checkout was still following, and takes the checkout along', async () => {
    const base = await box.git('clone', 'rev-parse', 'develop');
    const gate = await held(holdCheckout(box, 'clone', 'checkout'));
    const running = claim();
    await gate.reached();
    running.child.kill('SIGINT');
    await gate.open();
    expect(await running.done).toMatchObject({ code: 130, stdout: '' });
    await expectNothingLeft(base);
  });
});

it('ends at once at the second signal, even in the middle of a push', async () => {
  const gate = await held(holdPush(box, remote, 'push'));
  const running = claim();
  await gate.reached();
  running.child.kill('SIGINT');
  running.child.kill('SIGTERM');
  const { code, stderr } = await running.done;
  // Of two that are pending at once the kernel delivers either first. Had it waited for the push, it would say so.
  expect([130, 143]).toContain(code);
  expect(stderr).toBe('');
});
