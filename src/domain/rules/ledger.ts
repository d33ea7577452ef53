import type { FileWrite, TaskChange } from '../queue/edit.ts';
import type { Location } from '../queue/layouts.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';

/** Name of the file beside the ready tasks that counts stalled releases; old scripts only look at `*.toon`. */
export const LEDGER_FILE = '.agentq-stalls';

/**
 * Reads the ledger of stalled releases: one `TASK-ID count` per line. Other lines are skipped: the ledger only guards
 * against poisonous tasks, and a damaged one must not stop the queue.
 */
export function readLedger(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, id, count] = /^(\S+) (\d{1,6})\s*$/.exec(line) ?? [];
    if (id !== undefined && count !== undefined) counts.set(id, Number(count));
  }
  return counts;
}

/** The ledger's text, in natural order so that concurrent histories merge; undefined if there is nothing to count. */
export function writeLedger(counts: ReadonlyMap<string, number>): string | undefined {
  const lines = [...counts]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => compareNatural(a, b))
    .map(([id, count]) => `${id} ${count}\n`);
  return lines.length === 0 ? undefined : lines.join('');
}

/** The ledgers after these changes: one file for each location whose counts change. */
export function ledgersAfter(state: QueueState, changes: readonly TaskChange[]): FileWrite[] {
  const ledgers = new Map<string, { readonly location: Location; readonly counts: Map<string, number> }>();
  for (const { key, stalls } of changes) {
    if (stalls === undefined || stalls === state.stalls(key)) continue;
    const found = state.lookup(key);
    if (found.kind !== 'found') continue;
    const { location } = found.entry;
    const path = `${location.folders.ready}${LEDGER_FILE}`;
    const ledger = ledgers.get(path) ?? { location, counts: new Map(state.stallsIn(location)) };
    ledger.counts.set(key.id, stalls);
    ledgers.set(path, ledger);
  }
  return [...ledgers].map(([path, { counts }]) => ({ path, content: writeLedger(counts) }));
}
