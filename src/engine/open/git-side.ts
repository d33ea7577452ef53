import type { QueueEvent } from '../../domain/base/event.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { InstallRequest } from '../../domain/kit/install.ts';
import type { WorkflowsRequest } from '../../domain/kit/workflows.ts';
import { type FollowRequest, followCheckout } from '../../git/checkout/checkout.ts';
import type { FollowOutcome } from '../../git/checkout/follow-outcome.ts';
import { HandOver } from '../../git/checkout/hand-over.ts';
import type { HandedPack } from '../../git/checkout/handed-pack.ts';
import { newestOf } from '../../git/checkout/newest.ts';
import { emptyTree } from '../../git/repository/revision.ts';
import { watchBranch } from '../../git/upstream/watch-branch.ts';
import { Sightings } from '../../store/leases/sightings.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { Engine, Settled } from '../base/engine.ts';
import type { BranchMove, Pushed } from '../base/pushed.ts';
import type { HandOverPlan } from '../combining/hand-over-plan.ts';
import type { Installed } from '../kit/install.ts';
import type { WorkflowsInstalled } from '../kit/workflows.ts';
import type { Landing } from '../merging/landing.ts';
import type { Merged, MergeRequest } from '../merging/merge.ts';
import type { Moved, MoveRequest } from '../merging/move.ts';
import type { Health } from '../queue/health.ts';
import type { OpenQueueOptions } from '../queue/queue.ts';
import type { Reader } from '../queue/reader.ts';
import type { Registry } from '../queue/registry.ts';
import type { Tips } from '../queue/tips.ts';
import type { TipSource } from '../waiting/tip-poller.ts';
import { Carrier, type CarrierTerms } from './carrier.ts';
import { type EarlyGit, isHelpWanted } from './early-git.ts';
import { memoryOf } from './memory-of.ts';
import type { Bounded } from './queue-reader.ts';
import { type Beside, openSession, type Session, type SessionOptions, sessionBeside } from './session.ts';

/** As {@link FollowRequest}, to the newest of these commits: at least one. */
export type FollowNewest = Omit<FollowRequest, 'to'> & { readonly commits: readonly string[] };

/**
 * The part of a queue that works with git. A follower never loads it: simple-git, zod and the TOON library would double
 * its start-up time.
 */
export class GitSide {
  /** Carries intents out. */
  readonly carrier: Carrier;
  readonly #session: Session;
  #handOver: HandOver | undefined;
  #registry: Promise<Registry> | undefined;

  constructor(session: Session, carrier: Carrier) {
    this.#session = session;
    this.carrier = carrier;
  }

  /** Name of the remote; undefined in local mode. */
  get remote(): string | undefined {
    return this.#session.remote;
  }

