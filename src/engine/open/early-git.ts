import type { Look } from '../../git/answers/look.ts';
import { type CatFile, catFileOnDemand, startCatFile } from '../../git/objects/cat-file.ts';
import { createGitClient } from '../../git/process/git-client.ts';
import { openRepository, type Repository } from '../../git/repository/repository.ts';
import { lookAtRemote } from '../../git/upstream/remote.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import { HELP_REFS } from '../transaction/requests.ts';

/** What a git side is first used for. */
export type FirstUse = 'carry-out' | 'read' | 'other';

/** A look at the remote that is begun before the repository is open. */
interface EarlyLook {
  readonly remote: string;
  readonly branchRef: string;
  readonly prefixes: readonly string[];
}

/** Git processes that work while the rest of the engine is still being loaded. */
export interface EarlyGit {
  readonly repository: Promise<Repository>;
  readonly objects: CatFile;
  /** The upstream, with the early look as its first one if that turns out to fit. */
  withLook(upstream: Upstream): Upstream;
}

/**
 * Starts the work with which every use of git begins: it takes as long as loading the modules that need it, and needs
 * none of them.
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
  // If one fails, its caller gets the error. Nobody asks for the look if opening failed.
  look?.catch(() => undefined);
  repository.catch(() => undefined);
  return {
    repository,
    objects: isLikelyToBeHelped(options, early) ? catFileOnDemand(git) : startCatFile(git),
    withLook: (upstream) => (early && look ? handingOut(upstream, early, look) : upstream),
  };
}

/** Whether this machine carries out the intents of other machines, and they carry out ours. */
export function isHelpWanted({ combine }: OpenQueueOptions): boolean {
  return combine === 'all' || combine === 'remote';
}

/**
 * In a crowd, most agents publish their request, are told what they got, and read no object. Each of 100 agents on 2
 * cores saves a process, which takes node 2.5 ms to start and git 2 ms to begin.
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

/** The upstream with its first look begun already. */
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
