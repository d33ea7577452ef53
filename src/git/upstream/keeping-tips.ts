import { createHash } from 'node:crypto';
import { runProcess } from '../process/git-process.ts';
import type { RemoteInfo } from '../repository/remotes.ts';
import type { Repository } from '../repository/repository.ts';
import { looseValue } from '../repository/revision.ts';
import { trackingRef } from '../repository/tracking-ref.ts';
import type { Upstream } from './upstream.ts';

/**
 * Where a clone keeps the newest commits that agentq fetched. They are refs, since only what a ref reaches is offered
 * to the remote as known, is found by git's check of what it received, and is packed. The remote never gets them. `git
 * branch` and `git tag` do not show them.
 */
export const KEPT_TIPS = 'refs/agentq/tips/';

/** How long (ms) git may take to write the ref. It is a small file, and only the end of a process waits for it. */
const LONGEST_KEEPING_MS = 5_000;

/** A commit that was fetched and that no ref of the clone reaches yet. */
interface Owed {
  readonly ref: string;
  readonly oid: string;
  /** The value of the ref when the fetch began; undefined: not known. */
  readonly was: string | undefined;
}

/**
 * The same upstream, except that the clone knows afterwards what it fetched. Without that, a clone that never pushes
 * fetched everything since it was made, again and again: 19, 35, 51 ... objects for four new commits each.
 *
 * A ref is written once per process, when it ends, and before its next fetch. Nothing is written if the clone knows the
 * commit anyway, since a push moved the ref for the remote's branch or the checkout followed. Many processes may do it
 * at once. The ref moves only from where it was when the fetch began, and a process that comes too late leaves it as it
 * is.
 *
 * A clone that mirrors is left alone: its refs are pushed with the next `git push`.
 */
export function keepingTips(upstream: Upstream, repository: Repository, remote: RemoteInfo): Upstream {
  const { git } = repository;
  if (repository.config(`remote.${remote.name}.mirror`) === 'true') return upstream;
  let owed: Owed | undefined;
  let lastBranch: string | undefined;

  const looseOf = (ref: string): string | undefined => looseValue(repository.commonDir, ref);

  /**
   * What git names to the remote: our ref, and the others that may be as new. Otherwise it names what is newest in the
   * clone, and a hundred commits that were never pushed cost requests. Undefined: any ref may be named. It is a trap
   * that git, if no ref fits, names nothing and fetches the whole history. So ours must be there.
   */
  function known(branchRef: string): readonly string[] | undefined {
    const kept = keptRef(remote.name, branchRef);
    if (looseOf(kept) === undefined) return undefined;
    const refs = [kept, trackingRef(remote.fetch, branchRef), branchRef];
    return refs.flatMap((ref) => (ref === undefined ? [] : onlyRef(ref)));
  }

  async function keep(): Promise<void> {
    const one = owed;
    owed = undefined;
    // Another process in this clone may have kept it.
    if (one === undefined || git.signal?.aborted || looseOf(one.ref) === one.oid) return;
    const from = one.was === undefined ? [] : [one.was];
    await runProcess(git, ['update-ref', '--no-deref', one.ref, one.oid, ...from], {
      silenceMs: LONGEST_KEEPING_MS,
      endOnAbort: false,
    }).catch(() => undefined);
  }

  return {
    ...upstream,
    async fetchCommit(branchRef, oid, options = {}) {
      // The next fetch is to build on this one.
      await keep();
      if (!branchRef.startsWith('refs/heads/')) return upstream.fetchCommit(branchRef, oid, options);
      lastBranch = branchRef;
      const ref = keptRef(remote.name, branchRef);
      const was = looseOf(ref);
      const outcome = await upstream.fetchCommit(branchRef, oid, { ...options, known: known(branchRef) });
      if (outcome.kind === 'present') owed = { ref, oid, was };
      return outcome;
    },
    fetchObjects(oids, options = {}) {
      const names = lastBranch === undefined ? undefined : known(lastBranch);
      return upstream.fetchObjects(oids, { ...options, known: names });
    },
    async push(updates, options) {
      const outcome = await upstream.push(updates, options);
      if (outcome.kind !== 'landed') return outcome;
      for (const { ref: branchRef, to } of updates) {
        if (!branchRef.startsWith('refs/heads/') || to === undefined) continue;
        const ref = keptRef(remote.name, branchRef);
        // Git has moved its own ref for the remote's branch, if there is one.
        const isTracked = trackingRef(remote.fetch, branchRef) !== undefined;
        if (!isTracked) owed = { ref, oid: to, was: looseOf(ref) };
        else if (owed?.ref === ref) owed = undefined;
      }
      return outcome;
    },
    noteHeld(oid) {
      if (owed?.oid === oid) owed = undefined;
    },
    async tidy() {
      await keep();
      await upstream.tidy?.();
    },
  };
}

/** The hash keeps `a` and `a/b` apart, which cannot both be refs in one folder. */
function keptRef(remote: string, branchRef: string): string {
  const hash = createHash('sha256').update(`${remote}\0${branchRef}`).digest('hex').slice(0, 12);
  return `${KEPT_TIPS}${hash}/${branchRef.slice('refs/heads/'.length)}`;
}

/** A pattern that only this ref fits. Git takes a name without a pattern for a mistake if there is no such ref. */
function onlyRef(ref: string): readonly string[] {
  return /^refs\/[a-z]/.test(ref) ? [`refs/[${ref.charAt(5)}]${ref.slice(6)}`] : [];
}
