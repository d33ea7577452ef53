import { describe, expect, it } from 'vitest';
import { CriticalSection, INTERRUPT_GRACE_MS } from '../../../src/engine/base/critical-section.ts';
import { fixedSource } from '../../../src/engine/transaction/intent-source.ts';
import { transact } from '../../../src/engine/transaction/transaction.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { claimOf, inShort, testEngine } from '../../kit/engine/test-engine.ts';
import { FileRemote } from '../../kit/remotes/file-remote.ts';
import { FileStore } from '../../kit/remotes/file-store.ts';

const REASON = new Error('interrupted');

/** A claim that is interrupted at the step of that name. */
function interruptedAt(step: string, remote: FileRemote, clock = new TestClock()) {
  const interrupt = new AbortController();
  const store = new FileStore(remote, async (what) => {
    if (what === step) interrupt.abort(REASON);
  });
  const engine = testEngine(store, { interrupt, clock });
  return transact(engine, fixedSource([{ intent: claimOf('a'), base: undefined }]));
}

describe('an interrupted transaction', () => {
  it.each(['look', 'fetch'])('ends before it pushes: %s', async (step) => {
    const remote = FileRemote.withTasks(1);
    await expect(interruptedAt(step, remote)).rejects.toBe(REASON);
    expect(remote.pushes).toEqual([]);
  });

  it('sees its push through, and answers where it landed', async () => {
    const remote = FileRemote.withTasks(1);
    const { settled } = await interruptedAt('push', remote);
    expect(inShort(settled[0])).toBe('TASK-1');
  });

  it('looks a push up that nobody knows the outcome of', async () => {
    const landed = FileRemote.withTasks(1);
    landed.fault = () => 'answer-lost';
    const { settled } = await interruptedAt('push', landed);
    expect(inShort(settled[0])).toBe('TASK-1');
    const lost = FileRemote.withTasks(1);
    lost.fault = () => 'lost';
    await expect(interruptedAt('push', lost)).rejects.toBe(REASON);
  });

  it('does not try again what was rejected', async () => {
    const remote = FileRemote.withTasks(1);
    remote.fault = () => 'rejected';
    await expect(interruptedAt('push', remote)).rejects.toBe(REASON);
    expect(remote.pushes).toHaveLength(1);
  });

  it('does not sit out its backoff', async () => {
    const remote = FileRemote.withTasks(1);
    remote.fault = () => 'rejected';
    const interrupt = new AbortController();
    const clock = new TestClock('standing');
    clock.onSleep = () => interrupt.abort(REASON);
    const engine = testEngine(new FileStore(remote), { interrupt, clock });
    await expect(transact(engine, fixedSource([{ intent: claimOf('a'), base: undefined }]))).rejects.toBe(REASON);
    expect(remote.pushes).toHaveLength(1);
  });
});

describe('a critical section', () => {
  it('kills at once outside of it', () => {
    const interrupt = new AbortController();
    const critical = new CriticalSection(interrupt.signal, new TestClock('standing'));
    expect(critical.signal.aborted).toBe(false);
    interrupt.abort(REASON);
    expect(critical.signal.reason).toBe(REASON);
  });

  it('kills at once what was interrupted before it began', () => {
    expect(new CriticalSection(AbortSignal.abort(REASON), new TestClock('standing')).signal.reason).toBe(REASON);
  });

  it('lets the work within it run on, for a while', async () => {
    const interrupt = new AbortController();
    const clock = new TestClock('standing');
    const critical = new CriticalSection(interrupt.signal, clock);
    let finish = (): void => undefined;
    const work = critical.run(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    interrupt.abort(REASON);
    clock.advance(INTERRUPT_GRACE_MS - 1);
    await Promise.resolve();
    expect(critical.signal.aborted).toBe(false);
    clock.advance(1);
    await new Promise(setImmediate);
    expect(critical.signal.reason).toBe(REASON);
    finish();
    await work;
  });
});
