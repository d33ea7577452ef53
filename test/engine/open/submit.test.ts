import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { Combiner } from '../../../src/engine/combining/combiner.ts';
import { submitIntent } from '../../../src/engine/open/submit.ts';
import { fixedSource } from '../../../src/engine/transaction/intent-source.ts';
import { transact } from '../../../src/engine/transaction/transaction.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { claimOf, testEngine } from '../../kit/engine/test-engine.ts';
import { FileRemote } from '../../kit/remotes/file-remote.ts';
import { FileStore } from '../../kit/remotes/file-store.ts';

const INTERRUPTED = new Failure('interrupted', 'interrupted by SIGINT');

/** Everything behind one submit, on a simulated remote; `step` is called for each request and answer. */
function setUp(remote: FileRemote, step: (what: string, interrupt: AbortController) => void = () => undefined) {
  const interrupt = new AbortController();
  const clock = new TestClock('standing');
  const store = new FileStore(remote, async (what) => step(what, interrupt));
  const engine = testEngine(store, { interrupt, clock });
  const { random, signal, critical } = engine;
  const alone = testEngine(new FileStore(remote), { clock });
  const combiner = new Combiner({
    meet: undefined,
    carryOut: (intake, batchSignal) => transact({ ...engine, signal: batchSignal }, intake),
    lookUp: async () => undefined,
    clock,
    signal,
    critical,
    onEvent: () => undefined,
  });
  const carryOutAlone = async (intent: Intent) =>
    (await transact(alone, fixedSource([{ intent, base: undefined }]))).settled[0];
  return { submitter: { combiner, carryOutAlone, clock, random, signal, critical }, clock, interrupt };
}

function subjects(remote: FileRemote): string[] {
  return remote.ancestors(remote.tip).map(({ facts }) => facts.subject);
}

describe('submitting', () => {
  it('says what became of the intent, and on which tip it was decided', async () => {
    const remote = FileRemote.withTasks(1);
    const base = remote.tip;
    const { submitter } = setUp(remote);
    const submitted = await submitIntent(submitter, { intent: claimOf('a'), base: undefined });
    expect(submitted).toMatchObject({
      outcome: { kind: 'claimed' },
      commit: remote.tip,
      base,
      attempts: 1,
      rejectedPushes: 0,
    });
  });

  it('throws a refusal, with why', async () => {
    const { submitter } = setUp(FileRemote.withTasks(0));
    await expect(submitIntent(submitter, { intent: claimOf('a'), base: undefined })).rejects.toMatchObject({
      code: 'nothing-claimable',
      details: { why: { claimed: 0 } },
    });
  });

  it('gives up when its time has run out, and nothing was done', async () => {
    const remote = FileRemote.withTasks(1);
    remote.fault = () => 'rejected';
    const { submitter, clock } = setUp(remote);
    // The first sleep is the deadline's own, the second that of the backoff.
    clock.onSleep = () => {
      if (clock.sleeps.length === 2) queueMicrotask(() => clock.advance(5_000));
    };
    const slow = submitIntent(submitter, { intent: claimOf('a'), base: undefined }, { timeoutMs: 5_000 });
    await expect(slow).rejects.toMatchObject({ code: 'timed-out', message: expect.stringContaining('5s') });
    expect(subjects(remote)).toEqual(['Set up']);
  });
});

describe('a claim that is interrupted', () => {
  it('during its push is given back: nobody is going to work on it', async () => {
    const remote = FileRemote.withTasks(1);
    const files = remote.commit(remote.tip).files;
    const { submitter } = setUp(remote, (what, interrupt) => what === 'push' && interrupt.abort(INTERRUPTED));
    await expect(submitIntent(submitter, { intent: claimOf('a'), base: undefined })).rejects.toBe(INTERRUPTED);
    expect(subjects(remote)).toEqual([
      '[AGENT-RELEASE] a released TASK-1 from auth',
      '[AGENT-CLAIM] a claimed TASK-1 from auth',
      'Set up',
    ]);
    expect(remote.commit(remote.tip).files).toEqual(files);
  });

  it('and cannot be given back says so, and how to do it', async () => {
    const remote = FileRemote.withTasks(1);
    const { submitter } = setUp(remote, (what, interrupt) => {
      if (what !== 'pushed') return;
      interrupt.abort(INTERRUPTED);
      remote.fault = () => 'refused';
    });
    await expect(submitIntent(submitter, { intent: claimOf('a'), base: undefined })).rejects.toMatchObject({
      code: 'interrupted',
      message: expect.stringMatching(/auth\/TASK-1 was claimed, and it could not be given back: .*declined/),
      hint: expect.stringContaining('agentq release auth/TASK-1 a'),
    });
  });

  it('before its push changes nothing', async () => {
    const remote = FileRemote.withTasks(1);
    const { submitter } = setUp(remote, (what, interrupt) => what === 'fetch' && interrupt.abort(INTERRUPTED));
    await expect(submitIntent(submitter, { intent: claimOf('a'), base: undefined })).rejects.toBe(INTERRUPTED);
    expect(remote.pushes).toEqual([]);
  });
});

it('a release that landed while it was interrupted is an answer like any other', async () => {
  const remote = FileRemote.withTasks(1);
  await submitIntent(setUp(remote).submitter, { intent: claimOf('a'), base: undefined });
  const { submitter } = setUp(remote, (what, interrupt) => what === 'push' && interrupt.abort(INTERRUPTED));
  const release: Intent = {
    kind: 'release',
    request: 'release-1',
    agent: 'a',
    task: { project: 'auth', id: 'TASK-1' },
  };
  const submitted = await submitIntent(submitter, { intent: release, base: undefined });
  expect(submitted.outcome.kind).toBe('released');
});
