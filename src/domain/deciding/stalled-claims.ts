import { given } from '../base/given.ts';
import { ORCHESTRATOR } from '../intents/intent.ts';
import type { TakenFrom } from '../intents/outcome.ts';
import { poolLimit, type SilenceLimit, stallsAt } from '../leases/staleness.ts';
import type { CommitDraft, FileWrite, TaskChange } from '../queue/edit.ts';
import { compareForClaiming, sortForClaiming } from '../queue/ordering.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import type { ClaimRoom } from '../rules/claim-room.ts';
import { giveBackEdits } from '../rules/give-back.ts';
import { ledgersAfter } from '../rules/ledger.ts';
import { changeOf, judgeStalled, type Stalled, stalledCommit } from './release-stalled.ts';

/** A claimed task that a claim may take. */
export interface Candidate {
  readonly entry: TaskEntry;
  /** undefined: it only looks stalled, and nobody has asked what else is known of its owner. */
  readonly stalled: Stalled | undefined;
}

/** A task that was taken from a silent agent, as it is after that. */
export interface TakenBack {
  readonly entry: TaskEntry;
  readonly from: TakenFrom;
}

/**
 * The stalled claims that claims may take, by the rules of `release-stalled`. Those that are wanted are given back in
 * one commit, in front of the claims.
 *
 * What a cheap look shows is only a suspicion. It is asked about when a claim would take the task: most suspicious
 * claims are far down in the order, and their owners may have renewed them by refs.
 */
export class StalledClaims {
  readonly #state: QueueState;
  readonly #room: ClaimRoom;
  readonly #now: number;
  #candidates: readonly Candidate[] | undefined;
  readonly #changes: TaskChange[] = [];
  readonly #files = new Map<string, FileWrite>();
  #request = '';
  #isAsked = false;

  /** @param room is told about what is given back; @param now milliseconds since the epoch */
  constructor(state: QueueState, room: ClaimRoom, now: number) {
    this.#state = state;
    this.#room = room;
    this.#now = now;
  }

  /** Whether a decision depends on more than a suspicion: it must be made again on a snapshot with witnesses. */
  get needsWitnesses(): boolean {
    return this.#isAsked;
  }

  /** How many claims were given back so far. */
  get count(): number {
    return this.#changes.length;
  }

  /**
   * Takes the best of the stalled tasks that is wanted and comes before `best` in the order of claims. Tasks on the way
   * that have stalled too often are blocked.
   * @param best the best task that is ready; undefined: there is none
   * @param request of the claim
   * @returns undefined if there is none
   */
  take(isWanted: (entry: TaskEntry) => boolean, best: TaskEntry | undefined, request: string): TakenBack | undefined {
    for (const { entry, stalled } of this.#inOrder()) {
      if (best !== undefined && compareForClaiming(best, entry) < 0) return undefined;
      if (!isWanted(entry) || !this.#isOpenOnceReleased(entry)) continue;
      if (stalled === undefined) {
        this.#isAsked = true;
        continue;
      }
      this.#giveBack(stalled, request);
      if (stalled.isBlocked) continue;
      const found = this.#state.lookup(entry.key);
      if (found.kind !== 'found') continue;
      const { task, silentMs, stalls } = stalled;
      return { entry: found.entry, from: { ...given({ agent: task.claim?.claimedBy }), silentMs, stalls } };
    }
    return undefined;
  }

  /**
   * Gives back one stalled claim that is in the way of others.
   * @param request of the claim
   * @returns false if there is none, as far as is known
   */
  makeRoom(isInTheWay: (entry: TaskEntry) => boolean, request: string): boolean {
    for (const { entry, stalled } of this.#inOrder()) {
      if (!isInTheWay(entry)) continue;
      if (stalled !== undefined) {
        this.#giveBack(stalled, request);
        return true;
      }
      this.#isAsked = true;
    }
    return false;
  }

  /** The commit that gives back what was taken; undefined: nothing was. */
  commit(): CommitDraft | undefined {
    if (this.#changes.length === 0) return undefined;
    const orchestrator = { agent: ORCHESTRATOR, request: `${this.#request}-stalled` };
    return stalledCommit(orchestrator, this.#changes, [...this.#files.values()], this.#limit.ms);
  }

  /** How long (ms) until the first of these claims counts as stalled, unless it is renewed; undefined: not known. */
  nextAmong(concerns: (entry: TaskEntry) => boolean): number | undefined {
    const { stalled } = this.#state;
    if (stalled === undefined) return undefined;
    let next: number | undefined;
    for (const entry of this.#state.inState('claimed')) {
      if (!concerns(entry)) continue;
      const at = stalled === 'witnessed' ? stallsAt(entry, this.#now, this.#limit) : entry.stallsAt;
      if (at !== undefined && at > this.#now) next = Math.min(next ?? at, at);
    }
    return next === undefined ? undefined : next - this.#now;
  }

  get #limit(): SilenceLimit {
    return poolLimit(this.#state.settings);
  }

  /** Those that are still claimed. */
  *#inOrder(): Generator<Candidate> {
    this.#candidates ??= this.#find();
    for (const candidate of this.#candidates) {
      const found = this.#state.lookup(candidate.entry.key);
      if (found.kind === 'found' && found.entry === candidate.entry) yield candidate;
    }
  }

  #find(): readonly Candidate[] {
    const { settings, stalled } = this.#state;
    if (settings.reclaim === 'off' || stalled === undefined || stalled === 'none') return [];
    const found = new Map<TaskEntry, Candidate>();
    for (const entry of this.#state.inState('claimed')) {
      if (stalled === 'witnessed') {
        const judged = judgeStalled(this.#state, entry, this.#limit, this.#now);
        if (judged !== undefined) found.set(entry, { entry, stalled: judged });
      } else if (entry.stallsAt !== undefined && entry.stallsAt <= this.#now && entry.reading.kind === 'read') {
        found.set(entry, { entry, stalled: undefined });
      }
    }
    return sortForClaiming([...found.keys()]).flatMap((entry) => found.get(entry) ?? []);
  }

  /** Whether the task can be claimed as soon as its claim is gone; a task that stalls too often is blocked instead. */
  #isOpenOnceReleased(entry: TaskEntry): boolean {
    if (entry.reading.kind !== 'read') return false;
    const { task } = entry.reading;
    const isReady = task.status === 'ready' || giveBackEdits(task).some(({ kind }) => kind === 'set-status');
    return isReady && this.#state.missing(entry).length === 0;
  }

  #giveBack(stalled: Stalled, request: string): void {
    const change = changeOf(stalled);
    for (const file of ledgersAfter(this.#state, [change])) this.#files.set(file.path, file);
    this.#state.apply(change);
    this.#room.remove(stalled.entry);
    this.#changes.push(change);
    if (this.#request === '') this.#request = request;
  }
}
