import type { Refusal } from '../../domain/base/failure.ts';
import { decide } from '../../domain/deciding/decide.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { Engine, Settled } from '../base/engine.ts';
import { scopeOf } from '../transaction/scope.ts';
import { readSnapshot } from '../transaction/tip.ts';

/**
 * The intents that are refused at this tip, each decided by itself, so that none is refused only because another one of
 * the same group was faster.
 */
export async function refusedAt(engine: Engine, tip: string, intents: readonly Intent[]): Promise<readonly Settled[]> {
  if (intents.length === 0) return [];
  const now = engine.clock.now();
  const snapshot = await readSnapshot(engine, tip, scopeOf(intents, now));
  const known = new Map<string, Refusal | undefined>();
  return intents.flatMap((intent): Settled[] => {
    const key = likeness(intent);
    if (!known.has(key)) {
      const [decision] = decide(snapshot, [intent], now).decisions;
      known.set(key, decision?.kind === 'refused' ? decision.refusal : undefined);
    }
    const refusal = known.get(key);
    return refusal === undefined ? [] : [{ kind: 'refused', intent, refusal }];
  });
}

/** Agents that want the same get the same refusal: a hundred of them on a large queue are one decision. */
function likeness(intent: Intent): string {
  if (intent.kind !== 'claim') return intent.request;
  const { filter, task, prefer } = intent;
  return JSON.stringify([filter, task, prefer]);
}
