import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock, systemRandomness } from '../../../src/cli/command/system.ts';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { BACKOFF_CAP_MS, type BackoffPolicy, backoffDelay } from '../../../src/engine/base/backoff.ts';
import { RejectionRate, UNKNOWN_RATE } from '../../../src/engine/base/rejection-rate.ts';
import { claimIntent, movesBranch, openMachine } from '../../kit/engine/machine.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const NOW = 1_000_000;

const QUEUE = { tasks: 3, clones: ['one'] };

const policy = (schedule: BackoffPolicy['schedule'], baseMs: number): BackoffPolicy => ({ schedule, baseMs });
const chance = (next: number) => ({ ...systemRandomness, next: () => next });
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const base = fc.integer({ min: 1, max: 60_000 });
const pushes = fc.array(fc.constantFrom('landed' as const, 'rejected' as const), { maxLength: 60 });

async function rateAfter(outcomes: readonly ('landed' | 'rejected')[], start = UNKNOWN_RATE): Promise<RejectionRate> {
  const rate = new RejectionRate(start, async () => undefined);
  for (const outcome of outcomes) await rate.note(outcome, NOW);
  return rate;
}

describe('the delay', () => {
  it('is anything up to twice as much each time, up to the cap, with full jitter', () => {
    fc.assert(
      fc.property(base, fc.integer({ min: 0, max: 2000 }), fraction, (baseMs, retry, next) => {
        const delay = backoffDelay(policy('full-jitter', baseMs), retry, chance(next));
        const most = Math.min(BACKOFF_CAP_MS, baseMs * 2 ** retry);
        expect(delay).toBe(Math.round(next * most));
      }),
    );
  });

  it("is 1, 2, 4, 8, 16 s, each times 1 to 2, by the guide's schedule, whatever the base", () => {
    fc.assert(
      fc.property(base, fc.integer({ min: 0, max: 2000 }), fraction, (baseMs, retry, next) => {
        const delay = backoffDelay(policy('guide', baseMs), retry, chance(next));
        const seconds = [1, 2, 4, 8, 16][Math.min(retry, 4)] ?? 16;
        expect(delay).toBe(Math.round(1000 * seconds * (1 + next)));
      }),
    );
  });
});

