import type { Look } from '../../git/answers/look.ts';
import { type CatFile, catFileOnDemand, startCatFile } from '../../git/objects/cat-file.ts';
import { createGitClient } from '../../git/process/git-client.ts';
import { openRepository, type Repository } from '../../git/repository/repository.ts';
import { lookAtRemote } from '../../git/upstream/remote.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import { HELP_REFS } from '../transaction/requests.ts';

/** What a git side is opened for. */
export type FirstUse = 'carry-out' | 'read' | 'other';

/** A look at the remote that is known to be wanted before the repository is open. */
interface EarlyLook {
  readonly remote: string;
  readonly branchRef: string;
  readonly prefixes: readonly string[];
}

/** Git processes at work while the rest of the engine is still being loaded. */
export interface EarlyGit {
  readonly repository: Promise<Repository>;
  readonly objects: CatFile;
  /** Gives the early look to the upstream that turns out to be the right one. */
  withLook(upstream: Upstream): Upstream;
}

/**
 * Starts what every use of git begins with: it takes as long as loading the modules that need it, and needs none of them.
 * @param first what will be done first, and at which remote if that is known: the look at it is begun at once
 */
export function startGitEarly(
  options: OpenQueueOptions,
  critical: CriticalSection,
  first: { readonly use: FirstUse; readonly remote: string | undefined },
): EarlyGit {
  const { dir, env, onGitProcess } = options;
  const early = earlyLook(options, first);
  const git = createGitClient({ dir, env, signal: critical.signal, onProcess: onGitProcess });
  const look = early && lookAtRemote(git, early.remote, early.branchRef, early.prefixes);
  const repository = openRepository(git);
  // Should one fail, whoever asks for it hears of it; and nobody asks for the look where opening failed.
  look?.catch(() => undefined);
  repository.catch(() => undefined);
  return {
    repository,
    objects: isLikelyToBeHelped(options, early) ? catFileOnDemand(git) : startCatFile(git),
    withLook: (upstream) => (early && look ? handingOut(upstream, early, look) : upstream),
  };
}

/** Whether what other machines want is carried out too, and ours by them. */
export function isHelpWanted({ combine }: OpenQueueOptions): boolean {
  return combine === 'all' || combine === 'remote';
}

/**
 * In a crowd most publish what they want and are told what they got, and read no object. Of 100 agents on 2 cores each
 * saves a process, which takes node 2.5 ms to start and git 2 to begin.
 */
function isLikelyToBeHelped(options: OpenQueueOptions, early: EarlyLook | undefined): boolean {
  return options.host === 'crowded' && early?.prefixes === HELP_REFS;
}

function earlyLook(
  options: OpenQueueOptions,
  { use, remote }: { readonly use: FirstUse; readonly remote: string | undefined },
): EarlyLook | undefined {
  if (remote === undefined || use === 'other') return undefined;
  const prefixes = use === 'carry-out' && isHelpWanted(options) ? HELP_REFS : [];
  return { remote, branchRef: `refs/heads/${options.branch}`, prefixes };
}

/** The upstream with its first look done already. */
function handingOut(upstream: Upstream, early: EarlyLook, begun: Promise<Look>): Upstream {
  const { remote, branchRef, prefixes } = early;
  let unused: Promise<Look> | undefined = begun;
  return {
    ...upstream,
    async look(ref, wanted) {
      const first = unused;
      unused = undefined;
      const fits = upstream.name === remote && ref === branchRef && wanted.every((prefix) => prefixes.includes(prefix));
      return first !== undefined && fits ? first : upstream.look(ref, wanted);
    },
  };
}
