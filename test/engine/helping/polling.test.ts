import { beforeEach, describe, expect, it } from 'vitest';
import type { Randomness } from '../../../src/domain/base/clock.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { Polling } from '../../../src/engine/helping/polling.ts';
import { parseRequestRef, type Request, requestRef, withContent } from '../../../src/engine/helping/request-ref.ts';
import { claimIntent } from '../../kit/engine/machine.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';

/** Who leads, and when others take over, by what they see of each other. */

const TIP = 'a'.repeat(40);
const MIDDLE: Randomness = { next: () => 0.5, id: () => 'id' };

let clock: TestClock;
let polling: Polling;
beforeEach(() => {
  clock = new TestClock();
  polling = new Polling({ clock, random: MIDDLE, host: 'free' });
});

function request(name: string, intent: Intent = claimIntent(name)): Request {
  const { ref } = requestRef([intent], { branchRef: 'refs/heads/develop', base: TIP, at: 1_000 }, name);
  const parsed = parseRequestRef(ref);
  if (parsed === undefined) throw new Error('no request');
  return parsed;
}

/** As a later version might publish it. */
function unreadable(name: string): Request {
  return withContent(request(name, { ...claimIntent(name), kind: 'teleport' } as unknown as Intent), undefined);
}

const ours = request('ours');
const isOurs = (one: Request): boolean => one === ours;

/** How long (ms) we leave it to those before us. */
function patienceWith(requests: readonly Request[]): number {
  const startedAt = clock.now();
  while (!polling.isOurTurn(requests, isOurs, TIP)) clock.advance(50);
  return clock.now() - startedAt;
}

describe('whose turn it is', () => {
  it('is the oldest one at once', () => {
    expect(patienceWith([ours, request('b')])).toBe(0);
  });

  it('leaves it to others where ours is not there', () => {
    expect(polling.isOurTurn([request('a')], isOurs, TIP)).toBe(false);
    clock.advance(60_000);
    expect(polling.isOurTurn([request('a')], isOurs, TIP)).toBe(false);
  });

  it('does not wait for one that this version cannot read: nobody may carry it out', () => {
    expect(patienceWith([unreadable('a'), ours])).toBe(0);
    expect(patienceWith([unreadable('a'), request('b'), ours])).toBe(patienceWith([request('c'), ours]));
  });

  it('takes over from a silent leader, one after the other, the fourth and later alike', () => {
    const before = Array.from({ length: 8 }, (_, index) => request(`r${index}`));
    const times = before.map((_, index) => {
      polling = new Polling({ clock, random: MIDDLE, host: 'free' });
      return patienceWith([...before.slice(0, index + 1), ours]);
    });
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(4);
    expect(times[0]).toBeGreaterThan(1_500);
    expect(times[7]).toBe(times[3]);
  });

  it('begins to wait anew when the branch moves, or another one is the oldest', () => {
    const [a, b] = [request('a'), request('b')];
    expect(polling.isOurTurn([a, b, ours], isOurs, TIP)).toBe(false);
    clock.advance(1_400);
    expect(polling.isOurTurn([b, ours], isOurs, TIP)).toBe(false);
    clock.advance(1_400);
    expect(polling.isOurTurn([b, ours], isOurs, 'b'.repeat(40))).toBe(false);
    clock.advance(1_400);
    expect(polling.isOurTurn([b, ours], isOurs, 'b'.repeat(40))).toBe(false);
  });
});

