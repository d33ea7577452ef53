import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { HeartbeatIntent, Intent } from '../../domain/intents/intent.ts';
import type { ClaimedOutcome, Outcome } from '../../domain/intents/outcome.ts';
import type { InstallRequest } from '../../domain/kit/install.ts';
import type { WorkflowsRequest } from '../../domain/kit/workflows.ts';
import type { FollowOutcome } from '../../git/checkout/follow-outcome.ts';
import type { HandedPack } from '../../git/checkout/handed-pack.ts';
import type { Located } from '../../git/repository/locate.ts';
import type { Meet } from '../../machine/meeting.ts';
import { isBesideTheCode } from '../../store/beside-code.ts';
import type { CriticalSection } from '../base/critical-section.ts';
import type { Combiner } from '../combining/combiner.ts';
import { seeThrough } from '../combining/seeing-through.ts';
import type { Installed } from '../kit/install.ts';
import type { WorkflowsInstalled } from '../kit/workflows.ts';
import type { AtServer } from '../machines/at-server.ts';
import type { Merged, MergeRequest } from '../merging/merge.ts';
import type { Moved, MoveRequest } from '../merging/move.ts';
import type { Health } from '../queue/health.ts';
import type { FollowNotice, OpenQueueOptions, Queue, QueuePlace, SubmitOptions, Waiting } from '../queue/queue.ts';
import type { Reader } from '../queue/reader.ts';
import type { Registry } from '../queue/registry.ts';
import { type Renewal, renewAll } from '../queue/renewal.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Tips } from '../queue/tips.ts';
import type { TipSource } from '../waiting/tip-poller.ts';
import type { Again } from './again.ts';
import type { FirstUse } from './early-git.ts';
import type { GitSide } from './git-side.ts';
import type { Limits } from './limits.ts';
import { giveBack, type Submitter, submitIntent } from './submit.ts';

/** What a queue is made of. */
export interface QueueParts {
  readonly options: OpenQueueOptions;
  readonly place: QueuePlace;
  /** undefined: files do not tell, only git does. */
  readonly located: Located | undefined;
  readonly tips: Tips & { close(): Promise<void> };
  /** What shows that the branch may have moved. */
  readonly watchTip: TipSource['watch'];
  readonly limits: Limits;
  readonly critical: CriticalSection;
  /** Everything that submitting works with, except the combiner. */
  readonly submitter: Omit<Submitter, 'combiner'>;
  readonly combiners: { readonly intents: Combiner; readonly heartbeats: Combiner };
  readonly git: LazyGit;
  /** Where machines meet; undefined: nowhere. The queues of other branches share it. */
  readonly server: AtServer | undefined;
  /** Takes note of what an outcome says about the pool. */
  heard(outcome: Outcome): void;
  waitingFor(): Waiting | undefined;
  /** Meets the processes of this user at this queue, for something else; undefined: it does not. */
  meet(what: string): Meet | undefined;
}

/** The git side, opened when it is first needed. */
export interface LazyGit {
  /** @param use the first use: it decides what is begun before the git side is open */
  open(use?: FirstUse): Promise<GitSide>;
  /** The git side if it was opened, or is being opened. */
  opened(): Promise<GitSide> | undefined;
  /** Closes the git side if it was opened, and whatever else only this queue had. */
  close(): Promise<void>;
}

/** A queue that is open. Git is started when something needs it: a process that finds a leader to follow never does. */
export class OpenedQueue implements Queue {
  /** For what is opened along with it. */
  readonly parts: QueueParts;
  /** The tip before each of our commits: a local checkout of the branch must be moved along from there. */
  readonly #bases = new Map<string, string>();
  /** Claims of this process, by commit: they are given back if it is interrupted before it could report them. */
  readonly #claims = new Map<string, ClaimedOutcome>();
  /** What was handed over with our commits, until the checkout follows. */
  readonly #packs = new Map<string, HandedPack>();
  #hasBeaten = false;
  /** Ends the stretch in which an interrupt must not end git at once. */
  #signedIn: (() => void) | undefined;

  constructor(parts: QueueParts) {
    this.parts = parts;
  }

  get place(): QueuePlace {
    return this.parts.place;
  }

  get tips(): Tips {
    return this.parts.tips;
  }

  async submit(intent: Intent, options?: SubmitOptions): Promise<Submitted> {
    if (intent.kind !== 'heartbeat') return this.#submit(intent, options);
    const [renewal] = await this.renew([intent], options);
    if (renewal?.kind !== 'renewed') throw renewal?.error;
    return renewal.submitted;
  }

