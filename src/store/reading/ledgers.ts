import { readLedger } from '../../domain/rules/ledger.ts';
import type { Discovery } from './discovery.ts';

/**
 * How often each task has stalled, by project and task id.
 * @param readBlobs gives the contents in the order of the ids
 */
export async function readLedgers(
  { ledgers }: Discovery,
  readBlobs: (oids: readonly string[]) => Promise<readonly Buffer[]>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, number>>> {
  const files = [...ledgers].flatMap(([project, own]) => own.map(({ blob }) => ({ project, blob })));
  const texts = await readBlobs(files.map(({ blob }) => blob));
  const stalls = new Map<string, Map<string, number>>();
  for (const [index, { project }] of files.entries()) {
    const counts = stalls.get(project) ?? new Map<string, number>();
    stalls.set(project, counts);
    for (const [id, count] of readLedger(texts[index]?.toString('utf8') ?? '')) counts.set(id, count);
  }
  return stalls;
}
