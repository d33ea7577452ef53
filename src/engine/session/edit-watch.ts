import type { Clock } from '../../domain/base/clock.ts';
import { given } from '../../domain/base/given.ts';
import { differences } from '../../domain/changing/differences.ts';
import { QueueState } from '../../domain/queue/queue-state.ts';
import type { Task, TaskState } from '../../domain/queue/task.ts';
import type { Queue } from '../queue/queue.ts';
import { pauseAfter } from '../work/faults.ts';
import type { Lease } from '../work/lease.ts';

/** Pause (ms) after a look: in a busy pool the branch moves many times a second. */
const REST_MS = 2_000;

export interface EditWatchOptions {
  readonly queue: Pick<Queue, 'tips' | 'read'>;
  readonly clock: Clock;
  /** What is held at this moment. */
  leases(): readonly Lease[];
  /** The task has changed. */
  onChanged(lease: Lease, fields: readonly string[]): void;
}

/**
 * Watches the branch for whoever holds claims, and tells what others write into their tasks. It shares the looks of the
 * process, and reads a tip only once it has moved.
 */
export class EditWatch {
  readonly #options: EditWatchOptions;
  /** What each task said last. */
  readonly #said = new Map<Lease, Task>();
  #over: AbortController | undefined;

  constructor(options: EditWatchOptions) {
    this.#options = options;
  }

  /** Watches from now on, until nothing is held. */
  begin(): void {
    if (this.#over !== undefined) return;
    const over = new AbortController();
    this.#over = over;
    void this.#watch(over.signal).catch(() => undefined);
  }

  stop(): void {
    this.#over?.abort();
    this.#over = undefined;
    this.#said.clear();
  }

  async #watch(over: AbortSignal): Promise<void> {
    const { queue, clock, leases } = this.#options;
    try {
      for (let failures = 0; leases().length > 0; ) {
        try {
          const seen = await queue.tips.look(over);
          await this.#look(over);
          failures = 0;
          await clock.sleep(REST_MS, over);
          await queue.tips.changed(seen, over);
        } catch {
          await clock.sleep(pauseAfter(failures++), over);
        }
      }
    } finally {
      if (this.#over?.signal === over) this.#over = undefined;
    }
  }

  async #look(over: AbortSignal): Promise<void> {
    const { leases, onChanged } = this.#options;
    const held = leases();
    for (const lease of this.#said.keys()) if (!held.includes(lease)) this.#said.delete(lease);
    // What the task said when it was claimed: an edit may have come between the claim and this look.
    for (const lease of held) if (!this.#said.has(lease)) await this.#remember(lease);
    const state = await this.#read(held);
    if (over.aborted) return;
    for (const lease of held) {
      const task = taskOf(state, lease);
      // Others report what became of a claim.
      if (task === undefined || !isOurs(task, lease) || !leases().includes(lease)) continue;
      const before = this.#said.get(lease);
      this.#said.set(lease, task);
      const fields = before === undefined ? [] : differences(before, task, lease.job.agent);
      if (fields.length > 0) onChanged(lease, fields);
    }
  }

  async #remember(lease: Lease): Promise<void> {
    const { commit } = lease.job;
    const state = commit === undefined ? undefined : await this.#read([lease], commit).catch(() => undefined);
    const task = state && taskOf(state, lease);
    if (task !== undefined) this.#said.set(lease, task);
  }

  async #read(leases: readonly Lease[], commit?: string): Promise<QueueState> {
    const reader = await this.#options.queue.read(commit === undefined ? 'tip' : 'clone');
    const scope = { read: new Set<TaskState>(), ids: new Set(leases.map(({ job }) => job.task.id)) };
    return new QueueState(await reader.snapshot(scope, { unreadable: 'leave', ...given({ commit }) }));
  }
}

function taskOf(state: QueueState, { job }: Lease): Task | undefined {
  const found = state.lookup(job.task);
  if (found.kind !== 'found' || found.entry.state !== 'claimed') return undefined;
  return found.entry.reading.kind === 'read' ? found.entry.reading.task : undefined;
}

function isOurs({ claim }: Task, { job }: Lease): boolean {
  return claim?.claimedBy === job.agent && (job.claimId === '' || claim.claimId === job.claimId);
}
