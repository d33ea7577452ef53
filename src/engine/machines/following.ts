import type { Clock } from '../../domain/base/clock.ts';
import type { Channel } from '../../machine/meeting.ts';
import type { AtStep } from '../base/crash-points.ts';
import { type HandOver, MOST_INTENTS, parseLeading } from '../wire/machine-message.ts';
import type { HeldSource } from './held-source.ts';

/** A leader that takes this long (ms) may hang although the server and the remote answer others. */
const TOO_LONG_MS = 45_000;

/** How often (ms) to see whether a caller on this machine has given up. */
const CHECK_MS = 100;

/** Most characters of intents that are handed over in one message. Longer ones are carried out by their own machine. */
const MOST_CHARACTERS = 100_000;

/** What following works with. */
export interface FollowingMachine {
  readonly clock: Clock;
  /** Aborted when nobody on this machine wants to wait any more. */
  readonly signal: AbortSignal;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
}

/**
 * Hands what is held to the machine that leads, and waits until that has decided. Nothing that it says is an answer. The
 * branch tells what became of each intent; what the leader said only tells when to look, and from where on.
 *
 * @returns `look`: time to look for oneself; `again`: nothing was done nor ever will be: meet again
 */
export async function followMachine(
  leader: Channel,
  source: HeldSource,
  { clock, signal, at }: FollowingMachine,
): Promise<'look' | 'again'> {
  const fresh = source.held.filter(({ base }) => base === undefined).slice(0, MOST_INTENTS.ofOne);
  const message: HandOver = { kind: 'hand-over', intents: fresh.map(({ intent }) => intent) };
  if (fresh.length === 0 || JSON.stringify(message).length > MOST_CHARACTERS) {
    await leader.leave();
    return 'look';
  }
  const requests = new Set(fresh.map(({ intent }) => intent.request));
  const leased: string[] = [];
  let verdict: 'look' | 'again' = 'again';
  const over = new AbortController();
  const leave = (): void => {
    void leader.leave();
    over.abort();
  };
  leader.onClose(() => over.abort());
  leader.onMessage(async (value) => {
    const told = parseLeading(value);
    switch (told?.kind) {
      case 'taken': {
        // Those who wait on this machine must know it before we say that we have taken note: we may die.
        const gone = await source.announce(told.base);
        // Also if we have left meanwhile: nobody tells us again that their callers are gone.
        source.forget(gone);
        if (over.signal.aborted) return;
        // We cannot take back only these, so we take back everything.
        if (gone.size > 0) return leave();
        leased.push(told.base);
        at?.('taken');
        return;
      }
      case 'over':
        verdict = 'look';
        return leave();
      case 'moved':
        return leave();
      default:
        leader.avoid();
        return over.abort();
    }
  });
  void leader.send(message);
  at?.('submitted');
  const until = clock.now() + TOO_LONG_MS;
  const stop = AbortSignal.any([signal, over.signal]);
  while (!stop.aborted && clock.now() < until && !source.hasGivenUp()) {
    await clock.sleep(CHECK_MS, stop).catch(() => undefined);
  }
  if (!over.signal.aborted) verdict = 'look';
  // From here on we take note of nothing more, so nothing more will be done for us.
  await leader.leave();
  over.abort();
  const [base] = leased;
  if (base === undefined) return verdict;
  source.suspect(requests, base, leased);
  return 'look';
}