  renew(intents: readonly HeartbeatIntent[], options?: SubmitOptions): Promise<readonly Renewal[]> {
    const { git } = this.parts;
    const submit = (intent: Intent): Promise<Submitted> => this.#submit(intent, options);
    return renewAll(intents, {
      submit,
      beat: async (beats) => {
        this.#hasBeaten = true;
        return (await git.open()).carrier.beat(beats, options?.signal);
      },
    });
  }

  async read(from: 'tip' | 'clone' = 'tip'): Promise<Reader> {
    const { git, limits, tips } = this.parts;
    const side = await limits.reading(() => git.open(from === 'tip' ? 'read' : 'other'));
    return side.reader(tips, (work) => limits.reading(work));
  }

  async install(request: Omit<InstallRequest, 'branch' | 'remote'>): Promise<Installed> {
    const { git, limits, options } = this.parts;
    const { branch, remote } = options;
    const installed = await limits.pushing(async (pushed) =>
      (await git.open()).install({ ...request, branch, remote }, pushed),
    );
    const { commit, base } = installed;
    if (commit !== undefined && base !== undefined) this.#bases.set(commit, base);
    return installed;
  }

  async installWorkflows(request: Omit<WorkflowsRequest, 'branch'>): Promise<WorkflowsInstalled> {
    const { git, limits, options } = this.parts;
    const { branch } = options;
    return limits.pushing(async (pushed) => (await git.open()).installWorkflows({ ...request, branch }, pushed));
  }

  async mergeBranches(request: Omit<MergeRequest, 'main'>): Promise<Merged> {
    const { git, limits, place } = this.parts;
    const merged = await limits.pushing(async (pushed) =>
      (await git.open()).mergeBranches({ ...request, main: place.branch }, pushed),
    );
    this.#noteMove(merged.moved);
    return merged;
  }

  async moveProject(request: Omit<MoveRequest, 'main'>): Promise<Moved> {
    const { git, limits, place } = this.parts;
    const moved = await limits.pushing(async (pushed) =>
      (await git.open()).moveProject({ ...request, main: place.branch }, pushed),
    );
    this.#noteMove(moved.moved);
    return moved;
  }

