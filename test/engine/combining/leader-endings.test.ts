import { describe, expect, it } from 'vitest';
import { Failure, type FailureCode } from '../../../src/domain/base/failure.ts';
import { type CarryOut, Leader } from '../../../src/engine/combining/leader.ts';
import { answering, lead } from '../../kit/engine/lead.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { follower, own } from '../../kit/engine/test-ticket.ts';

function failing(failure: Failure): CarryOut {
  return async (intake) => {
    await intake.join('now');
    throw failure;
  };
}

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
    await lead(failing(failure), tickets);
    expect(tickets.map(({ ended }) => ended)).toEqual(
      tickets.map(({ pending }) => ({ kind: 'failed', error: failure, pending })),
    );
  });

  it.each(personal)('that says something about this process is its own: %s', async (code) => {
    const failure = new Failure(code, 'words');
    const tickets = [own(), follower()];
    await lead(failing(failure), tickets);
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
