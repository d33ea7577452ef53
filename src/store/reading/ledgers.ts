import type { TaskFailures } from '../../domain/queue/snapshot.ts';
import { readFailures, readLedger } from '../../domain/rules/ledger.ts';
import type { Discovery } from './discovery.ts';

/** What the ledgers say, by project and task id. */
export interface Ledgers {
  /** How often each task has stalled. */
  readonly stalls: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The failures of each task. */
  readonly failures: ReadonlyMap<string, ReadonlyMap<string, TaskFailures>>;
}

/**
 * Reads the ledgers.
 * @param readBlobs gives the contents in the order of the ids
 */
export async function readLedgers(
  { ledgers }: Discovery,
  readBlobs: (oids: readonly string[]) => Promise<readonly Buffer[]>,
): Promise<Ledgers> {
  const files = [...ledgers].flatMap(([project, own]) => own.map(({ blob }) => ({ project, blob })));
  const texts = await readBlobs(files.map(({ blob }) => blob));
  const stalls = new Map<string, Map<string, number>>();
  const failures = new Map<string, Map<string, TaskFailures>>();
  for (const [index, { project }] of files.entries()) {
    const text = texts[index]?.toString('utf8') ?? '';
    stalls.set(project, new Map([...(stalls.get(project) ?? []), ...readLedger(text)]));
    const own = readFailures(text);
    if (own.size > 0) failures.set(project, new Map([...(failures.get(project) ?? []), ...own]));
  }
  return { stalls, failures };
}