describe('the base', () => {
  it('stays between a quarter and four times what was configured', async () => {
    await fc.assert(
      fc.asyncProperty(pushes, base, fraction, async (outcomes, baseMs, start) => {
        const rate = await rateAfter(outcomes, start);
        expect(rate.rate).toBeGreaterThanOrEqual(0);
        expect(rate.rate).toBeLessThanOrEqual(1);
        const adapted = rate.adapt(policy('full-jitter', baseMs));
        expect(adapted.baseMs).toBeGreaterThanOrEqual(Math.max(1, Math.floor(baseMs / 4)));
        expect(adapted.baseMs).toBeLessThanOrEqual(baseMs * 4);
        expect(adapted.schedule).toBe('full-jitter');
      }),
    );
  });

  it('goes up with each rejected push, and down with each that lands', async () => {
    await fc.assert(
      fc.asyncProperty(pushes, async (outcomes) => {
        const { rate } = await rateAfter(outcomes);
        expect((await rateAfter([...outcomes, 'rejected'])).rate).toBeGreaterThan(rate);
        expect((await rateAfter([...outcomes, 'landed'])).rate).toBeLessThan(rate);
      }),
    );
  });

  it('is what was configured where nothing is known, and follows the last ten pushes or so', async () => {
    const adapted = async (...outcomes: ('landed' | 'rejected')[]) =>
      (await rateAfter(outcomes)).adapt(policy('full-jitter', 1000)).baseMs;
    expect(await adapted()).toBe(1000);
    expect(await adapted(...Array(20).fill('rejected'))).toBeGreaterThan(3800);
    expect(await adapted(...Array(20).fill('rejected'), ...Array(10).fill('landed'))).toBeLessThan(400);
  });

  it('is told of only as far as this process has seen it', async () => {
    expect((await rateAfter([], 0.9)).seen).toBeUndefined();
    expect((await rateAfter(['landed'], 0.9)).seen).toBe(0);
    expect((await rateAfter(['rejected', 'landed'])).seen).toBe(0.5);
    expect((await rateAfter([...Array(10).fill('rejected'), ...Array(10).fill('landed')])).seen).toBe(0);
  });

  it.each<[string, readonly ('landed' | 'rejected')[], number, 'seen' | 'unseen']>([
    ['nothing is known', [], 0, 'unseen'],
    ['a race was lost just now', ['rejected'], 0, 'seen'],
    ['a race was lost ten seconds ago', ['rejected'], 10_000, 'seen'],
    ['a race was lost longer ago', ['rejected'], 10_001, 'unseen'],
    ['a race was lost before a clock was set back', ['rejected'], -10_001, 'unseen'],
    ['as many landed as were lost', ['rejected', 'landed'], 0, 'unseen'],
    ['many landed before the last one was lost', ['landed', 'landed', 'rejected'], 0, 'unseen'],
    ['one landed among many that were lost', ['rejected', 'rejected', 'rejected', 'landed'], 0, 'seen'],
  ])('tells whether rivals are there: %s', async (_, outcomes, later, rivals) => {
    expect((await rateAfter(outcomes)).rivals(NOW + later)).toBe(rivals);
  });

  it('is not written down again and again by a queue that is quiet', async () => {
    let writes = 0;
    const rate = new RejectionRate(UNKNOWN_RATE, async () => {
      writes++;
    });
    for (let i = 0; i < 1000; i++) await rate.note('landed', NOW);
    expect(writes).toBeLessThan(25);
  });
});

