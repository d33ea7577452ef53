import type { QueueStore } from '../../store/queue-store.ts';
import type { Request } from './request-ref.ts';

/** What history tells about requests. */
export interface Fulfilment {
  /** Ids of intents that a commit of the branch carries out. */
  readonly fulfilled: ReadonlySet<string>;
  /**
   * Refs of requests about which history proves nothing: the branch was rewritten, or the clone cannot be completed.
   */
  readonly unproven: ReadonlySet<string>;
}

/**
 * Finds requests that have been carried out already: by a leader that died before it deleted them, or by an atomic push
 * of which a killed server kept half. The search goes back to the oldest base, over all parents: a merge by hand once
 * hid a claim from a search along first parents, and it was carried out twice. For the same reason, unproven requests
 * must be left alone.
 */
export async function fulfilledAmong(
  store: QueueStore,
  tip: string,
  requests: readonly Request[],
): Promise<Fulfilment> {
  // A branch that has not moved has carried nothing out.
  const suspects = requests.filter(({ base }) => base !== tip);
  if (suspects.length === 0) return { fulfilled: new Set(), unproven: new Set() };
  const bases = [...new Set(suspects.map(({ base }) => base))];
  const together = await store.carriedOut(tip, bases, idsOf(suspects));
  if (together.kind === 'verdict') return { fulfilled: new Set(together.carriedOut.keys()), unproven: new Set() };

  const fulfilled = new Set<string>();
  const unproven = new Set<string>();
  for (const request of suspects) {
    const alone = await store.carriedOut(tip, [request.base], idsOf([request]));
    if (alone.kind === 'no-verdict') unproven.add(request.ref);
    else for (const id of alone.carriedOut.keys()) fulfilled.add(id);
  }
  return { fulfilled, unproven };
}

function idsOf(requests: readonly Request[]): string[] {
  return requests.flatMap(({ intents }) => intents?.map(({ request }) => request) ?? []);
}
