import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { AddIntent, HeartbeatIntent, Intent, TaskReference } from '../../domain/intents/intent.ts';
import type { TaskKey } from '../../domain/queue/task.ts';
import { unansweredIn } from '../base/unanswered.ts';
import { tipWatchOf } from '../open/open-queue.ts';
import type { OpenedQueue } from '../open/opened-queue.ts';
import type { FollowNotice, Queue, SubmitOptions, Waiting } from '../queue/queue.ts';
import type { Reader } from '../queue/reader.ts';
import type { Renewal } from '../queue/renewal.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Tips } from '../queue/tips.ts';
import { notingSeen } from '../waiting/seen-looks.ts';
import type { TipWatch } from '../waiting/waiting.ts';
import { type BranchMap, concernsOthers } from './branch-map.ts';
import { tipsOfAll } from './branch-tips.ts';
import { BranchedReader } from './branched-reader.ts';
import { Claiming } from './claiming.ts';
import { BranchQueues } from './queues.ts';
import { BranchReading } from './reading.ts';
import { renewEverywhere } from './renewing.ts';
import { about, narrowed, type Route, routeOf } from './routes.ts';
import { missingBranch, notLookedAt } from './saying.ts';
import { onEach } from './sweeping.ts';

/** How often an intent is routed again because projects have moved meanwhile. */
const MOST_ROUTES = 4;

/** What concerns every branch; only the main one has the rest. */
type OfEach = 'tips' | 'submit' | 'renew' | 'read' | 'follow' | 'waitingFor' | 'forgetHeartbeats' | 'close';

/** What was sent to a branch and has no answer: its next try must go there too. */
interface Sent {
  readonly branch: string;
  readonly intent: Intent;
}

/**
 * A queue whose projects may live on several branches: each intent is carried out where it belongs, by the queue of
 * that branch. As long as nothing says that there are several, everything goes to the main one, and costs nothing more.
 * It refuses what concerns others; only then are the settings read for the branches.
 */
export class BranchedQueue implements Pick<Queue, OfEach> {
  readonly tips: Tips;
  readonly #main: OpenedQueue;
  readonly #map: BranchMap;
  readonly #queues: BranchQueues;
  readonly #reading: BranchReading;
  readonly #claiming: Claiming;
  /** The branch of each commit of this process, for whoever reads it again or follows it. */
  readonly #commits = new Map<string, string>();
  readonly #sent = new Map<string, Sent>();
  readonly #said = new Set<string>();
  #tipsOfAll: TipWatch | undefined;