describe('on a queue', () => {
  /** A machine whose pushes to the branch lose the race this many times, and that does not really sleep. */
  async function unlucky(box: Scene, times: number, schedule: BackoffPolicy['schedule'], maxRetries: number) {
    const { remote } = box;
    const slept: number[] = [];
    const retries: Extract<QueueEvent, { kind: 'retrying' }>[] = [];
    const machine = await openMachine(box, 'one', {
      backoff: policy(schedule, 100),
      maxRetries,
      clock: { ...systemClock, sleep: async (ms) => void slept.push(ms) },
      onEvent(event) {
        if (event.kind === 'retrying') retries.push(event);
      },
      async push(updates, push) {
        if (movesBranch(updates) && times-- > 0)
          await box.commitTo(remote, 'refs/heads/develop', { 'news.md': `News ${times}\n` });
        return push();
      },
    });
    return { machine, slept, retries };
  }

  it('follows the rejections, up and down, and the next process knows them', async () => {
    await using box = await scene(QUEUE);
    const { machine, slept, retries } = await unlucky(box, 6, 'full-jitter', 8);
    await machine.onlyBranch(claimIntent('a1'));
    await machine[Symbol.asyncDispose]();
    const bases = retries.map(({ baseMs }) => baseMs);
    expect(bases).toEqual([...bases].sort((a, b) => a - b));
    expect(bases[0]).toBeGreaterThan(100);
    expect(bases.at(-1)).toBeLessThanOrEqual(400);
    expect(slept).toEqual(retries.map(({ delayMs }) => delayMs));

    const later = await unlucky(box, 0, 'full-jitter', 8);
    const known = later.machine.engine.rejections.rate;
    expect(known).toBeGreaterThan(UNKNOWN_RATE);
    await later.machine.onlyBranch(claimIntent('a2'));
    expect(later.machine.engine.rejections.rate).toBeLessThan(known);
    await later.machine[Symbol.asyncDispose]();
  });

  /**
   * One among others, on a clock that stands still except for its pauses; what becomes of its pushes to the branch is
   * given.
   */
  async function helping(box: Scene, fates: readonly ('lost' | 'locked')[]) {
    const { remote } = box;
    let now = Date.now();
    const tried: number[] = [];
    const retries: Extract<QueueEvent, { kind: 'retrying' }>[] = [];
    const machine = await openMachine(box, 'one', {
      backoff: policy('full-jitter', 250),
      maxRetries: 8,
      clock: {
        ...systemClock,
        now: () => now,
        async sleep(ms) {
          now += ms;
        },
      },
      random: { ...systemRandomness, next: () => 0.5 },
      onEvent(event) {
        if (event.kind === 'retrying') retries.push(event);
      },
      async push(updates, push) {
        if (!movesBranch(updates)) return push();
        tried.push(now);
        const fate = fates[tried.length - 1];
        if (fate === 'locked') return { kind: 'locked', words: "Unable to create 'HEAD.lock': File exists" };
        if (fate === 'lost') await box.commitTo(remote, 'refs/heads/develop', { 'news.md': `News ${tried.length}\n` });
        return push();
      },
    });
    return { machine, tried, retries };
  }

  it('is kept to by one that helps others too, where whoever is first asks nobody', async () => {
    await using box = await scene(QUEUE);
    const { machine, tried, retries } = await helping(box, Array(6).fill('lost'));
    expect(await machine.help(claimIntent('a1'))).toMatchObject([{ kind: 'done' }]);
    expect(tried).toHaveLength(7);
    // The first loss is no reason to wait: it is what makes it ask the others.
    expect(retries.map(({ attempt }) => attempt)).toEqual([3, 4, 5, 6, 7]);
    for (const [index, { delayMs, baseMs }] of retries.entries()) {
      expect(delayMs).toBe((baseMs * 2 ** index) / 2);
      expect((tried[index + 2] ?? 0) - (tried[index + 1] ?? 0)).toBeGreaterThanOrEqual(delayMs);
    }
    await machine[Symbol.asyncDispose]();
  });

  it('does not take two locks for one that stays, where others changed the branch in between', async () => {
    await using box = await scene(QUEUE);
    const { machine, tried } = await helping(box, ['locked', ...Array(6).fill('lost'), 'locked']);
    expect(await machine.help(claimIntent('a1'))).toMatchObject([{ kind: 'done' }]);
    // Longer than a lock is waited for.
    expect((tried[7] ?? 0) - (tried[0] ?? 0)).toBeGreaterThan(10_000);
    await machine[Symbol.asyncDispose]();
  });

  it('gives up at a lock that stays', async () => {
    await using box = await scene(QUEUE);
    const { machine, tried } = await helping(box, Array(50).fill('locked'));
    await expect(machine.help(claimIntent('a1'))).rejects.toMatchObject({ code: 'remote-locked' });
    expect(tried.length).toBeLessThanOrEqual(9);
    await machine[Symbol.asyncDispose]();
  });

  it("keeps to the guide's schedule", async () => {
    await using box = await scene(QUEUE);
    const { machine, slept } = await unlucky(box, 6, 'guide', 8);
    await machine.onlyBranch(claimIntent('a1'));
    expect(slept.map((ms, index) => Math.floor(ms / (1000 * Math.min(16, 2 ** index))))).toEqual(Array(6).fill(1));
    await machine[Symbol.asyncDispose]();
  });

  it.each([0, 1, 3])('gives up after %d retries, with words', async (maxRetries) => {
    await using box = await scene(QUEUE);
    const { machine, slept } = await unlucky(box, maxRetries + 1, 'full-jitter', maxRetries);
    await expect(machine.onlyBranch(claimIntent('a1'))).rejects.toMatchObject({
      code: 'retries-exhausted',
      message: `somebody else was first each time: gave up after ${maxRetries + 1} ${maxRetries === 0 ? 'attempt' : 'attempts'}`,
      hint: 'try again, or allow more with --max-retries',
    });
    expect(slept).toHaveLength(maxRetries);
    await machine[Symbol.asyncDispose]();
  });
});