describe('how long it waits between two looks', () => {
  /** A look of 100 ms in which our own timer is as late as that, or in time. */
  const crowdedLook = async (): Promise<void> => clock.advance(100);
  const slowNetwork = async (): Promise<void> => {
    await new Promise(setImmediate);
    clock.advance(100);
  };

  async function waitAfter(...looks: readonly (() => Promise<void>)[]): Promise<number> {
    for (const look of looks) await polling.timed(look);
    await polling.wait(50, new AbortController().signal);
    return clock.sleeps.at(-1) ?? 0;
  }

  it('is twice as long for each who waits where the machine is what is slow', async () => {
    expect(await waitAfter(slowNetwork)).toBe(400);
    polling = new Polling({ clock, random: MIDDLE, host: 'free' });
    expect(await waitAfter(crowdedLook)).toBe(800);
  });

  it('takes a crowd for gone only when several looks were in time', async () => {
    expect(await waitAfter(crowdedLook, slowNetwork)).toBe(800);
    polling = new Polling({ clock, random: MIDDLE, host: 'free' });
    expect(await waitAfter(crowdedLook, ...Array.from({ length: 4 }, () => slowNetwork))).toBe(400);
  });

  it('does not grow without end where the remote is slow', async () => {
    const slowRemote = async (): Promise<void> => {
      await new Promise(setImmediate);
      clock.advance(3_000);
    };
    await polling.timed(slowRemote);
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) waits.push(await waitAfter());
    // The look took 3 s, and the timer next to it 5 ms.
    expect(waits.slice(0, 2)).toEqual([3_005, 3_756]);
    expect(Math.max(...waits)).toBe(4_000);
  });

  it('begins as in a crowd where our own start was one, until looks tell otherwise', async () => {
    polling = new Polling({ clock, random: MIDDLE, host: 'crowded' });
    expect(await waitAfter(slowNetwork)).toBe(800);
    expect(await waitAfter(...Array.from({ length: 4 }, () => slowNetwork))).toBe(400);
  });

  it('takes a look for a third of the push before it, where the look itself was over before we came', async () => {
    const pushing = async (hasPushed: boolean): Promise<number> => {
      polling = new Polling({ clock, random: MIDDLE, host: 'crowded' });
      const push = slowNetwork().then(() => clock.advance(1_400));
      await polling.timedPush(push, () => hasPushed);
      return waitAfter();
    };
    expect(await pushing(true)).toBe(4 * 500);
    expect(await pushing(false)).toBe(800);
  });

  describe('in a crowd, on a machine that tells of it', () => {
    /** Waits among fifty while something waits for a core during such a share of the time, up to a moment. */
    async function waitWhile(share: number, untilMs = Number.POSITIVE_INFINITY): Promise<number> {
      const startedAt = clock.now();
      const stalledMs = (): number => share * Math.min(clock.now() - startedAt, untilMs);
      polling = new Polling({ clock, random: MIDDLE, host: 'crowded', cpuPressureMs: stalledMs });
      await polling.wait(50, new AbortController().signal);
      return clock.now() - startedAt;
    }

    it('waits twice as long while the crowd is there', async () => {
      expect(await waitWhile(1)).toBe(1_600);
      expect(await waitWhile(0.6)).toBe(1_600);
    });

    it('looks soon after the crowd is gone, each at a time of its own', async () => {
      // A check every 250 ms; then up to 4 ms for each of fifty, of which the middle is 100.
      expect(await waitWhile(0)).toBe(250 + 100);
      expect(await waitWhile(0.4)).toBe(250 + 100);
      expect(await waitWhile(1, 600)).toBe(750 + 100);
    });

    it('never waits longer than in the crowd', async () => {
      expect(await waitWhile(1, 1_300)).toBe(1_600);
    });

    it('waits once as long where the machine does not tell', async () => {
      polling = new Polling({ clock, random: MIDDLE, host: 'crowded', cpuPressureMs: () => undefined });
      expect(await waitAfter()).toBe(800);
    });

    it('ends at once when aborted', async () => {
      const abort = new AbortController();
      clock.onSleep = () => abort.abort();
      const startedAt = clock.now();
      polling = new Polling({ clock, random: MIDDLE, host: 'crowded', cpuPressureMs: () => clock.now() });
      await polling.wait(50, abort.signal);
      expect(clock.now() - startedAt).toBeLessThanOrEqual(250);
    });
  });
});
