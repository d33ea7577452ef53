import { describe, expect, it } from 'vitest';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { startDeadline } from '../../../src/engine/base/deadline.ts';
import { Limits } from '../../../src/engine/open/limits.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';

const NEVER = new Promise<never>(() => undefined);
const turn = (): Promise<void> => new Promise(setImmediate);

/** Lets time pass in steps of a second, and everything happen that follows from each. */
async function pass(clock: TestClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    clock.advance(Math.min(left, 1_000));
    await turn();
  }
}

function limitsOf(
  clock: TestClock,
  timeoutMs: number | undefined,
  timeoutOf: 'everything' | 'each-submit' = 'everything',
) {
  const events: QueueEvent[] = [];
  const onEvent = (event: QueueEvent): void => void events.push(event);
  return { limits: new Limits({ clock, timeoutMs, timeoutOf, onEvent }, () => undefined), events };
}

describe('who waits', () => {
  it('says so every half minute, for what and how long, and no more when it is over', async () => {
    const clock = new TestClock('standing');
    const { limits, events } = limitsOf(clock, undefined);
    let finish = (): void => undefined;
    const work = limits.announced('the answer of the remote', () => new Promise<void>((resolve) => (finish = resolve)));
    await pass(clock, 29_000);
    expect(events).toEqual([]);
    await pass(clock, 62_000);
    const still = (elapsedMs: number) => ({ kind: 'still-waiting', what: 'the answer of the remote', elapsedMs });
    expect(events).toEqual([still(30_000), still(60_000), still(90_000)]);
    finish();
    await work;
    await pass(clock, 60_000);
    expect(events).toHaveLength(3);
  });
});

describe('a limit of everything', () => {
  it('ends what takes longer than what is left of it', async () => {
    const clock = new TestClock('standing');
    const { limits } = limitsOf(clock, 5_000);
    clock.advance(3_000);
    expect(limits.leftMs()).toBe(2_000);
    const late = expect(limits.within(() => NEVER)).rejects.toMatchObject({ code: 'timed-out' });
    await pass(clock, 2_000);
    await late;
    expect(limits.leftMs()).toBe(0);
  });

  it('of each submit is the same for every one', () => {
    const clock = new TestClock('standing');
    const { limits } = limitsOf(clock, 5_000, 'each-submit');
    clock.advance(60_000);
    expect(limits.leftMs()).toBe(5_000);
  });
});

describe('a deadline', () => {
  const REASON = new Error('too late');
  const moments = (deadline: ReturnType<typeof startDeadline>) =>
    [deadline.stop, deadline.cut, deadline.end].map(({ aborted }) => aborted);

  it('stops, cuts and ends one after the other, the last exactly at the limit', async () => {
    const clock = new TestClock('standing');
    const deadline = startDeadline(clock, { timeoutMs: 16_000, tooLate: () => REASON });
    await pass(clock, 13_000);
    expect(moments(deadline)).toEqual([false, false, false]);
    await pass(clock, 1_000);
    expect(moments(deadline)).toEqual([true, false, false]);
    expect(deadline.stop.reason).toBe(REASON);
    await pass(clock, 1_000);
    expect(moments(deadline)).toEqual([true, true, false]);
    await pass(clock, 1_000);
    expect(moments(deadline)).toEqual([true, true, true]);
  });

  it('stops at once when the process is interrupted, and lets a push go on for ten seconds', async () => {
    const clock = new TestClock('standing');
    const interrupt = new AbortController();
    const deadline = startDeadline(clock, { interrupt: interrupt.signal, tooLate: () => REASON });
    interrupt.abort(REASON);
    expect(moments(deadline)).toEqual([true, false, false]);
    await pass(clock, 10_000);
    expect(moments(deadline)).toEqual([true, true, false]);
    await pass(clock, 3_000);
    expect(moments(deadline)).toEqual([true, true, true]);
  });

  it('that is over, or that there is none, never comes', async () => {
    const clock = new TestClock('standing');
    const interrupt = new AbortController();
    const over = startDeadline(clock, { timeoutMs: 100, interrupt: interrupt.signal, tooLate: () => REASON });
    const unlimited = startDeadline(clock, { tooLate: () => REASON });
    over.close();
    interrupt.abort(REASON);
    await pass(clock, 60_000);
    expect(moments(over)).toEqual([false, false, false]);
    expect(moments(unlimited)).toEqual([false, false, false]);
  });
});