  #noteMove(move: Merged['moved']): void {
    if (move?.from !== undefined) this.#bases.set(move.to, move.from);
  }

  async userName(): Promise<string | undefined> {
    const { git, limits } = this.parts;
    return (await limits.reading(() => git.open())).userName;
  }

  async follow(commits: readonly string[]): Promise<FollowNotice> {
    const { options, place, located, critical, git, submitter } = this.parts;
    const { sync, at, signal } = options;
    const { branch, remote } = place;
    if (remote !== undefined && !sync) return { kind: 'skipped' };
    // A file may tell this: then a follower on another branch needs no git to know that its checkout stays as it is.
    if (remote !== undefined && located !== undefined && located.head !== `refs/heads/${branch}`) {
      return this.#notCheckedOut(commits);
    }
    // One base is enough: a move that was not followed yet has left a note.
    const base = remote === undefined ? commits.flatMap((commit) => this.#bases.get(commit) ?? []).at(-1) : undefined;
    const request = { branchRef: `refs/heads/${branch}`, commits, sync, ...given({ movedFrom: base }) };
    return critical.run(async () => {
      at?.('following');
      const outcome = (await this.#followByPack(commits)) ?? (await (await git.open()).follow(request));
      at?.('followed');
      const [claim] = signal.aborted ? commits.flatMap((commit) => this.#claims.get(commit) ?? []) : [];
      if (claim !== undefined) {
        at?.('giving-back');
        throw await giveBack(submitter, claim);
      }
      return outcome.kind === 'not-on-branch' ? this.#notCheckedOut(commits) : toNotice(outcome, branch);
    });
  }

  async #notCheckedOut(commits: readonly string[]): Promise<FollowNotice> {
    const { place, located, git } = this.parts;
    const [side, commit] = [git.opened(), commits.at(-1)];
    const holdsCode = side && commit !== undefined ? async () => (await side).holdsCode(commit) : undefined;
    const isBeside = located !== undefined && (await isBesideTheCode(located.commonDir, place.branch, holdsCode));
    return isBeside ? { kind: 'skipped', because: 'beside-code' } : notCheckedOut(place.branch);
  }

  /** @returns undefined if nothing fitting was handed over with the commit */
  async #followByPack([commit = '', ...more]: readonly string[]): Promise<FollowOutcome | undefined> {
    const { options, place, located, critical } = this.parts;
    const pack = more.length === 0 ? this.#packs.get(commit) : undefined;
    if (pack === undefined || located === undefined) return undefined;
    this.#packs.delete(commit);
    const { dir, env, onGitProcess } = options;
    // Only what this needs is loaded: the git side would take half of what a follower takes.
    const { followHandedPack } = await import('../../git/checkout/handed-pack.ts');
    const client = { dir, env, signal: critical.signal, onProcess: onGitProcess };
    return followHandedPack(client, located, `refs/heads/${place.branch}`, pack);
  }

  waitingFor(): Waiting | undefined {
    return this.parts.waitingFor();
  }

  async registry(): Promise<Registry> {
    const { git, limits, critical } = this.parts;
    const registry = await limits.reading(async () => (await git.open()).registry());
    return {
      read: (also) => limits.reading(() => registry.read(also)),
      write: (signIn) => {
        // From now on, an interrupt must leave enough time to sign out.
        this.#signedIn ??= critical.enter();
        return registry.write(signIn);
      },
      remove: async () => {
        await registry.remove();
        this.#signedIn?.();
        this.#signedIn = undefined;
      },
    };
  }

  async health(): Promise<Health> {
    const { git, limits } = this.parts;
    return limits.reading(async () => (await git.open()).health());
  }

  async forgetHeartbeats(): Promise<void> {
    if (this.#hasBeaten) await (await this.parts.git.open()).carrier.forgetHeartbeats();
  }

  async close(interrupt: AbortSignal = this.parts.options.signal): Promise<void> {
    const { tips, combiners, limits, options, git, critical } = this.parts;
    await tips.close();
    const { intents, heartbeats } = combiners;
    await seeThrough([intents, heartbeats], { clock: options.clock, interrupt, leftMs: limits.leftMs() });
    await git.close();
    critical.close();
  }

  async #submit(intent: Intent, { signal, until, base, again }: SubmitOptions = {}): Promise<Submitted> {
    const { limits, options, place, heard } = this.parts;
    const submitted = await limits.announced('the answer of the remote', async () => {
      const earlier = again === undefined ? undefined : await this.#again(intent);
      if (earlier?.kind === 'carried-out') return earlier.submitted;
      const pending = { intent, base: earlier === undefined ? base : earlier.tip };
      const terms = { timeoutMs: limits.leftMs(), askedMs: options.timeoutMs, until };
      return submitIntent(this.#submitterFor(intent, signal), pending, terms);
    });
    const { commit, outcome, pack } = submitted;
    heard(outcome);
    if (commit === undefined) return submitted;
    if (pack !== undefined) this.#packs.set(commit, pack);
    if (place.remote === undefined && submitted.base !== undefined) this.#bases.set(commit, submitted.base);
    if (outcome.kind === 'claimed') this.#claims.set(commit, outcome);
    return submitted;
  }

  /**
   * What became of an intent that an earlier process may have submitted: the whole history of the branch is searched.
   */
  async again(intent: Intent): Promise<Again | undefined> {
    return this.#again(intent).catch((error: unknown) => {
      if (error instanceof Failure && error.code === 'branch-missing') return undefined;
      throw error;
    });
  }

  #again(intent: Intent): Promise<Again> {
    const { limits, git } = this.parts;
    return limits.within(async () => (await git.open()).carrier.again(intent));
  }

  /**
   * Heartbeats go separately: in one group with claims they would wait for the backoff of a race that is not theirs. A
   * local branch hardly has races, and the checkout moves along with one group after another.
   */
  #submitterFor({ kind }: Intent, signal: AbortSignal | undefined): Submitter {
    const { submitter, combiners, place } = this.parts;
    const combiner = kind === 'heartbeat' && place.remote !== undefined ? combiners.heartbeats : combiners.intents;
    return { ...submitter, combiner, signal: signal ? AbortSignal.any([submitter.signal, signal]) : submitter.signal };
  }
}

function notCheckedOut(branch: string): FollowNotice {
  return { kind: 'skipped', because: 'not-on-branch', reason: `${branch} is not checked out here` };
}

function toNotice(outcome: FollowOutcome, branch: string): FollowNotice {
  switch (outcome.kind) {
    case 'followed':
    case 'up-to-date':
      return { kind: 'followed' };
    case 'not-on-branch':
      return notCheckedOut(branch);
    case 'bare':
    case 'off':
      return { kind: 'skipped' };
    case 'diverged':
    case 'dirty':
    case 'busy':
    case 'failed':
      return { kind: 'skipped', because: outcome.kind, reason: outcome.reason };
  }
}
