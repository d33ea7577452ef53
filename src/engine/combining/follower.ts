import type { Clock } from '../../domain/base/clock.ts';
import { given } from '../../domain/base/given.ts';
import type { Channel } from '../../machine/meeting.ts';
import type { AtStep } from '../base/crash-points.ts';
import type { Deadline } from '../base/deadline.ts';
import type { Pending } from '../base/engine.ts';
import { failureFromWire, parseLeaderMessage } from '../wire/leader-message.ts';
import type { TicketEnd } from '../wire/ticket.ts';
import type { FollowerMessage } from '../wire/wire.ts';

/** How often (ms) a leader says that it is alive, however long its push takes. */
export const ALIVE_MS = 2_000;

/** A leader that is silent for this long (ms) is suspended or hangs: its followers go on alone. */
const SILENT_MS = 5 * ALIVE_MS;

/** A leader whose push takes this long (ms) may hang although the remote answers others: its followers try alone. */
const TOO_LONG_MS = 45_000;

/** What following works with. */
export interface Following {
  /** When the caller gives up. The leader's answer is awaited until `cut`, since it may be too late to give up. */
  readonly deadline: Pick<Deadline, 'stop' | 'cut'>;
  readonly clock: Clock;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  /** The commit that our checkout of the branch is at, if it could follow by a pack; undefined: it could not. */
  readonly head?: string | undefined;
  /** Called when the leader says that the intent may be carried out from now on. */
  onTaken(base: string): void;
}

/**
 * Hands an intent to the leader at the other end and waits for its answer. A channel that ends without an answer means
 * that the leader died, and silence means that it is suspended. Then the intent moves on, with the base that the leader
 * announced before its push. If it announced none, it certainly never will: see {@link Channel.leave}.
 */
export function follow(leader: Channel, submitted: Pending, following: Following): Promise<TicketEnd> {
  const { deadline, clock, at, head, onTaken } = following;
  const { intent } = submitted;
  const say = (message: FollowerMessage): void => void leader.send(message);
  return new Promise((resolve) => {
    let { base } = submitted;
    const finished = new AbortController();
    const finish = (end: TicketEnd): void => {
      if (finished.signal.aborted) return;
      finished.abort();
      leader.close();
      resolve(end);
    };
    /** The intent with what this side has heard, for when the leader cannot say more. */
    const known = (): Pending => ({ intent, base });

    const goAway = async (how?: 'avoid'): Promise<void> => {
      await leader.leave(how);
      // The leader has announced or answered at the last moment.
      if (finished.signal.aborted) return;
      finish({ kind: 'moved', pending: known() });
    };
    const giveUp = (): void => say({ kind: 'cancel' });
    let heardAt = clock.now();
    const goesAt = clock.now() + TOO_LONG_MS;
    const watch = async (): Promise<void> => {
      const left = (): number => Math.min(heardAt + SILENT_MS, goesAt) - clock.now();
      while (left() > 0) await clock.sleep(left(), finished.signal);
      await goAway('avoid');
    };

    leader.onMessage((value) => {
      heardAt = clock.now();
      const message = parseLeaderMessage(value, intent);
      switch (message?.kind) {
        case 'alive':
          return;
        case 'taken':
          // The base never changes once it is given: the look-up must reach back to the first.
          base ??= message.base;
          at?.('taken');
          return onTaken(base);
        case 'answer': {
          at?.('told');
          const { kind: _, ...answer } = message;
          return finish({ kind: 'answered', answer });
        }
        case 'failed':
          return finish({
            kind: 'failed',
            error: failureFromWire(message.failure),
            pending: { intent, base: message.base },
          });
        case 'cancelled':
        case 'moved':
          return finish({ kind: message.kind, pending: { intent, base: message.base } });
        default:
          // We do not understand this leader, so it is not one of ours. Asked again, it would answer in the same way.
          leader.avoid();
          return finish({ kind: 'moved', pending: known() });
      }
    });
    leader.onClose(() => finish({ kind: 'moved', pending: known() }));
    say({ kind: 'submit', pending: { intent, ...given({ base }) }, ...given({ head }) });
    at?.('submitted');
    void watch().catch(() => undefined);
    whenAborted(deadline.stop, finished.signal, giveUp);
    whenAborted(deadline.cut, finished.signal, () => void goAway());
  });
}

function whenAborted(signal: AbortSignal, over: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true, signal: over });
}
