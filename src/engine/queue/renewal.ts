import { given } from '../../domain/base/given.ts';
import type { HeartbeatIntent, Intent } from '../../domain/intents/intent.ts';
import type { Beat } from '../../domain/leases/ref-heartbeat.ts';
import type { Submitted } from './submitted.ts';

/** What became of one of several heartbeats. */
export type Renewal =
  | { readonly kind: 'renewed'; readonly submitted: Submitted }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What renewing works with. */
export interface Renewing {
  /** Carries the intent out by a commit, or finds that the claim stands and must be renewed by a ref. */
  submit(intent: Intent): Promise<Submitted>;
  /** Writes refs in one push. @returns `refused` if the remote does not take them */
  beat(beats: readonly Beat[]): Promise<'written' | 'refused'>;
}

/**
 * Renews many claims at once. Renewals by commit share one commit, since they are submitted together. In a pool that
 * renews by refs, they share one push, after the branch has shown that the claims stand.
 * @returns one answer per intent, in their order
 */
export async function renewAll(intents: readonly HeartbeatIntent[], renewing: Renewing): Promise<readonly Renewal[]> {
  const renewals = await submitAll(renewing, intents);
  const beats = renewals.flatMap((renewal, index) => beatOf(renewal, intents[index]) ?? []);
  if (beats.length === 0) return renewals;
  try {
    if ((await renewing.beat(beats)) === 'written') return renewals;
    const again = intents.map((intent) => ({ ...intent, as: 'commit' as const }));
    return await submitAll(renewing, again);
  } catch (error) {
    return renewals.map((renewal, index) => (beatOf(renewal, intents[index]) ? { kind: 'failed', error } : renewal));
  }
}

function submitAll(renewing: Renewing, intents: readonly HeartbeatIntent[]): Promise<Renewal[]> {
  return Promise.all(
    intents.map((intent) =>
      renewing.submit(intent).then(
        (submitted): Renewal => ({ kind: 'renewed', submitted }),
        (error: unknown): Renewal => ({ kind: 'failed', error }),
      ),
    ),
  );
}

function beatOf(renewal: Renewal, intent: HeartbeatIntent | undefined): Beat | undefined {
  if (renewal.kind === 'failed' || intent === undefined) return undefined;
  const { outcome } = renewal.submitted;
  if (outcome.kind !== 'renewed' || outcome.by !== 'ref') return undefined;
  const { key, at, claimId } = outcome;
  return { agent: intent.agent, task: key, at, ...given({ claimId }) };
}
