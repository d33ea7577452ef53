import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import {
  type CompleteIntent,
  MOST_COST_USD,
  type ReleaseIntent,
  type ReviewIntent,
  type WorkReport,
} from '../../domain/intents/intent.ts';
import type { Outcome } from '../../domain/intents/outcome.ts';
import { formatKey, type TaskKey } from '../../domain/queue/task.ts';
import { maskSecrets } from '../../domain/secrets/mask.ts';
import { isClaimGone, questionIn, wordsOf } from './faults.ts';
import type { TaskResult } from './job.ts';
import { type LastWords, lastWordsOf, oneLine } from './last-words.ts';
import type { Lease } from './lease.ts';
import { submitUntilAnswered, type UntilAnsweredOptions } from './submit-until-answered.ts';
import type { CommandSaid } from './workspace.ts';

/** What became of a task, without what its caller knows. */
export type Result = Omit<TaskResult, 'job' | 'elapsedMs' | 'left'>;

/** What is known of a task that is given back. */
export type Unfinished = Pick<Result, 'outcome' | 'reason' | 'exitCode' | 'attempts' | 'failure' | 'retryAt'> & {
  readonly output?: readonly string[];
  /** `failed`: the command was run and failed, which counts against the task. */
  readonly because?: 'failed';
};

export interface TaskReportOptions extends UntilAnsweredOptions {
  readonly rules: {
    readonly lastWords?: LastWords;
    readonly success?: 'review';
    /** Values that must not be in a commit, whatever they look like; absent: none are known. */
    readonly secrets?: readonly string[];
  };
}

/** How the reason begins that quotes a check. A command line may have a token in it. */
export const FAILED_CHECK = 'failed the check ';

/** Tells the queue what became of a task, and what its command said about the work. */
export class TaskReport {
  readonly #lease: Lease;
  readonly #options: TaskReportOptions;
  #report: WorkReport | undefined;
  #prUrl: string | undefined;

  constructor(lease: Lease, options: TaskReportOptions) {
    this.#lease = lease;
    this.#options = options;
  }

