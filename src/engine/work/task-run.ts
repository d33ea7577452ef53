import { given } from '../../domain/base/given.ts';
import { quote } from '../../domain/base/names.ts';
import { type Content, changedIn } from '../../domain/changing/content.ts';
import type { AtStep } from '../base/crash-points.ts';
import { type Attended, Attending, type RunLimits, wordsOfRun } from './attending.ts';
import { isElsewhere, wordsOf } from './faults.ts';
import { isDone, type TaskResult } from './job.ts';
import type { LastWords } from './last-words.ts';
import type { Lease } from './lease.ts';
import { LimitWait } from './limit-wait.ts';
import { limitAfterInterrupt, orAborted } from './shutdown.ts';
import type { UntilAnsweredOptions } from './submit-until-answered.ts';
import { FAILED_CHECK, type Result, TaskReport } from './task-report.ts';
import type { CommandSaid, Workspace, Workspaces } from './workspace.ts';

/** How one task is worked on. */
export interface TaskRules extends RunLimits {
  /** Runs after the first; after them the task is blocked. undefined: one run, and the task is given back as it was. */
  readonly retries: number | undefined;
  readonly retryDelayMs: number;
  /** What a success makes of the task; absent: it is completed. */
  readonly success?: 'review';
  /** Absent: nothing that the command printed goes into a commit. */
  readonly lastWords?: LastWords;
  /** Values that must not be in a commit, whatever they look like; absent: none are known. */
  readonly secrets?: readonly string[];
}

export interface TaskRunOptions extends UntilAnsweredOptions {
  readonly rules: TaskRules;
  readonly workspaces: Workspaces;
  /** Asks the queue whether the claim stands, and ends the lease if not. Never throws. */
  readonly stands?: ((lease: Lease) => Promise<void>) | undefined;
  /** Absent outside of tests. */
  readonly at?: AtStep | undefined;
}

/** What a run of the command, with the checks after it, comes to. */
type Verdict =
  | { readonly kind: 'done' }
  /** Others have changed the task, and the command was stopped for that. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'lost'; readonly exitCode: number | undefined }
  | { readonly kind: 'interrupted'; readonly exitCode: number | undefined }
  | { readonly kind: 'deferred'; readonly exitCode: number; readonly retryAt?: number }
  | {
      readonly kind: 'failed';
      /** Completes the sentence "it ...". */
      readonly reason: string;
      readonly exitCode: number | undefined;
      /** Last lines of what failed. */
      readonly output: readonly string[];
      /** `useless`: the command cannot be started. */
      readonly again: 'possible' | 'useless';
    };

/** EX_TEMPFAIL of sysexits.h: the command cannot work now, whatever the task. */
const NOT_NOW = 75;

/**
 * Works on a claimed task until this worker is done with it: completed, given back, or lost. The caller must keep the
 * lease renewed meanwhile.
 */
export async function workOn(lease: Lease, options: TaskRunOptions): Promise<TaskResult> {
  const { job } = lease;
  const startedAt = options.clock.now();
  const run = new TaskRun(lease, options);
  let workspace: Workspace | undefined;
  let result: Result;
  try {
    workspace = await run.opened();
    result = await run.toTheEnd(workspace);
  } catch (error) {
    result = await run.giveUp(error);
  }
  const ended = { ...result, elapsedMs: options.clock.now() - startedAt };
  const left = (await workspace?.clear(isDone(result) ? 'completed' : 'unfinished', ended)) ?? {};
  return { job, ...ended, left };
}

class TaskRun {
  readonly #lease: Lease;
  readonly #options: TaskRunOptions;
  readonly #attending: Attending;
  readonly #report: TaskReport;

  constructor(lease: Lease, options: TaskRunOptions) {
    this.#lease = lease;
    this.#options = options;
    this.#attending = new Attending(lease, options);
    this.#report = new TaskReport(lease, options);
  }

