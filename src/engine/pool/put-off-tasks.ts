import { doublingPause } from '../../domain/base/doubling-pause.ts';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, OWN_TIMES } from '../../domain/leases/own-failures.ts';

/** Most tasks that a claim can leave alone. */
const MOST = 1_000;

/** When an agent that finds nothing may be offered something again. */
export interface Wake {
  /** ms since the epoch. */
  readonly at: number;
  /**
   * `pool`: it would be new to this agent, so the pool waits for it; `agent`: only the agent does, if it waits at all.
   */
  readonly for: 'pool' | 'agent';
}

interface PutOff {
  readonly failures: number;
  readonly by: ReadonlySet<string>;
  /** When others may try, and when those who failed may (ms since the epoch). */
  readonly until: number;
  readonly ownUntil: number;
}

/**
 * Tasks that agents of this process have failed at or put off: they are offered again, but not at once, and to others
 * first. The queue counts how often a task may fail at all.
 */
export class PutOffTasks {
  readonly #again: 'others' | 'anybody';
  /** The task that was put off last comes last. */
  readonly #tasks = new Map<string, PutOff>();

  /** @param again who may try a failed task later: only agents that have not, or the same ones too */
  constructor(again: 'others' | 'anybody') {
    this.#again = again;
  }

  /** @param task as `project/TASK-ID` */
  failed(task: string, agent: string, now: number): void {
    const before = this.#tasks.get(task);
    const failures = (before?.failures ?? 0) + 1;
    const pause = doublingPause(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, failures);
    const by = new Set(before?.by).add(agent);
    const ownUntil = this.#again === 'others' ? Number.POSITIVE_INFINITY : now + OWN_TIMES * pause;
    this.#note(task, { failures, by, until: now + pause, ownUntil });
  }

  /** Nobody of this process is offered the task until then. */
  deferred(task: string, until: number): void {
    const { failures = 0, by = new Set<string>(), ownUntil = 0 } = this.#tasks.get(task) ?? {};
    this.#note(task, { failures, by, until, ownUntil: Math.max(ownUntil, until) });
  }

  /** The task is completed, or blocked: if it comes back, somebody wants it tried. */
  settled(task: string): void {
    this.#tasks.delete(task);
  }

  /** Tasks that the agent is not offered now. */
  exceptFor(agent: string, now: number): string[] {
    return [...this.#tasks].filter(([, putOff]) => untilFor(putOff, agent) > now).map(([task]) => task);
  }

  /** When the next of them may be offered to the agent; undefined: never, as far as is known here. */
  wakeFor(agent: string, now: number): Wake | undefined {
    let at = Number.POSITIVE_INFINITY;
    let who: Wake['for'] = 'agent';
    for (const putOff of this.#tasks.values()) {
      const until = untilFor(putOff, agent);
      if (until <= now || until === Number.POSITIVE_INFINITY) continue;
      at = Math.min(at, until);
      if (putOff.failures > 0 && !putOff.by.has(agent)) who = 'pool';
    }
    return at === Number.POSITIVE_INFINITY ? undefined : { at, for: who };
  }

  #note(task: string, putOff: PutOff): void {
    this.#tasks.delete(task);
    this.#tasks.set(task, putOff);
    const [oldest] = this.#tasks.keys();
    if (this.#tasks.size > MOST && oldest !== undefined) this.#tasks.delete(oldest);
  }
}

function untilFor({ by, until, ownUntil }: PutOff, agent: string): number {
  return by.has(agent) ? ownUntil : until;
}