  /** Takes note of what one attempt said: costs add up; of everything else, the last value counts. */
  note({ summary = this.#report?.summary, costUsd, tokens, prUrl }: CommandSaid): void {
    const sum = (before: number | undefined, more: number | undefined, most: number): number | undefined =>
      before === undefined ? more : Math.min(before + (more ?? 0), most);
    const report = given({
      summary,
      costUsd: sum(this.#report?.costUsd, costUsd, MOST_COST_USD),
      tokens: sum(this.#report?.tokens, tokens, Number.MAX_SAFE_INTEGER),
    });
    this.#report = Object.keys(report).length === 0 ? undefined : report;
    this.#prUrl = prUrl ?? this.#prUrl;
  }

  /** The work is done: completes the task, or puts it into review. */
  async done(attempts: number): Promise<Result> {
    const done = { exitCode: 0, attempts, ...this.#said() };
    const ending = { ...this.#ending(), ...given({ prUrl: this.#prUrl }) };
    if (this.#lease.question !== undefined) return { ...done, ...asked(this.#lease.question) };
    const isForReview = this.#options.rules.success === 'review';
    const intent: CompleteIntent | ReviewIntent = isForReview
      ? { kind: 'review', ...ending }
      : { kind: 'complete', ...ending, inReview: 'leave' };
    try {
      const { outcome, commit } = await submitUntilAnswered(intent, this.#lease, this.#options);
      const unblocked = outcome.kind === 'completed' ? outcome.unblocked.map(({ key }) => key) : [];
      return { ...settledBy(outcome), reason: undefined, ...done, ...prUrlOf(outcome), commit, unblocked };
    } catch (error) {
      const question = this.#asked(error);
      if (question !== undefined) return { ...asked(question), ...done };
      const outcome = isClaimGone(error) ? 'lost' : 'unsettled';
      return {
        outcome,
        reason: `it could not be ${isForReview ? 'put into review' : 'completed'}: ${wordsOf(error)}`,
        ...(error instanceof Failure ? { failure: error } : {}),
        ...done,
        commit: undefined,
        unblocked: [],
      };
    }
  }

  /**
   * Gives the task back, or blocks it; the queue blocks it too, if workers have failed at it too often. What the
   * command has put into review itself stays there.
   */
  async giveBack({ output = [], because, ...unfinished }: Unfinished): Promise<Result> {
    const { outcome, reason = '', attempts } = unfinished;
    const said = saidOf(outcome);
    if (said !== undefined) this.#options.onEvent({ kind: 'giving-back', job: this.#lease.job, because: said });
    const lines = lastWordsOf(output, this.#options.rules.lastWords);
    const masked = oneLine(reason.startsWith(FAILED_CHECK) ? this.#masked(reason) : reason);
    const intent: ReleaseIntent = {
      kind: 'release',
      ...this.#ending(),
      inReview: 'leave',
      reason: masked,
      ...given({ because }),
      ...(lines.length === 0 || outcome === 'interrupted' ? {} : { output: lines }),
      ...(outcome === 'blocked' ? { blockedReason: blockedReason(masked, attempts, this.#lease.job.task) } : {}),
    };
    try {
      const { commit, outcome: told } = await submitUntilAnswered(intent, this.#lease, this.#options);
      const settled = { ...unfinished, ...this.#said(), commit, unblocked: [] };
      if (told.kind === 'reviewed') {
        return { ...settled, outcome: 'review', reason: `its command had put it there before (${reason})` };
      }
      if (because === undefined || told.kind !== 'released') return settled;
      const { isBlocked, failures } = told;
      return { ...settled, outcome: isBlocked ? 'blocked' : outcome, ...given({ failures }) };
    } catch (error) {
      const nothing = { ...unfinished, ...this.#said(), commit: undefined, unblocked: [] };
      const question = this.#asked(error);
      if (question !== undefined) return { ...nothing, ...asked(question) };
      // The command or somebody else has given the task back already: that is just as good.
      if (isClaimGone(error)) return outcome === 'interrupted' ? nothing : goneBefore(nothing, error);
      const failure = error instanceof Failure ? { failure: error } : {};
      const said = `${reason}; it could not be given back: ${wordsOf(error)}`;
      return { ...nothing, ...failure, outcome: 'unsettled', reason: said };
    }
  }

  #asked(error: unknown): string | undefined {
    return this.#lease.question ?? questionIn(error, this.#lease);
  }

  #ending() {
    const { agent, task, claimId } = this.#lease.job;
    const summary = this.#report?.summary;
    const report =
      this.#report && summary !== undefined ? { ...this.#report, summary: this.#masked(summary) } : this.#report;
    return { request: this.#options.random.id(), agent, task, claimId, ...given({ report }) };
  }

  /** What a command wrote, or was called with, as it may leave this machine. */
  #masked(text: string): string {
    return maskSecrets(text.split('\n'), this.#options.rules.secrets).join('\n');
  }

  #said(): Pick<Result, 'report'> {
    return given({ report: this.#report });
  }
}

/** The end of a claim whose owner asked something. */
export function asked(question: string): Pick<Result, 'outcome' | 'reason' | 'commit' | 'unblocked'> {
  return { outcome: 'asked', reason: `asked: ${question}`, commit: undefined, unblocked: [] };
}

function settledBy(outcome: Outcome): Pick<Result, 'outcome'> {
  return { outcome: outcome.kind === 'reviewed' ? 'review' : 'completed' };
}

function prUrlOf(outcome: Outcome): Pick<Result, 'prUrl'> {
  return outcome.kind === 'reviewed' || outcome.kind === 'completed' ? given({ prUrl: outcome.prUrl }) : {};
}

function goneBefore(result: Result, error: Failure): Result {
  return {
    ...result,
    outcome: result.outcome === 'lost' ? 'lost' : 'failed',
    reason: `${result.reason}; ${error.message}`,
  };
}

/** What the end says about the command; undefined: nothing. */
function saidOf(outcome: Result['outcome']): 'failed' | 'deferred' | undefined {
  if (outcome === 'deferred') return outcome;
  return outcome === 'failed' || outcome === 'blocked' ? 'failed' : undefined;
}

/** Without colon or comma, so that it needs no quotes in either notation. */
function blockedReason(reason: string, attempts: number, task: TaskKey): string {
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  const last = reason.replace(/[:,]/g, ' -');
  return `failed ${times} - ${last} - free it with agentq unblock --task ${formatKey(task)}`;
}