  /** The reading half, within the limits of the queue. */
  async reader(tips: Tips, bounded: Bounded): Promise<Reader> {
    // A claim does not need the code that reads the history.
    const { QueueReader } = await import('./queue-reader.ts');
    return new QueueReader(this.#session, this.carrier, tips, bounded);
  }

  /** Whether the commit, which must be in this clone, has anything but a queue. */
  async holdsCode(commit: string): Promise<boolean> {
    const { CodeReader } = await import('./code-reader.ts');
    return new CodeReader(this.#session).isIn(commit);
  }

  /** Who is at work, as the remote has it. The same object each time: it knows what this process has pushed. */
  registry(): Promise<Registry> {
    this.#registry ??= registryOf(this.#session, this.carrier.engine);
    return this.#registry;
  }

  /** What reads the branch, for readers of several branches. */
  get parts(): Pick<Session, 'repository' | 'upstream' | 'objects' | 'store' | 'abilities' | 'looks' | 'remote'> {
    return this.#session;
  }

  /** What can be found out about the clone and the server. Loaded only where it is asked for. */
  async health(): Promise<Health> {
    const [{ GitHealth }, { openInstallStore }] = await Promise.all([
      import('../health/git-health.ts'),
      import('../../store/install-store.ts'),
    ]);
    const { repository, upstream, objects, remote, store } = this.#session;
    const { critical, signal: interrupt, clock, random } = this.carrier.engine;
    const files = openInstallStore(repository, upstream, objects, store);
    const { memory } = memoryOf(repository, remote, clock);
    return new GitHealth({ repository, remote, store, files, memory, critical, interrupt, clock, random });
  }

  /** The git side of another branch, next to this one. */
  beside(beside: Beside, terms: SideTerms): GitSide {
    return sideOf(sessionBeside(this.#session, beside, terms.clock), terms);
  }

  /** Where the tip of the branch is looked up while a process waits for it to move. */
  get tipSource(): TipSource {
    const { repository, remote, store } = this.#session;
    return {
      look: async (hasMoved) => (await store.look([], { toFetch: hasMoved })).tip,
      watch: (onHint) => watchBranch(repository, remote, store.branchRef, onHint),
    };
  }

  /** As {@link Carrier.carryOutAlone}; a checkout of a local branch moves along. */
  async carryOutAlone(intent: Intent): Promise<Settled | undefined> {
    const settled = await this.carrier.carryOutAlone(intent);
    const { repository, objects, remote, store } = this.#session;
    if (remote === undefined && settled?.kind === 'done' && settled.commit !== undefined) {
      const moved = { branchRef: store.branchRef, to: settled.commit, movedFrom: settled.base, sync: false };
      await followCheckout(repository, objects, moved);
    }
    return settled;
  }

  /** As git has it. */
  get userName(): string | undefined {
    return this.#session.repository.identity?.name;
  }

  /** Puts workflows where they run. */
  async installWorkflows(request: WorkflowsRequest, pushed: Pushed): Promise<WorkflowsInstalled> {
    const { installWorkflows } = await import('../kit/workflows.ts');
    const { openInstallStore } = await import('../../store/install-store.ts');
    const { repository, upstream, objects, store } = this.#session;
    const files = openInstallStore(repository, upstream, objects, store);
    return installWorkflows(this.carrier.engine, files, pushed, request);
  }

  /** Merges the branches of projects; checkouts of local branches move along, except that of the main one. */
  async mergeBranches(request: MergeRequest, pushed: Pushed): Promise<Merged> {
    const { mergeBranches } = await import('../merging/merge.ts');
    const merged = await mergeBranches(await this.#landing(request.main, pushed), request);
    if (request.doing === 'merge') await this.#followMoves(merged.others);
    return merged;
  }

  /** Lets a project live on another branch; checkouts as in {@link mergeBranches}. */
  async moveProject(request: MoveRequest, pushed: Pushed): Promise<Moved> {
    const { moveProject } = await import('../merging/move.ts');
    const moved = await moveProject(await this.#landing(request.main, pushed), request);
    if (request.doing === 'move') await this.#followMoves(moved.others);
    return moved;
  }

  async #landing(main: string, pushed: Pushed): Promise<Landing> {
    const { openBranchStore } = await import('../../store/branch-store.ts');
    const { repository, upstream, objects, abilities } = this.#session;
    const store = openBranchStore(repository, upstream, objects, main);
    return { engine: this.carrier.engine, store, pushed, abilities };
  }

  async #followMoves(moves: readonly BranchMove[]): Promise<void> {
    const { repository, objects, remote } = this.#session;
    if (remote !== undefined) return;
    for (const { branch, from, to } of moves) {
      if (from === undefined) continue;
      await followCheckout(repository, objects, {
        branchRef: `refs/heads/${branch}`,
        to,
        movedFrom: from,
        sync: false,
      });
    }
  }

  /** Sets the queue up as the request says. */
  async install(request: InstallRequest, pushed: Pushed): Promise<Installed> {
    const { install } = await import('../kit/install.ts');
    const { openInstallStore } = await import('../../store/install-store.ts');
    const { repository, upstream, objects, store } = this.#session;
    const installStore = openInstallStore(repository, upstream, objects, store);
    const installed = await install(this.carrier.engine, installStore, pushed, request);
    // An empty index on an unborn branch follows from the empty tree.
    return { ...installed, base: installed.base ?? emptyTree(repository) };
  }

  /**
   * Fast-forwards the checkout to the newest of the commits. One that another process has pushed for us is fetched
   * first.
   */
  async follow({ commits, ...request }: FollowNewest): Promise<FollowOutcome> {
    const { repository, objects, remote, store, upstream } = this.#session;
    let to: string;
    try {
      // Another process may have pushed it for us, from another clone. The last one mostly brings the others along.
      if (remote !== undefined && request.sync) for (const commit of commits.toReversed()) await store.obtain(commit);
      to = await newestOf(repository, objects, commits);
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'interrupted') throw error;
      return { kind: 'failed', reason: error.message };
    }
    const outcome = await followCheckout(repository, objects, { ...request, to });
    const isHeld = outcome.kind === 'followed' || outcome.kind === 'up-to-date';
    if (isHeld) for (const commit of commits) upstream.noteHeld?.(commit);
    return outcome;
  }

  /** As {@link HandOver.pack}, of this clone. */
  handOver({ commits, base, from }: HandOverPlan): Promise<HandedPack | undefined> {
    const { repository, objects } = this.#session;
    this.#handOver ??= new HandOver(repository, objects);
    return this.#handOver.pack(commits, base, from);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

async function registryOf({ remote, repository, store, abilities, key }: Session, engine: Engine): Promise<Registry> {
  const [{ RefRegistry }, { SignInRefs }, { NO_REGISTRY }] = await Promise.all([
    import('../registry/ref-registry.ts'),
    import('../../store/leases/sign-in-refs.ts'),
    import('../queue/registry.ts'),
  ]);
  if (remote === undefined) return NO_REGISTRY;
  const { clock, random } = engine;
  const branch = store.branchRef.replace('refs/heads/', '');
  return new RefRegistry({
    refs: new SignInRefs(store, random.id()),
    abilities,
    sightings: new Sightings(repository.commonDir, `agents-${key}-${branch}`, clock),
    clock,
    newId: () => random.id(),
    marker: store.marker(),
  });
}

/**
 * Opens the git side of the repository that is being opened.
 * @param options with the line of pushes of all machines, if they meet
 * @throws Failure `not-a-repository`, `git-unusable` or `remote-missing`
 */
export async function openGitSide(
  options: SessionOptions,
  critical: CriticalSection,
  onEvent: (event: QueueEvent) => void,
  earlyGit: EarlyGit,
): Promise<GitSide> {
  return sideOf(await openSession({ ...options, onEvent }, earlyGit), { ...options, critical, onEvent });
}

type SideTerms = OpenQueueOptions & CarrierTerms;

function sideOf(session: Session, terms: SideTerms): GitSide {
  // Without a remote there are no other machines: races are only on this one, and intents are combined or tried again.
  const others = session.remote !== undefined && isHelpWanted(terms) ? 'helped' : 'ignored';
  return new GitSide(session, new Carrier({ ...session, others }, terms));
}
