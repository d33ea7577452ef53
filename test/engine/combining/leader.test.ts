import { describe, expect, it } from 'vitest';
import type { CarryOut, Leader } from '../../../src/engine/combining/leader.ts';
import { answering, EFFORT, lead, settled } from '../../kit/engine/lead.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { follower, own } from '../../kit/engine/test-ticket.ts';

describe('a leader', () => {
  it('carries out its own and those of the others in one batch, and tells them before the push', async () => {
    const batches: string[][] = [];
    const tickets = [own(), follower('f1'), follower('f2')];
    await lead(answering(batches), tickets);
    expect(batches).toEqual([['own', 'f1', 'f2']]);
    expect(tickets.map(({ ended }) => ended?.kind)).toEqual(['answered', 'answered', 'answered']);
    expect(tickets.map(({ bases }) => bases)).toEqual([['base'], ['base'], ['base']]);
  });

  it('takes in who arrives before it decides', async () => {
    const batches: string[][] = [];
    const late = follower('late');
    let leader: Leader | undefined;
    await lead(
      answering(batches, () => leader?.add(late)),
      [own()],
      {
        onLeader: (led) => {
          leader = led;
        },
      },
    );
    expect(batches).toEqual([['own', 'late']]);
    expect(late.ended?.kind).toBe('answered');
  });

  it('waits for others that are just arriving, and never alone', async () => {
    const alone = new TestClock();
    await lead(answering([]), [own()], { clock: alone });
    // What one process wants at once has arrived at once.
    await lead(answering([]), [own('one'), own('two')], { clock: alone });
    expect(alone.sleeps).toEqual([]);
    const together = new TestClock();
    await lead(answering([]), [own(), follower()], { clock: together });
    expect(together.sleeps).toEqual([30]);
  });

  it('lets those in first who have connected already, and does not wait for one who says nothing', async () => {
    const clock = new TestClock('standing');
    const startedAt = clock.now();
    const late = follower('late');
    let [leader, isKnown, isSilent]: [Leader | undefined, () => void, boolean] = [undefined, () => undefined, false];
    clock.onSleep = (ms) =>
      queueMicrotask(() => {
        if (!isSilent && clock.now() - startedAt === 7) {
          leader?.add(late);
          isKnown();
          // Known twice is known once.
          isKnown();
        }
        clock.advance(ms);
      });
    const first: string[][] = [];
    const carryOut: CarryOut = async (intake) => {
      const all = await intake.join('now');
      first.push(all.map(({ intent }) => intent.agent));
      return { settled: all.map(settled), ...EFFORT };
    };
    const onLeader = (led: Leader): void => {
      leader = led;
      isKnown = led.expect();
    };
    await lead(carryOut, [own()], { clock, onLeader });
    expect(clock.now() - startedAt).toBe(8);
    isSilent = true;
    await lead(carryOut, [own('alone')], { clock, onLeader });
    expect(clock.now() - startedAt).toBe(8 + 50);
    expect(first).toEqual([['own', 'late'], ['alone']]);
  });

  it.each([
    ['does not wait for the pause to end where nothing else runs for a while', () => 0, [4, 4]],
    ['waits as ever where others run', () => 1, [4, 4, 4, 4, 4, 4, 4, 2]],
    ['waits as ever where the machine does not tell', () => undefined, [30]],
  ])('%s', async (_, othersRunning, sleeps) => {
    const clock = new TestClock();
    await lead(answering([]), [own(), follower()], { clock, othersRunning });
    expect(clock.sleeps).toEqual(sleeps);
  });

  it('takes a machine for quiet only if it was so three times in a row', async () => {
    const clock = new TestClock();
    const running = [0, 0, 3, 0, 0, 0];
    await lead(answering([]), [own(), follower()], { clock, othersRunning: () => running.shift() });
    expect(clock.sleeps).toEqual([4, 4, 4, 4, 4]);
  });

  it('waits no longer than a quarter of a second, however many keep arriving', async () => {
    const clock = new TestClock('standing');
    const startedAt = clock.now();
    const decided: number[] = [];
    let leader: Leader | undefined;
    let arrivals = 0;
    clock.onSleep = (ms) =>
      queueMicrotask(() => {
        clock.advance(ms - 1);
        if (decided.length === 0) leader?.add(follower(`f${arrivals++}`));
        clock.advance(1);
      });
    const carryOut: CarryOut = async (intake, signal, cut) => {
      const settlement = await answering([])(intake, signal, cut);
      decided.push(clock.now() - startedAt);
      return settlement;
    };
    await lead(carryOut, [own(), follower()], {
      clock,
      onLeader: (led) => {
        leader = led;
      },
    });
    expect(decided[0]).toBe(250);
    expect(arrivals).toBeGreaterThan(5);
  });

  it('sends those on whom a batch leaves without an answer, with what is known of each', async () => {
    const [first, open, doubtful] = [own(), follower('open'), follower('doubtful')];
    await lead(
      async (intake) => {
        const [one, two, three] = await intake.join('now');
        if (one === undefined || two === undefined || three === undefined) throw new Error('somebody is missing');
        await intake.announce('base');
        intake.leave([two, { ...three, base: 'base' }]);
        return { settled: [settled(one)], ...EFFORT };
      },
      [first, open, doubtful],
    );
    expect(first.ended?.kind).toBe('answered');
    expect(open.ended).toEqual({ kind: 'moved', pending: open.pending });
    expect(doubtful.ended).toEqual({ kind: 'moved', pending: { ...doubtful.pending, base: 'base' } });
  });

  it('serves one more batch of others, then lets its process end and sends the rest on', async () => {
    const batches: string[][] = [];
    const arrivals = [follower('second'), follower('third')];
    const carryOut: CarryOut = async (intake, signal, cut) => {
      const settlement = await answering(batches)(intake, signal, cut);
      const next = arrivals[batches.length - 1];
      if (next) leader?.add(next);
      return settlement;
    };
    let leader: Leader | undefined;
    await lead(carryOut, [own()], {
      onLeader: (led) => {
        leader = led;
      },
    });
    expect(batches).toEqual([['own'], ['second']]);
    expect(arrivals.map(({ ended }) => ended?.kind)).toEqual(['answered', 'moved']);
    const tooLate = follower();
    leader?.add(tooLate);
    expect(tooLate.ended?.kind).toBe('moved');
  });
});