  /** Makes the workspace that the command needs. A worker that was told to end does not wait for one that hangs. */
  async opened(): Promise<Workspace> {
    const { workspaces } = this.#options;
    const limitWait = new LimitWait(this.#lease, this.#options);
    for (;;) {
      const limit = limitAfterInterrupt(this.#options);
      try {
        return await orAborted(workspaces.open(this.#lease.job), limit.signal);
      } catch (error) {
        if (!(await limitWait.wait(error))) throw error;
      } finally {
        limit.release();
      }
    }
  }

  /**
   * The task could not be worked on at all. If the cause is this machine or our end, that says nothing about the task.
   */
  giveUp(error: unknown): Promise<Result> {
    const { interrupt } = this.#options;
    if (interrupt.aborted) return this.#interrupted(0, undefined);
    if (this.#lease.gone.aborted) return this.#lost(0, undefined);
    const none = { reason: wordsOf(error), exitCode: undefined, attempts: 0 };
    if (isElsewhere(error)) {
      return this.#report.giveBack({ ...none, outcome: 'no-room', failure: error });
    }
    return this.#report.giveBack({ ...none, outcome: 'failed' });
  }

  async toTheEnd(workspace: Workspace): Promise<Result> {
    const { rules, interrupt, clock, onEvent } = this.#options;
    const { job } = this.#lease;
    this.#hearOfChanges(workspace);
    const runs = 1 + (rules.retries ?? 0);
    for (let attempt = 1; ; attempt++) {
      if (interrupt.aborted) return this.#interrupted(attempt - 1, undefined);
      if (this.#lease.gone.aborted) return this.#lost(attempt - 1, undefined);
      onEvent({ kind: 'running', job, attempt });
      const verdict = await this.#try(workspace, attempt);
      if (verdict.kind === 'done') return this.#report.done(attempt);
      if (verdict.kind === 'changed') {
        // It is the same try, of another task.
        attempt--;
        continue;
      }
      if (verdict.kind === 'lost') return this.#lost(attempt, verdict.exitCode);
      if (verdict.kind === 'interrupted') return this.#interrupted(attempt, verdict.exitCode);
      if (verdict.kind === 'deferred') return this.#deferred(attempt, verdict);
      const { reason, exitCode, output, again } = verdict;
      if (attempt >= runs || again === 'useless') {
        const unfinished = { reason, exitCode, attempts: attempt, output };
        if (again === 'useless') return this.#report.giveBack({ ...unfinished, outcome: 'failed' });
        const outcome = rules.retries === undefined ? 'failed' : 'blocked';
        return this.#report.giveBack({ ...unfinished, outcome, because: 'failed' });
      }
      // A command that has asked, or has completed its task, is not started again.
      await this.#options.stands?.(this.#lease);
      if (this.#lease.done.aborted) return this.#report.done(attempt);
      onEvent({ kind: 'retrying', job, attempt: attempt + 1, delayMs: rules.retryDelayMs, reason });
      const any = AbortSignal.any([interrupt, this.#lease.gone]);
      await clock.sleep(rules.retryDelayMs, any).catch(() => undefined);
    }
  }

  /** Gives the command the new text of the task whenever others have changed it, one change after the other. */
  #hearOfChanges({ content, refresh }: Workspace): void {
    if (content === undefined || refresh === undefined) return;
    const { onEvent } = this.#options;
    const { job } = this.#lease;
    let known: Content = content;
    let refreshing = Promise.resolve();
    this.#lease.onNews(content, () => {
      refreshing = refreshing
        .then(refresh)
        .then((now) => {
          const changed = now === undefined ? [] : changedIn(known, now);
          if (now === undefined || changed.length === 0) return;
          known = now;
          onEvent({ kind: 'changed', job, changed });
          this.#attending.changed();
        })
        .catch((error: unknown) => {
          onEvent({ kind: 'warning', agent: job.agent, message: `its task has changed, but: ${wordsOf(error)}` });
        });
    });
  }

  /** One run of the command, and of the checks if it succeeds. */
  async #try(workspace: Workspace, attempt: number): Promise<Verdict> {
    const { at, onEvent } = this.#options;
    const own = await this.#attending.run(() => {
      const running = workspace.start(attempt);
      at?.('working');
      return running;
    });
    at?.('worked');
    const failed = this.#verdictOn(own);
    const said = await this.#heard(workspace);
    const isNotNow = failed?.kind === 'failed' && failed.exitCode === NOT_NOW && own.stoppedBy === undefined;
    if (isNotNow) return { kind: 'deferred', exitCode: NOT_NOW, ...given({ retryAt: said.retryAt }) };
    if (failed !== undefined) return failed;
    const reason = await workspace.lacking();
    if (reason !== undefined) return { kind: 'failed', reason, exitCode: 0, output: outputOf(own), again: 'possible' };
    for (const check of workspace.checks) {
      onEvent({ kind: 'checking', job: this.#lease.job, check });
      const unchecked = this.#verdictOn(await this.#attending.run(() => workspace.startCheck(check), 'check'));
      if (unchecked?.kind === 'failed') {
        const reason = `${FAILED_CHECK}${quote(check)} (it ${unchecked.reason})`;
        return { ...unchecked, reason, again: 'possible' };
      }
      if (unchecked !== undefined) return unchecked;
    }
    return { kind: 'done' };
  }

  /** @returns undefined if the run succeeded */
  #verdictOn(attended: Attended): Exclude<Verdict, { kind: 'done' }> | undefined {
    const { end, stoppedBy } = attended;
    const exitCode = end.kind === 'exited' ? end.code : undefined;
    if (stoppedBy === 'lost') return { kind: 'lost', exitCode };
    if (stoppedBy === 'changed') return { kind: 'changed' };
    if (stoppedBy === 'interrupt') return { kind: 'interrupted', exitCode };
    const reason = wordsOfRun(attended, this.#options.rules);
    if (reason === undefined) return undefined;
    const again = end.kind === 'not-started' ? 'useless' : 'possible';
    return { kind: 'failed', reason, exitCode, output: outputOf(attended), again };
  }

  /** Takes note of what the command says about its work. A field that cannot be used does not fail its work. */
  async #heard(workspace: Workspace): Promise<CommandSaid> {
    const { agent } = this.#lease.job;
    const said = await workspace.said();
    for (const message of said.problems) this.#options.onEvent({ kind: 'warning', agent, message });
    this.#report.note(said);
    return said;
  }

  #interrupted(attempts: number, exitCode: number | undefined): Promise<Result> {
    return this.#report.giveBack({ outcome: 'interrupted', reason: 'the worker was told to end', exitCode, attempts });
  }

  #deferred(attempts: number, { exitCode, retryAt }: Extract<Verdict, { kind: 'deferred' }>): Promise<Result> {
    const reason = `cannot work now (ended with ${exitCode})`;
    return this.#report.giveBack({ outcome: 'deferred', reason, exitCode, attempts, ...given({ retryAt }) });
  }

  async #lost(attempts: number, exitCode: number | undefined): Promise<Result> {
    const reason = String(this.#lease.gone.reason);
    if (!this.#lease.mayBeOurs) {
      return { outcome: 'lost', reason, exitCode, attempts, commit: undefined, unblocked: [] };
    }
    // If the claim is still ours after all, nobody needs to wait until it counts as stalled.
    return this.#report.giveBack({ outcome: 'lost', reason, exitCode, attempts }).then((result) => ({
      ...result,
      outcome: 'lost',
      reason,
    }));
  }
}

function outputOf({ end }: Attended): readonly string[] {
  return end.kind === 'not-started' ? [] : end.output;
}
