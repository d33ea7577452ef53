import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import type { ClaimIntent } from '../../../src/domain/intents/intent.ts';
import { CriticalSection } from '../../../src/engine/base/critical-section.ts';
import type { Engine, Settled } from '../../../src/engine/base/engine.ts';
import { RejectionRate, UNKNOWN_RATE } from '../../../src/engine/base/rejection-rate.ts';
import type { QueueStore } from '../../../src/store/queue-store.ts';
import { TestClock } from './test-clock.ts';

/** An engine on a simulated remote; what is not given is a free machine with plenty of retries. */
export function testEngine(
  store: QueueStore,
  parts: Partial<Engine> & { readonly interrupt?: AbortController } = {},
): Engine & { readonly events: QueueEvent[] } {
  const { interrupt = new AbortController(), ...given } = parts;
  const clock = given.clock ?? new TestClock();
  const events: QueueEvent[] = [];
  return {
    store,
    clock,
    random: seededRandomness(1),
    signal: interrupt.signal,
    cut: new AbortController().signal,
    critical: new CriticalSection(interrupt.signal, clock),
    backoff: { schedule: 'full-jitter', baseMs: 100 },
    host: 'free',
    rejections: new RejectionRate(UNKNOWN_RATE, async () => undefined),
    maxRetries: 8,
    onEvent: (event) => void events.push(event),
    ...given,
    events,
  };
}

/** A claim of the best task there is, by an agent that has not claimed before. */
export function claimOf(agent: string): ClaimIntent {
  return { kind: 'claim', request: `request-of-${agent}`, agent, filter: {}, attempt: 1, waitedMs: 0 };
}

/** In short what became of an intent: the task it got, or the code of its refusal. */
export function inShort(settled: Settled | undefined): string | undefined {
  if (settled === undefined) return undefined;
  if (settled.kind === 'refused') return settled.refusal.code;
  return 'key' in settled.outcome ? settled.outcome.key.id : settled.outcome.kind;
}
