import { isRenewalDue } from '../../../domain/leases/renewal-due.ts';
import { gitDirOf } from '../../../git/checkout/git-dir-of.ts';
import { RenewalMemory } from '../../../store/renewal-memory.ts';
import { workTreeAbove } from '../../command/config.ts';
import type { EarlyContext } from '../../command/declaration.ts';
import { type AllMineOptions, whoHolds } from '../../command/hooks/all-mine.ts';
import type { MineResult } from './result.ts';

export interface RenewMineOptions extends AllMineOptions {
  /** Do nothing if the last renewal is younger (ms); undefined: renew. */
  readonly olderThanMs: number | undefined;
  /** What the command line and the environment say about the queue. */
  readonly named: { readonly branch: string | undefined; readonly remote: string | undefined };
}

/**
 * Finds out from what this clone remembers that there is nothing to renew now. It reads one file.
 * @returns undefined: it is time
 */
export async function notNow(options: RenewMineOptions, context: EarlyContext): Promise<MineResult | undefined> {
  const { hook, by, olderThanMs } = options;
  const known = await whoHolds(options, context);
  if (known === undefined) return nothingDone(options, null, 'nobody');
  const { agent } = known;
  if (by === 'worker') return nothingDone(options, agent, 'worker');
  const last = memoryOf(agent, context.dir, options)?.read();
  const again = hook === undefined ? 'at-once' : 'later';
  const isDue = olderThanMs === undefined || isRenewalDue(last, context.clock.now(), olderThanMs, again);
  return isDue ? undefined : nothingDone(options, agent, 'recent');
}

/** An answer that says why nothing was done. */
export function nothingDone(
  { hook }: RenewMineOptions,
  agent: string | null,
  skipped: MineResult['skipped'],
): MineResult {
  const presentation = { as: hook === undefined ? 'lines' : 'hook' } as const;
  return { branch: null, remote: null, agent, renewed: [], lost: [], skipped, presentation };
}

/**
 * What this clone remembers of the agent. Its key is what the command line and the environment say about the queue: to
 * read the settings, which may name another branch, costs more than all the rest.
 */
export function memoryOf(
  agent: string,
  dir: string,
  { named: { branch, remote } }: RenewMineOptions,
): RenewalMemory | undefined {
  const workTree = workTreeAbove(dir);
  const gitDir = workTree === undefined ? undefined : gitDirOf(workTree);
  return gitDir === undefined ? undefined : new RenewalMemory(gitDir, [agent, branch ?? '', remote ?? '']);
}
