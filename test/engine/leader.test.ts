import { describe, expect, it } from 'vitest';
import { Failure, type FailureCode } from '../../src/domain/failure.ts';
import { type CarryOut, Leader } from '../../src/engine/combining/leader.ts';
import type { Pending, Settled } from '../../src/engine/engine.ts';
import { TestClock } from '../support/test-clock.ts';
import { follower, own, type TestTicket } from '../support/test-ticket.ts';

function settled({ intent }: Pending): Settled {
  const refusal = { code: 'unknown-task', message: 'for this test' } as const;
  return { kind: 'refused', intent, refusal };
}

const EFFORT = { attempts: 1, rejectedPushes: 0, backoffBaseMs: 1 };

/** Answers everybody; `meanwhile` runs after the first look, when those who were there have joined. */
function answering(batches: string[][], meanwhile: (batch: number) => void = () => undefined): CarryOut {
  return async (intake) => {
    const first = await intake.join('now');
    meanwhile(batches.length);
    const all = [...first, ...(await intake.join('last-call'))];
    const dropped = intake.drop((request) => all.find(({ intent }) => intent.request === request));
    await intake.announce('base');
    intake.leave([]);
    batches.push(all.map(({ intent }) => intent.agent));
    return { settled: all.filter(({ intent }) => !dropped.has(intent.request)).map(settled), ...EFFORT };
  };
}

async function lead(
  carryOut: CarryOut,
  tickets: readonly TestTicket[],
  parts: {
    readonly signal?: AbortSignal;
    readonly clock?: TestClock;
    readonly onLeader?: (leader: Leader) => void;
    readonly othersRunning?: () => number | undefined;
  } = {},
): Promise<void> {
  const { signal = new AbortController().signal, clock = new TestClock(), onLeader, othersRunning } = parts;
  const leader = new Leader(carryOut, clock, signal, { othersRunning });
  onLeader?.(leader);
  for (const ticket of tickets) leader.add(ticket);
  await leader.run(() => undefined);
}

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

describe('a failure', () => {
  const shared: readonly FailureCode[] = [
    'retries-exhausted',
    'remote-unreachable',
    'branch-missing',
    'remote-locked',
    'remote-damaged',
  ];
  const personal: readonly FailureCode[] = [
    'internal',
    'not-a-repository',
    'git-unusable',
    'machine-unusable',
    'repository-damaged',
    'remote-missing',
    'remote-refused',
  ];

  it.each(shared)("that says something about the queue is everybody's answer: %s", async (code) => {
    const failure = new Failure(code, 'words');
    const tickets = [own(), follower()];
    await lead(async (intake) => {
      await intake.join('now');
      throw failure;
    }, tickets);
    expect(tickets.map(({ ended }) => ended)).toEqual(
      tickets.map(({ pending }) => ({ kind: 'failed', error: failure, pending })),
    );
  });

  it.each(personal)('that says something about this process is its own: %s', async (code) => {
    const failure = new Failure(code, 'words');
    const tickets = [own(), follower()];
    await lead(async (intake) => {
      await intake.join('now');
      throw failure;
    }, tickets);
    expect(tickets.map(({ ended, pending }) => [ended, pending])).toEqual([
      [{ kind: 'failed', error: failure, pending: tickets[0]?.pending }, tickets[0]?.pending],
      [{ kind: 'moved', pending: tickets[1]?.pending }, tickets[1]?.pending],
    ]);
  });

  it('is the answer even where it came before anybody had joined, as at the first look', async () => {
    const failure = new Failure('branch-missing', 'words');
    const tickets = [own(), follower()];
    let tries = 0;
    await lead(async () => {
      tries++;
      throw failure;
    }, tickets);
    expect(tries).toBe(1);
    expect(tickets.map(({ ended }) => ended)).toEqual(
      tickets.map(({ pending }) => ({ kind: 'failed', error: failure, pending })),
    );
  });
});

describe('giving up', () => {
  it('is certain at once while the ticket waits', () => {
    const early = follower('early');
    const leader = new Leader(answering([]), new TestClock(), new AbortController().signal);
    leader.add(early);
    leader.cancel(early);
    expect(early.ended).toEqual({ kind: 'cancelled', pending: early.pending });
  });

  it('after joining is certain when the transaction lets go of it', async () => {
    const batches: string[][] = [];
    const gone = follower('gone');
    let leader: Leader | undefined;
    const mine = own();
    await lead(
      answering(batches, () => leader?.cancel(gone)),
      [mine, gone],
      {
        onLeader: (led) => {
          leader = led;
        },
      },
    );
    expect(gone.ended).toEqual({ kind: 'cancelled', pending: gone.pending });
    expect(gone.bases).toEqual([]);
    expect(mine.ended?.kind).toBe('answered');
  });

  it('of everybody ends the batch, and whatever it sleeps through', async () => {
    const mine = own();
    let leader: Leader | undefined;
    let aborted: AbortSignal | undefined;
    await lead(
      async (intake, signal) => {
        await intake.join('now');
        aborted = signal;
        leader?.cancel(mine);
        signal.throwIfAborted();
        throw new Error('not reached');
      },
      [mine],
      {
        onLeader: (led) => {
          leader = led;
        },
      },
    );
    expect(aborted?.aborted).toBe(true);
    expect(mine.ended).toEqual({ kind: 'cancelled', pending: mine.pending });
  });
});

describe('an interrupted leader', () => {
  it('sends the others on', async () => {
    const interrupt = new AbortController();
    const tickets = [own(), follower()];
    await lead(
      async (intake) => {
        await intake.join('now');
        interrupt.abort(new Failure('interrupted', 'by a signal'));
        throw interrupt.signal.reason;
      },
      tickets,
      { signal: interrupt.signal },
    );
    expect(tickets.map(({ ended }) => ended?.kind)).toEqual(['failed', 'moved']);
  });
});
