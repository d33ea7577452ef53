import { Failure } from '../../domain/base/failure.ts';
import type { CommitDraft } from '../../domain/queue/edit.ts';
import type { PoolSettings } from '../../domain/queue/snapshot.ts';
import type { InstallStore } from '../../store/install-store.ts';

export interface Built {
  readonly commit: string;
  /** Why it is not signed, though git is configured to sign; undefined: it is, or need not be. */
  readonly unsigned?: string;
}

/**
 * Builds a commit for a branch whose settings do not say yet whether its commits are signed: it is signed if the user's
 * git signs what the user commits.
 * @throws Failure `machine-unusable` if the settings ask for a signature that cannot be made
 */
export async function buildAndSign(
  store: InstallStore,
  parent: string | undefined,
  draft: CommitDraft,
  settings: PoolSettings,
  now: number,
): Promise<Built> {
  if (settings.signing === 'off' && (await store.signsByHabit()) === 'yes') {
    try {
      return { commit: await store.build(parent, draft, { ...settings, signing: 'on' }, now) };
    } catch (error) {
      // Nobody has asked for it in the settings of a queue.
      if (!(error instanceof Failure) || error.details.lacks !== 'signature') throw error;
      return { commit: await store.build(parent, draft, settings, now), unsigned: error.message };
    }
  }
  return { commit: await store.build(parent, draft, settings, now) };
}
