import type { Clock, Randomness } from '../../domain/base/clock.ts';
import type { QueueEvent } from '../../domain/base/event.ts';
import type { Refusal } from '../../domain/base/failure.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { Outcome } from '../../domain/intents/outcome.ts';
import type { QueueStore } from '../../store/queue-store.ts';
import type { BackoffPolicy } from './backoff.ts';
import type { AtStep } from './crash-points.ts';
import type { CriticalSection } from './critical-section.ts';
import type { RejectionRate } from './rejection-rate.ts';

/** What every part of the engine works with. */
export interface Engine {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Aborted by an interrupt or a deadline: nothing new is begun, a push under way is seen through. */
  readonly signal: AbortSignal;
  /** Aborted when work under way must end too: git and its helpers. */
  readonly cut: AbortSignal;
  readonly critical: CriticalSection;
  readonly backoff: BackoffPolicy;
  readonly host: 'free' | 'crowded';
  /** Total time (ms) that something on this machine waited for a core; undefined if the machine does not tell. */
  readonly cpuPressureMs?: (() => number | undefined) | undefined;
  /** How often this queue rejected pushes lately; the base of the backoff follows it. */
  readonly rejections: RejectionRate;
  /** How many failed pushes are tried again. */
  readonly maxRetries: number;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
  onEvent(event: QueueEvent): void;
}

/** An intent on its way. */
export interface Pending {
  readonly intent: Intent;
  /**
   * Given if the intent may have been carried out already (a push whose answer was lost, a leader that died): the tip
   * at which it certainly had not been. Once given it never changes, since the look-up reaches back to it.
   */
  readonly base: string | undefined;
  /** All tips on which pushes of it were leased that may still land; absent: any tip since the base. */
  readonly leased?: readonly string[];
}

/** What became of one intent. */
export type Settled =
  | {
      readonly kind: 'done';
      readonly intent: Intent;
      readonly outcome: Outcome;
      /** The commit that carries it out; undefined if nothing had to change. */
      readonly commit: string | undefined;
      /** The tip it was decided on. */
      readonly base: string;
    }
  | {
      readonly kind: 'refused';
      readonly intent: Intent;
      readonly refusal: Refusal;
      /** Given only if it may still be carried out: the tip at which it was not. */
      readonly base?: string;
    };

/** What it took to get an answer. */
export interface Effort {
  /** Tries that got as far as looking at the remote. */
  readonly attempts: number;
  readonly rejectedPushes: number;
  /** Current base of the backoff (ms), adapted to how often pushes were rejected lately. */
  readonly backoffBaseMs: number;
}

/** Answers, and what they took. */
export interface Settlement extends Effort {
  /** In no particular order; without intents whose callers gave up meanwhile. */
  readonly settled: readonly Settled[];
}
