import type { RefUpdate } from '../answers/push-outcome.ts';
import type { GitClient } from '../process/git-client.ts';
import { runProcess } from '../process/git-process.ts';
import type { RemoteInfo } from '../repository/remotes.ts';
import { trackingRef } from '../repository/tracking-ref.ts';

/** Moves the clone's own refs for the refs of the remote, as `git push` does. Never throws: git, too, only warns. */
export async function trackAsPushed(
  git: GitClient,
  { fetch }: RemoteInfo,
  updates: readonly RefUpdate[],
): Promise<void> {
  const input = updates.flatMap(({ ref, to }) => {
    const tracking = trackingRef(fetch, ref);
    if (tracking === undefined) return [];
    return [to === undefined ? `delete ${tracking}\n` : `update ${tracking} ${to}\n`];
  });
  if (input.length === 0) return;
  await runProcess(git, ['update-ref', '-m', 'update by push', '--stdin'], { input, endOnAbort: false }).catch(
    () => undefined,
  );
}
