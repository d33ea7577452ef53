import type { Clock } from '../../domain/clock.ts';
import type { Channel } from '../../machine/meeting.ts';
import { INTERRUPT_GRACE_MS } from '../critical-section.ts';
import type { Pending } from '../engine.ts';
import { failureFromWire, parseLeaderMessage } from './leader-message.ts';
import type { TicketEnd } from './ticket.ts';
import type { FollowerMessage } from './wire.ts';

/** How following ended, and what is known of the intent then: the base from which on it may have been carried out. */
export interface Followed {
  readonly end: TicketEnd;
  readonly pending: Pending;
}

/**
 * Hands an intent to the leader at the other end and waits for what it says. A channel that ends without an answer
 * means that the leader died: then the intent moves on, with the base that the leader announced before its push.
 *
 * @param cancel aborted when the caller gives up; the leader's word is awaited all the same, for it may be too late, but
 *   not for ever: one that is suspended says nothing
 */
export function follow(leader: Channel, submitted: Pending, cancel: AbortSignal, clock: Clock): Promise<Followed> {
  const say = (message: FollowerMessage): void => void leader.send(message);
  return new Promise((resolve) => {
    let { base } = submitted;
    const finished = new AbortController();
    const finish = (end: TicketEnd): void => {
      cancel.removeEventListener('abort', giveUp);
      finished.abort();
      leader.close();
      resolve({ end, pending: { intent: submitted.intent, base } });
    };
    const giveUp = (): void => {
      say({ kind: 'cancel' });
      clock.sleep(INTERRUPT_GRACE_MS, finished.signal).then(
        () => finish({ kind: 'moved' }),
        () => undefined,
      );
    };

    leader.onMessage((value) => {
      const message = parseLeaderMessage(value, submitted.intent);
      switch (message?.kind) {
        case 'taken':
          // It never changes once it is given: the look-up has to reach back to the first.
          base ??= message.base;
          return;
        case 'answer': {
          const { kind: _, ...answer } = message;
          return finish({ kind: 'answered', answer });
        }
        case 'failed':
          return finish({ kind: 'failed', error: failureFromWire(message.failure) });
        case 'cancelled':
        case 'moved':
          return finish({ kind: message.kind });
        default:
          // Not a leader that we understand, so not one of ours: asking it again would be answered in the same way.
          leader.avoid();
          return finish({ kind: 'moved' });
      }
    });
    leader.onClose(() => finish({ kind: 'moved' }));
    say({ kind: 'submit', pending: { intent: submitted.intent, ...(base === undefined ? {} : { base }) } });
    if (cancel.aborted) giveUp();
    else cancel.addEventListener('abort', giveUp, { once: true });
  });
}
