import { compareNatural } from '../domain/ordering.ts';

/**
 * Reads the ledger of stalled releases: one `TASK-ID count` a line. Lines that are not of that form are passed over:
 * the ledger is a courtesy to poisonous tasks, and a damaged one must not stop the queue.
 */
export function readLedger(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, id, count] = /^(\S+) (\d{1,6})\s*$/.exec(line) ?? [];
    if (id !== undefined && count !== undefined) counts.set(id, Number(count));
  }
  return counts;
}

/** The ledger's text: in natural order, so that concurrent histories merge; undefined where there is nothing to count. */
export function writeLedger(counts: ReadonlyMap<string, number>): string | undefined {
  const lines = [...counts]
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => compareNatural(a, b))
    .map(([id, count]) => `${id} ${count}\n`);
  return lines.length === 0 ? undefined : lines.join('');
}