  constructor(main: OpenedQueue, map: BranchMap) {
    this.#main = main;
    this.#map = map;
    const { options } = main.parts;
    this.#queues = new BranchQueues(main, map);
    this.#reading = new BranchReading(this.#queues);
    this.#claiming = new Claiming({
      decide: (intents) =>
        main.parts.limits.reading(async () => {
          // Look and push share a connection if that is possible.
          await main.parts.git.open('carry-out');
          return this.#reading.decide(intents, { toPush: true });
        }),
      maxRetries: options.maxRetries,
    });
    this.tips = notingSeen(this.#queues.seen, () => {
      const tips = this.#currentTips();
      return { tips, isOne: tips === main.tips };
    });
  }

  async submit(intent: Intent, options: SubmitOptions = {}): Promise<Submitted> {
    const sent = this.#sent.get(intent.request);
    if (sent !== undefined && options.base !== undefined) return this.#resend(intent, sent, options);
    // The main branch alone does not tell whether all parts of it were carried out.
    if (options.again && this.#map.known === undefined && mayHaveParts(intent)) await this.#learn();
    return this.#routed(intent, options);
  }

  renew(intents: readonly HeartbeatIntent[], options?: SubmitOptions): Promise<readonly Renewal[]> {
    return renewEverywhere(this.#queues, intents, options, (intent) => this.submit(intent, options));
  }

  async read(from: 'tip' | 'clone' = 'tip'): Promise<Reader> {
    const { limits } = this.#main.parts;
    const main = await this.#main.read(from);
    return new BranchedReader({
      branches: this.#queues,
      main,
      bounded: (work) => limits.reading(work),
      branchOf: (commit) => this.#commits.get(commit),
      tipsOf: (branch) => this.#queues.of(branch).tips,
    });
  }

  async follow(commits: readonly string[]): Promise<FollowNotice> {
    // The checkout is on one branch at most: the commits of the others leave it as it is.
    const groups = new Map<string, string[]>();
    for (const commit of commits) {
      const branch = this.#commits.get(commit) ?? this.#map.main;
      groups.set(branch, [...(groups.get(branch) ?? []), commit]);
    }
    let notice: FollowNotice = { kind: 'skipped' };
    for (const [branch, group] of groups) {
      const one = await this.#queues.of(branch).follow(group);
      if (notice.kind === 'skipped' && (one.kind === 'followed' || notice.because === undefined)) notice = one;
    }
    return notice;
  }

  waitingFor(): Waiting | undefined {
    const all = this.#queues.opened.flatMap((queue) => queue.waitingFor() ?? []);
    return all.sort((a, b) => b.since - a.since)[0];
  }

  async forgetHeartbeats(): Promise<void> {
    await Promise.all(this.#queues.opened.map((queue) => queue.forgetHeartbeats()));
  }

  async close(interrupt?: AbortSignal): Promise<void> {
    await this.#tipsOfAll?.close();
    await this.#queues.close(interrupt);
  }

  /** An intent whose last try has no answer: it is looked up where it was sent, and only then decided again. */
  async #resend(intent: Intent, sent: Sent, options: SubmitOptions): Promise<Submitted> {
    try {
      return await this.#send(sent.branch, sent.intent, options);
    } catch (error) {
      const isOpen = unansweredIn(error, intent.request) !== undefined;
      const isAnswer = !(error instanceof Failure) || !MAY_BE_ELSEWHERE.has(error.code);
      if (isOpen || isAnswer || this.#map.known === undefined) throw error;
      return this.#routed(intent, given({ signal: options.signal, until: options.until }));
    }
  }

  async #routed(intent: Intent, options: SubmitOptions): Promise<Submitted> {
    for (let round = 1; ; round++) {
      const { ownership } = this.#map;
      try {
        return await this.#along(routeOf(intent, ownership), intent, options);
      } catch (error) {
        const isStale = error instanceof Failure && MAY_BE_ELSEWHERE.has(error.code);
        if (!isStale || unansweredIn(error, intent.request) !== undefined || round >= MOST_ROUTES) throw error;
        // The branch of a project looks at the main one, too. So only the main one must be asked again.
        // A look in the middle of a move shows a branch without the project, and the main one as it was before.
        if (concernsOthers(error) || error.code === 'unknown-project') await this.#learn();
        const isMoved = concernsOthers(error) || !ownership.equals(this.#map.ownership);
        if (!isMoved) throw await this.#explained(error, intent);
      }
    }
  }

  #along(route: Route, intent: Intent, options: SubmitOptions): Promise<Submitted> {
    const { ownership } = this.#map;
    if (ownership.isSingle) return this.#send(this.#map.main, intent, options);
    switch (route.kind) {
      case 'branch':
        return this.#sendTo(route, intent, options);
      case 'best':
        return this.#claimAnywhere(route, options);
      case 'task':
        return this.#find(route.task).then((key) =>
          this.#sendTo(
            { branch: this.#map.ownership.branchOf(key.project), project: key.project },
            about(intent, key),
            options,
          ),
        );
      case 'each':
        return onEach(route.intent, this.#visible(), (branch, part) => this.#send(branch, part, options));
      case 'add':
        return this.#main.parts.limits.announced('the answer of the remote', () =>
          this.#addEverywhere(route.intent, options),
        );
    }
  }

  async #addEverywhere(intent: AddIntent, options: SubmitOptions): Promise<Submitted> {
    const { addEverywhere } = await import('./adding.ts');
    const submitted = await addEverywhere(this.#reading, this.#queues, intent, options);
    const { commits = [], branch, commit } = submitted;
    for (const one of commits) this.#commits.set(one.commit, one.branch);
    if (commit !== undefined && branch !== undefined) this.#commits.set(commit, branch);
    return submitted;
  }

  async #claimAnywhere({ intent }: Extract<Route, { kind: 'best' }>, options: SubmitOptions): Promise<Submitted> {
    const { again, ...rest } = options;
    // A claim that may have been made before may be on any branch.
    const bases = new Map<string, string>();
    if (again !== undefined) {
      for (const branch of this.#visible()) {
        const found = await this.#queues.of(branch).again(intent);
        if (found === undefined) continue;
        if (found.kind === 'carried-out') return this.#noted(branch, found.submitted);
        bases.set(branch, found.tip);
      }
    }
    try {
      return await this.#claiming.claim(intent, (branch, claim) =>
        this.#send(branch, claim, { ...rest, ...given({ base: bases.get(branch) }) }),
      );
    } catch (error) {
      throw isAlone(this.#main) ? notLookedAt(error, this.#map) : error;
    }
  }

  #find(task: TaskReference): Promise<TaskKey> {
    const { limits, git } = this.#main.parts;
    return limits.reading(async () => {
      await git.open('read');
      return this.#reading.find(task);
    });
  }

  async #sendTo(
    { branch, project }: { readonly branch: string; readonly project: string | undefined },
    intent: Intent,
    options: SubmitOptions,
  ): Promise<Submitted> {
    this.#sayWhere(branch, project);
    const own =
      intent.kind === 'claim' && project !== undefined
        ? narrowed(intent, { project, ...given({ id: intent.task?.id }) })
        : intent;
    if (intent.kind !== 'add' || branch === this.#map.main) return this.#send(branch, own, options);
    try {
      return await this.#send(branch, own, options);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'branch-missing') throw error;
      // The first task of the project makes its branch.
      return this.#addEverywhere(intent, options);
    }
  }

  async #send(branch: string, intent: Intent, options: SubmitOptions): Promise<Submitted> {
    try {
      return this.#noted(branch, await this.#queues.of(branch).submit(intent, options));
    } catch (error) {
      if (unansweredIn(error, intent.request) === undefined) this.#sent.delete(intent.request);
      else this.#sent.set(intent.request, { branch, intent });
      throw error;
    }
  }

  #noted(branch: string, submitted: Submitted): Submitted {
    const { commit } = submitted;
    if (commit !== undefined && branch !== this.#map.main) this.#commits.set(commit, branch);
    return branch === this.#map.main ? submitted : { ...submitted, branch };
  }

  /** Reads the settings on the main branch again. */
  #learn(): Promise<void> {
    return this.#main.parts.limits.reading(async () => {
      await this.#main.parts.git.open('read');
      await this.#reading.look();
    });
  }

  /** Says once for each branch why it is used although another is named. */
  #sayWhere(branch: string, project: string | undefined): void {
    if (!isAlone(this.#main) || branch === this.#map.main || this.#said.has(branch)) return;
    this.#said.add(branch);
    const message = `${project} lives on the branch ${branch}, as the settings on ${this.#map.main} say: going there`;
    this.#main.parts.options.onEvent({ kind: 'warning', message });
  }

  /** A project that a branch does not have may be misspelt: the names of all branches are known here. */
  async #explained(error: Failure, intent: Intent): Promise<unknown> {
    if (error.code === 'branch-missing') return missingBranch(error, intent, this.#map);
    if (error.code !== 'unknown-project') return error;
    const reader = await this.read();
    return reader.rehearse(intent).then(
      () => error,
      (better: unknown) => (better instanceof Failure && better.code === error.code ? better : error),
    );
  }

  /** The branches that an intent about all projects concerns. */
  #visible(): readonly string[] {
    return isAlone(this.#main) ? [this.#map.main] : this.#map.ownership.branches;
  }

  #currentTips(): Tips {
    if (this.#map.ownership.isSingle || isAlone(this.#main)) return this.#main.tips;
    const { options, meet } = this.#main.parts;
    this.#tipsOfAll ??= tipWatchOf(options, meet('tips-of-all'), tipsOfAll(this.#queues));
    return this.#tipsOfAll;
  }
}

/** Failures that may only mean that a project lives elsewhere by now. */
const MAY_BE_ELSEWHERE: ReadonlySet<Failure['code']> = new Set([
  'other-branch',
  'unknown-project',
  'branch-missing',
  'nothing-claimable',
]);

/** Whether it may have to be carried out on several branches. */
function mayHaveParts({ kind }: Intent): boolean {
  return kind === 'add' || kind === 'unblock' || kind === 'release-stalled';
}

/** Whether only the branch that the user named is looked at. */
function isAlone({ parts }: OpenedQueue): boolean {
  return parts.options.reach === 'this-branch';
}
