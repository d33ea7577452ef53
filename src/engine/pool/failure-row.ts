import { Failure } from '../../domain/base/failure.ts';
import { formatKey } from '../../domain/queue/task.ts';
import { isDone, type TaskResult } from '../work/job.ts';

/** If this many tasks fail in a row, this soon (ms) after the start, the tasks are not the cause. */
const MOST_EARLY = 5;
const EARLY_MS = 120_000;

/** So many later, if each fails this fast (ms): a login has expired, or a tool is gone. */
const MOST_QUICK = 20;
const QUICK_MS = 60_000;

/**
 * Tells a broken set-up from tasks that fail. Tasks count, not tries: a pool that tries its one hopeless task again has
 * learnt nothing about the others.
 */
export class FailureRow {
  readonly #startedAt: number;
  readonly #agents: number;
  readonly #row = new Set<string>();
  /** Those of the row since the last one that took longer. */
  readonly #quick = new Set<string>();
  #hasSucceeded = false;

  /** @param startedAt ms since the epoch */
  constructor(startedAt: number, agents: number) {
    this.#startedAt = startedAt;
    this.#agents = agents;
  }

  /** @returns why the pool must end; undefined: it goes on */
  note(result: TaskResult, now: number): Failure | undefined {
    const { outcome, reason = '', elapsedMs } = result;
    if (isDone(result)) {
      this.#hasSucceeded = true;
      this.#row.clear();
      this.#quick.clear();
    }
    if (outcome !== 'failed' && outcome !== 'blocked') return undefined;
    const task = formatKey(result.job.task);
    this.#row.add(task);
    if (elapsedMs <= QUICK_MS) this.#quick.add(task);
    else this.#quick.clear();
    // Many agents at work: the first to end are those that fail, and the others may yet succeed.
    const early = this.#hasSucceeded ? Math.max(MOST_EARLY, this.#agents) : MOST_EARLY;
    if (now - this.#startedAt <= EARLY_MS && this.#row.size >= early) return broken(this.#row.size, reason);
    const quick = Math.max(MOST_QUICK, 2 * this.#agents);
    return this.#quick.size >= quick ? broken(this.#quick.size, reason) : undefined;
  }
}

function broken(tasks: number, reason: string): Failure {
  return new Failure('command-failed', `every command fails: ${tasks} tasks in a row, the last one ${reason}`, {
    hint: 'it may not be the tasks: run the command by hand, then start `agentq work` again',
  });
}
