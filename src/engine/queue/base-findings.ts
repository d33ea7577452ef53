import type { Finding } from '../../domain/base/finding.ts';
import { missingBase } from '../../domain/defects/settings-findings.ts';
import type { PoolSettings } from '../../domain/queue/snapshot.ts';
import type { Code } from './code.ts';
import type { QueuePlace } from './queue.ts';

/**
 * What is wrong with the branch that worktrees start from. A remote that cannot be asked is not a defect of the queue.
 * @param code asked only if the settings name a branch besides that of the queue
 */
export async function baseFindings(
  { base }: PoolSettings,
  { branch, remote }: QueuePlace,
  code: () => Promise<Code>,
): Promise<readonly Finding[]> {
  if (base === undefined || base === branch) return [];
  const tips = await (await code()).tips([base]).catch(() => undefined);
  return tips === undefined || tips.has(base) ? [] : [missingBase(base, remote)];
}
