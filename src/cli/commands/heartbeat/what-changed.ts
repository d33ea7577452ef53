import { type Content, changedIn, contentOf } from '../../../domain/changing/content.ts';
import type { RenewedOutcome } from '../../../domain/intents/outcome.ts';
import { valuesOf } from '../../../domain/past/activity.ts';
import type { TaskState } from '../../../domain/queue/task.ts';
import { TRAILER } from '../../../domain/rules/decision.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { gitDirOf } from '../../../git/checkout/git-dir-of.ts';
import { SeenMemory } from '../../../store/seen-memory.ts';
import { workTreeAbove } from '../../command/config.ts';
import type { CommandContext } from '../../command/context.ts';

/** Most commits that are searched for the claim. */
const LOOK_BACK = 5_000;

/**
 * What others have changed of the task since its owner last looked: since the last heartbeat of the claim from this
 * clone, or else since the claim itself, which is looked up then. Never throws: the claim is renewed all the same.
 * @param at a commit of the branch at or after the heartbeat
 */
export async function whatChanged(
  queue: Queue,
  { key, claimId, content }: RenewedOutcome,
  at: string | undefined,
  { config, clock, log }: CommandContext,
): Promise<readonly string[]> {
  const memory = memoryOf(claimId, config.dir);
  if (content === undefined || claimId === undefined || memory === undefined) return [];
  const seen = memory.read();
  let before: Content | undefined = seen;
  if (before === undefined) {
    memory.forgetOld(clock.now());
    before = await asClaimed(queue, { key, claimId }, at).catch((error: unknown) => {
      log.debug(`what the task said when it was claimed is not known: ${String(error)}`);
      return undefined;
    });
  }
  const changed = before === undefined ? [] : changedIn(before, content);
  if (seen === undefined || changed.length > 0) memory.write(content);
  return changed;
}

/** From now on this is what the owner has been told that the task says. */
export function noteSeen(claimId: string | undefined, content: Content, { config }: CommandContext): void {
  memoryOf(claimId, config.dir)?.write(content);
}

function memoryOf(claimId: string | undefined, dir: string): SeenMemory | undefined {
  const workTree = workTreeAbove(dir);
  const gitDir = workTree === undefined ? undefined : gitDirOf(workTree);
  return claimId === undefined || gitDir === undefined ? undefined : new SeenMemory(gitDir, claimId);
}

/** What the task said in the commit that claimed it; undefined if that is too long ago, or was made by an older script. */
async function asClaimed(
  queue: Queue,
  { key, claimId }: { readonly key: RenewedOutcome['key']; readonly claimId: string },
  at: string | undefined,
): Promise<Content | undefined> {
  if (at === undefined) return undefined;
  const reader = await queue.read('clone');
  const none = new Set<TaskState>();
  // Another process may have made it: then it is fetched.
  await reader.snapshot({ read: none }, { commit: at });
  for await (const commit of reader.history(at, LOOK_BACK)) {
    if (!valuesOf(commit, TRAILER.request).includes(claimId)) continue;
    const scope = { read: none, ids: new Set([key.id]) };
    const { projects } = await reader.snapshot(scope, { commit: commit.oid, unreadable: 'leave' });
    const entry = projects.get(key.project)?.entries.find((one) => one.key.id === key.id);
    return entry?.reading.kind === 'read' ? contentOf(entry.reading.task) : undefined;
  }
  return undefined;
}
