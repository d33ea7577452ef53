import type { Clock } from '../../domain/base/clock.ts';
import type { Look } from '../../git/answers/look.ts';
import { type CatFile, catFileOnDemand, startCatFile } from '../../git/objects/cat-file.ts';
import { createGitClient } from '../../git/process/git-client.ts';
import { openRepository, type Repository } from '../../git/repository/repository.ts';
import { lookAtRemote } from '../../git/upstream/remote.ts';
import type { Upstream } from '../../git/upstream/upstream.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import { HELP_REFS, REQUESTS } from '../transaction/requests.ts';

/** What a git side is first used for. */
export type FirstUse = 'carry-out' | 'read' | 'other';

/** What is known about the first use of a git side. */
export interface First {
  readonly use: FirstUse;
  /** Name of the remote; undefined if there is none, or it is not known yet. */
  readonly remote: string | undefined;
  /** Its URL as configured. */
  readonly url: string | undefined;
}

/** A look at the remote that is begun early. */
interface EarlyLook {
  readonly remote: string;
  readonly branchRef: string;
  readonly prefixes: readonly string[];
  /** Whether look and push may be one: then the look begins once the repository's settings are known. */
  readonly toPush: boolean;
}

interface BegunLook {
  readonly look: Promise<Look>;
  /** The upstream that looks, if it may keep its connection for a push. */
  readonly upstream: Promise<Upstream> | undefined;
}

/** Git processes that work while the rest of the engine is still being loaded. */
export interface EarlyGit {
  readonly repository: Promise<Repository>;
  readonly objects: CatFile;
  /** The upstream, with the early look as its first one if that turns out to fit. */
  withLook(upstream: Upstream): Upstream;
  /** The upstream of the remote that is already looking, if there is one. */
  upstreamOf(remote: string | undefined): Promise<Upstream> | undefined;
  close(): Promise<void>;
}

/**
 * Starts the work with which every use of git begins: it takes as long as loading the modules that need it, and needs
 * none of them.
 * @param first what will be done first, and at which remote if that is known: the look at it is begun at once
 */
export function startGitEarly(options: OpenQueueOptions, critical: CriticalSection, first: First): EarlyGit {
  const { dir, env, onGitProcess } = options;
  const early = earlyLook(options, first);
  const git = createGitClient({ dir, env, signal: critical.signal, onProcess: onGitProcess });
  // A look through the settings' rules waits 4 ms for them; any other is begun at once.
  const atOnce = early && !early.toPush ? lookAtRemote(git, early.remote, early.branchRef, early.prefixes) : undefined;
  const repository = openRepository(git);
  const begun = atOnce ? { look: atOnce, upstream: undefined } : early && beginToPush(repository, early, options.clock);
  // If one fails, its caller gets the error. Nobody asks for the look if opening failed.
  begun?.look.catch(() => undefined);
  begun?.upstream?.catch(() => undefined);
  repository.catch(() => undefined);
  const objects = isLikelyToBeHelped(options, early) ? catFileOnDemand(git) : startCatFile(git);
  return {
    repository,
    objects,
    withLook: (upstream) => (early && begun ? handingOut(upstream, early, begun.look) : upstream),
    upstreamOf: (remote) => (remote === early?.remote ? begun?.upstream : undefined),
    async close() {
      await objects.close();
      const upstream = await begun?.upstream?.catch(() => undefined);
      upstream?.close?.();
    },
  };
}

function beginToPush(
  repository: Promise<Repository>,
  { remote, branchRef, prefixes, toPush }: EarlyLook,
  clock: Clock,
): BegunLook {
  // Not needed to look at any other remote at once.
  const opening = Promise.all([import('../../git/upstream/open-upstream.ts'), import('./memory-of.ts')]);
  const upstream = Promise.all([repository, opening]).then(([opened, [{ openUpstream }, { memoryOf }]]) =>
    openUpstream(opened, remote, undefined, memoryOf(opened, remote, clock).memory),
  );
  return { look: upstream.then((one) => one.look(branchRef, prefixes, { toPush })), upstream };
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
  return options.host === 'crowded' && early?.prefixes.includes(REQUESTS) === true;
}

function earlyLook(options: OpenQueueOptions, { use, remote, url }: First): EarlyLook | undefined {
  if (remote === undefined || use === 'other') return undefined;
  const others = (options.alsoShown ?? []).map((branch) => `refs/heads/${branch}`);
  const helping = use === 'carry-out' && isHelpWanted(options) ? HELP_REFS : [];
  const prefixes = others.length === 0 ? helping : [...helping, ...others];
  const toPush = use === 'carry-out' && url !== undefined && /^(?:https?:\/\/|file:\/\/\/|\/)/.test(url);
  return { remote, branchRef: `refs/heads/${options.branch}`, prefixes, toPush };
}

/** Whoever deletes what is not a request must not see branches among them. */
function onlyWanted(look: Look, wanted: readonly string[]): Look {
  return { ...look, refs: new Map([...look.refs].filter(([ref]) => wanted.some((prefix) => ref.startsWith(prefix)))) };
}

/** The upstream with its first look begun already. */
function handingOut(upstream: Upstream, early: EarlyLook, begun: Promise<Look>): Upstream {
  const { remote, branchRef, prefixes } = early;
  let unused: Promise<Look> | undefined = begun;
  return {
    ...upstream,
    async look(ref, wanted, options) {
      const first = unused;
      unused = undefined;
      const fits = upstream.name === remote && ref === branchRef && wanted.every((prefix) => prefixes.includes(prefix));
      if (first === undefined || !fits) return upstream.look(ref, wanted, options);
      return prefixes.length === wanted.length ? first : onlyWanted(await first, wanted);
    },
  };
}
