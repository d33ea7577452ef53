import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { Ownership } from '../../domain/branches/ownership.ts';
import { decide } from '../../domain/deciding/decide.ts';
import type { AddIntent } from '../../domain/intents/intent.ts';
import type { Outcome } from '../../domain/intents/outcome.ts';
import type { QueueSnapshot } from '../../domain/queue/snapshot.ts';
import type { PushOutcome, RefUpdate } from '../../git/answers/push-outcome.ts';
import { failureOf } from '../base/refusal.ts';
import { pushFailure, RetryableFailure, retryable } from '../base/retryable.ts';
import { unanswered } from '../base/unanswered.ts';
import type { GitSide } from '../open/git-side.ts';
import type { SubmitOptions } from '../queue/queue.ts';
import type { Submitted } from '../queue/submitted.ts';
import { carriedOutSince, outcomeOf } from '../transaction/recall.ts';
import { scopeOf } from '../transaction/scope.ts';
import { readSnapshot } from '../transaction/tip.ts';
import { retrying } from '../transaction/transaction.ts';
import { type Branches, type BranchReading, type ReadBranches, refOf } from './reading.ts';
import { requestOn } from './routes.ts';

/** The tasks of one branch. */
interface Part {
  readonly branch: string;
  readonly intent: AddIntent;
  /** Places of its tasks in the whole input. */
  readonly places: readonly number[];
}

/** A part that is on its branch, or is about to be. */
interface Done {
  readonly part: Part;
  readonly outcome: Extract<Outcome, { kind: 'added' }>;
  /** undefined: there was nothing to change. */
  readonly commit: string | undefined;
}

/**
 * Adds tasks of projects on several branches: one commit per branch, in one atomic push if the server can. Else one
 * branch after the other; what has landed is then found again by its request, and is not added twice. A branch that
 * does not exist yet is made from the main one.
 *
 * @throws Failure if a part is refused: then nothing is pushed. If only some have landed, it says which
 */
export function addEverywhere(
  reading: BranchReading,
  branches: Branches,
  intent: AddIntent,
  options: SubmitOptions,
): Promise<Submitted> {
  return new Adding(reading, branches, intent, options).run();
}

class Adding {
  readonly #reading: BranchReading;
  readonly #branches: Branches;
  readonly #intent: AddIntent;
  /** Tips from which the commits of earlier pushes must be looked for, by branch. */
  readonly #bases = new Map<string, string>();
  readonly #isAgain: boolean;
  #rejected = 0;
  #landed: readonly Done[] = [];

  constructor(reading: BranchReading, branches: Branches, intent: AddIntent, { again }: SubmitOptions) {
    this.#reading = reading;
    this.#branches = branches;
    this.#intent = intent;
    this.#isAgain = again !== undefined;
  }

