import type { Pending } from '../../../src/engine/base/engine.ts';
import type { Ticket, TicketEnd } from '../../../src/engine/wire/ticket.ts';
import { claimOf } from './test-engine.ts';

/** A ticket that remembers what became of it. */
export class TestTicket implements Ticket {
  readonly pending: Pending;
  readonly origin: 'own' | 'follower';
  readonly bases: string[] = [];
  readonly cut?: AbortSignal;
  isGone = false;
  ended: TicketEnd | undefined;

  constructor(agent: string, origin: 'own' | 'follower') {
    this.pending = { intent: claimOf(agent), base: undefined };
    this.origin = origin;
  }

  async announce(base: string): Promise<void> {
    this.bases.push(base);
  }

  end(how: TicketEnd): void {
    if (this.ended) throw new Error(`ended twice: ${this.ended.kind}, then ${how.kind}`);
    this.ended = how;
  }
}

/** A ticket of the leader's own process. */
export const own = (agent = 'own'): TestTicket => new TestTicket(agent, 'own');

/** A ticket of another process. */
export const follower = (agent = 'follower'): TestTicket => new TestTicket(agent, 'follower');
