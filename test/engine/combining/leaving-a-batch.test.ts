import { expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { type CarryOut, Leader } from '../../../src/engine/combining/leader.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { follower, own } from '../../kit/engine/test-ticket.ts';

/** Nobody pays for the deadline, or the absence, of others in the same batch. */

const NEVER = new AbortController().signal;
const BASE = 'a'.repeat(40);

function leaderOf(carryOut: CarryOut, turn: () => Promise<void> = async () => undefined): Leader {
  return new Leader(carryOut, new TestClock(), NEVER, { turn });
}

it('who joins when all others have just given up finds another leader, and is told nothing untrue', async () => {
  const [mine, late] = [own(), follower('late')];
  const leader: Leader = leaderOf(async (intake, signal) => {
    await intake.join('now');
    leader.cancel(mine);
    leader.add(late);
    await intake.join('last-call');
    intake.leave([mine.pending, late.pending]);
    signal.throwIfAborted();
    throw new Error('not reached');
  });
  leader.add(mine);
  await leader.run(() => undefined);
  expect(mine.ended).toEqual({ kind: 'cancelled', pending: mine.pending });
  expect(late.ended).toEqual({ kind: 'moved', pending: late.pending });
});

it('a failure tells each what is known of its intent, and not of others', async () => {
  const [certain, doubtful] = [follower('certain'), follower('doubtful')];
  const failure = new Failure('remote-unreachable', 'away');
  const leader = leaderOf(async (intake) => {
    await intake.join('now');
    intake.leave([certain.pending, { intent: doubtful.pending.intent, base: BASE }]);
    throw failure;
  });
  leader.add(certain);
  leader.add(doubtful);
  leader.add(own());
  await leader.run(() => undefined);
  expect(certain.ended).toEqual({ kind: 'failed', error: failure, pending: certain.pending });
  expect(doubtful.ended).toMatchObject({ kind: 'failed', pending: { base: BASE } });
});

it('who had left before it could be told is not carried out, however late the leader notices', async () => {
  const gone = follower('gone');
  let [isTold, dropped]: [boolean, ReadonlySet<string>] = [false, new Set()];
  const leader = leaderOf(
    async (intake) => {
      await intake.join('now');
      dropped = await intake.announce(BASE);
      intake.leave([]);
      return { settled: [], attempts: 1, rejectedPushes: 0, backoffBaseMs: 1 };
    },
    async () => {
      // The end of the channel is seen only when the loop turns after the announcement.
      if (gone.bases.length > 0) [gone.isGone, isTold] = [true, true];
    },
  );
  leader.add(gone);
  leader.add(own());
  await leader.run(() => undefined);
  expect(isTold).toBe(true);
  expect([...dropped]).toEqual([gone.pending.intent.request]);
  expect(gone.ended).toBeUndefined();
});

it('what is under way is cut when every caller of the process wants that, and not before', async () => {
  const cuts = [new AbortController(), new AbortController()];
  const tickets = cuts.map(({ signal }, index) => Object.assign(own(`own-${index}`), { cut: signal }));
  const seen: boolean[] = [];
  const leader = leaderOf(async (intake, signal, cut) => {
    await intake.join('now');
    for (const one of cuts) {
      one.abort();
      seen.push(cut.aborted);
    }
    intake.leave(tickets.map(({ pending }) => ({ ...pending, base: BASE })));
    signal.throwIfAborted();
    throw new Error('not reached');
  });
  for (const ticket of [...tickets, follower()]) leader.add(ticket);
  await leader.run(() => undefined);
  expect(seen).toEqual([false, true]);
  expect(tickets.map(({ ended }) => ended)).toMatchObject([
    { kind: 'moved', pending: { base: BASE } },
    { kind: 'moved', pending: { base: BASE } },
  ]);
});