  async run(): Promise<Submitted> {
    const { clock, backoff } = this.#branches.options;
    const startedAt = clock.now();
    const { engine } = (await this.#branches.side(this.#reading.map.main)).carrier;
    try {
      const { done, attempts } = await retrying(engine, {
        attempt: async (number) => ({ done: await this.#attempt(number), attempts: number }),
      });
      const first = done.find(({ commit }) => commit !== undefined);
      const outcome = {
        kind: 'added' as const,
        tasks: inOrder(done),
        notices: done.flatMap((one) => one.outcome.notices),
      };
      const commits = done.flatMap(({ part, commit }) =>
        commit === undefined ? [] : [{ branch: part.branch, commit }],
      );
      return {
        outcome,
        commit: first?.commit,
        base: undefined,
        ...given({ branch: first?.part.branch === this.#reading.map.main ? undefined : first?.part.branch }),
        ...(commits.length > 1 ? { commits } : {}),
        attempts,
        rejectedPushes: this.#rejected,
        backoffBaseMs: backoff.baseMs,
        elapsedMs: clock.now() - startedAt,
      };
    } catch (error) {
      throw this.#lastWord(error);
    }
  }

  async #attempt(number: number): Promise<readonly Done[]> {
    const { clock, signal } = this.#branches.options;
    signal.throwIfAborted();
    const { main } = this.#reading.map;
    const scope = scopeOf([this.#intent], clock.now());
    const read = await this.#reading.read(scope);
    const parts = partsOf(this.#intent, read, main);
    const done: Done[] = [];
    const updates: RefUpdate[] = [];
    const toPush: Done[] = [];
    for (const part of parts) {
      const side = await this.#branches.side(part.branch);
      const { engine } = side.carrier;
      const tip = read.tips.get(part.branch);
      const earlier = tip === undefined ? undefined : await this.#earlier(side, part, tip);
      if (earlier !== undefined) {
        done.push(earlier);
        continue;
      }
      const from = tip ?? read.tips.get(main) ?? '';
      const snapshot = read.snapshots.get(part.branch) ?? (await readSnapshot(engine, from, scope));
      const { decided, commits } = await built(side, snapshot, part, clock.now());
      if (decided.kind === 'refused') throw failureOf(decided.refusal);
      if (decided.outcome.kind !== 'added') throw new Error(`tasks to add became ${decided.outcome.kind}`);
      const commit = commits.at(-1);
      toPush.push({ part, outcome: decided.outcome, commit });
      if (commit !== undefined) updates.push({ ref: refOf(part.branch), expected: tip, to: commit });
    }
    this.#landed = done;
    await this.#push(updates, toPush, read, number);
    return [...done, ...toPush];
  }

  /** What an earlier push of this part has left on its branch. */
  async #earlier({ carrier: { engine } }: GitSide, part: Part, tip: string): Promise<Done | undefined> {
    const base = this.#bases.get(part.branch);
    if (base === tip || (base === undefined && !this.#isAgain)) return undefined;
    const { request } = part.intent;
    const since = base === undefined ? 'the beginning' : [base];
    const found = (await carriedOutSince(engine, tip, since, [request])).get(request);
    if (found === undefined) return undefined;
    const outcome = await outcomeOf(engine, part.intent, found);
    if (outcome.kind !== 'added') throw new Failure('usage', `request ${request} belongs to something else`);
    return { part, outcome, commit: found.commit };
  }

  async #push(
    updates: readonly RefUpdate[],
    parts: readonly Done[],
    read: ReadBranches,
    number: number,
  ): Promise<void> {
    if (updates.length === 0) return;
    const side = await this.#branches.side(this.#reading.map.main);
    const { engine } = side.carrier;
    const { store, abilities } = side.parts;
    // Without a remote, a push is always all or nothing.
    const isAtomic = side.parts.remote === undefined || (await abilities.canPushAtomically());
    await engine.critical.run(async () => {
      for (const some of isAtomic ? [updates] : updates.map((one) => [one])) {
        const outcome = await store
          .push(some, { ...(some.length > 1 ? { atomic: true } : {}), signal: engine.cut })
          .catch((error: unknown) => {
            this.#suspect(some, read);
            throw error;
          });
        if (outcome.kind === 'landed') {
          this.#landed = [...this.#landed, ...parts.filter(({ commit }) => some.some(({ to }) => to === commit))];
          continue;
        }
        if (outcome.kind === 'refused' && outcome.reason === 'no-atomic') {
          await abilities.rememberNoAtomic();
          throw new RetryableFailure('retries-exhausted', outcome.words, outcome.words, 'try again');
        }
        if (!isCertain(outcome)) this.#suspect(some, read);
        // What has landed of the others is found again by the next try.
        if (this.#landed.length > 0) this.#suspect(updates, read);
        if (outcome.kind === 'rejected') this.#rejected++;
        throw pushFailure(outcome, number);
      }
    });
  }

  /** From now on, the commits are looked for before anything is tried again. */
  #suspect(updates: readonly RefUpdate[], { tips }: ReadBranches): void {
    for (const { ref } of updates) {
      const branch = ref.replace('refs/heads/', '');
      // A branch that was about to be made holds the history of the main one.
      const base = tips.get(branch) ?? tips.get(this.#reading.map.main);
      if (base !== undefined && !this.#bases.has(branch)) this.#bases.set(branch, base);
    }
  }

  /** The failure, with what is known of the parts: what landed stays, and the same request again does the rest. */
  #lastWord(error: unknown): unknown {
    if (!(error instanceof Failure)) return error;
    const { request } = this.#intent;
    const landed = this.#landed.flatMap(({ part, commit }) =>
      commit === undefined ? [] : [{ branch: part.branch, commit }],
    );
    if (landed.length === 0) {
      const base = [...this.#bases.values()][0];
      return unanswered(error, { intent: this.#intent, base });
    }
    const names = landed.map(({ branch }) => branch).join(', ');
    return new Failure(error.code, `${error.message}; the tasks on ${names} were added, the others were not`, {
      hint: `run the same again with --request ${request}: that adds the others, and nothing twice`,
      details: { ...error.details, request, landed },
      cause: error,
    });
  }
}

/** Whether it is known that the push has not landed. */
function isCertain({ kind }: PushOutcome): boolean {
  return kind === 'rejected' || kind === 'refused' || kind === 'local';
}

/** Decides a part on its branch, and builds its commits. */
async function built({ carrier: { engine } }: GitSide, snapshot: QueueSnapshot, part: Part, now: number) {
  const { commits: drafts, decisions } = decide(snapshot, [part.intent], now);
  const [decided] = decisions;
  if (decided === undefined) throw new Error('one intent, no decision');
  const commits = drafts.length === 0 ? [] : await retryable(() => engine.store.build(snapshot, drafts, now));
  return { decided, commits };
}

/** The tasks of each branch, in the order of the branches. */
function partsOf(intent: AddIntent, { ownership, snapshots }: ReadBranches, main: string): readonly Part[] {
  const project = intent.project ?? onlyProject(snapshots);
  const places = new Map<string, number[]>();
  for (const [index, task] of intent.tasks.entries()) {
    const own = task.project ?? project;
    const branch = own === undefined ? main : ownership.branchOf(own);
    places.set(branch, [...(places.get(branch) ?? []), index]);
  }
  return inOrderOf(ownership, [...places]).map(([branch, indexes]) => ({
    branch,
    intent: {
      ...intent,
      request: branch === main ? intent.request : requestOn(branch, intent.request),
      tasks: indexes.flatMap((index) => intent.tasks[index] ?? []),
      ...given({ project }),
    },
    places: indexes,
  }));
}

function inOrderOf<T>({ branches }: Ownership, all: readonly [string, T][]): readonly [string, T][] {
  return [...all].sort(([a], [b]) => branches.indexOf(a) - branches.indexOf(b));
}

/** The project of a queue that has only one, wherever it lives. */
function onlyProject(snapshots: ReadonlyMap<string, QueueSnapshot>): string | undefined {
  const [only, second] = new Set([...snapshots.values()].flatMap(({ projects }) => [...projects.keys()]));
  return second === undefined ? only : undefined;
}

function inOrder(done: readonly Done[]): Extract<Outcome, { kind: 'added' }>['tasks'] {
  return done
    .flatMap(({ part, outcome }) => outcome.tasks.map((task, at) => ({ place: part.places[at] ?? 0, task })))
    .sort((a, b) => a.place - b.place)
    .map(({ task }) => task);
}
