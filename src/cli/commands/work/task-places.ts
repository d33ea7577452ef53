import { likelyBranches } from '../../../domain/base/branch-template.ts';
import { given } from '../../../domain/base/given.ts';
import { requiredKeys } from '../../../domain/queue/dependency-entry.ts';
import type { QueueSnapshot } from '../../../domain/queue/snapshot.ts';
import { formatKey, type TaskKey } from '../../../domain/queue/task.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { CodeBase } from '../../../engine/work/code-base.ts';
import type { Job, Leftovers } from '../../../engine/work/job.ts';
import type { TaskWorktree, TaskWorktrees } from '../../../git/checkout/task-worktrees.ts';

export interface TaskPlacesOptions {
  readonly queue: Queue;
  readonly trees: TaskWorktrees;
  readonly codeBase: CodeBase;
  /** How branches are named; undefined: as the queue's settings say. */
  readonly branchName: string | undefined;
  /** Whether a worktree may start from the branch of a dependency that is not merged. */
  readonly dependencies: 'start-from' | 'ignore';
  onNotice(job: Job, message: string): void;
}

/** A task's own place to work. */
export interface TaskPlace {
  readonly worktree: TaskWorktree;
  /** The branch that the work is for. */
  readonly base: string;
  /** How branches are named. */
  readonly branchName: string;
}

/** Gives each task a worktree, with the code and on a branch as the options and the queue's settings say. */
export class TaskPlaces {
  readonly #options: TaskPlacesOptions;

  constructor(options: TaskPlacesOptions) {
    this.#options = options;
  }

  isThere({ worktree }: TaskPlace): boolean {
    return this.#options.trees.isThere(worktree);
  }

  /** @param snapshot the queue as the claim left it */
  async prepare(job: Job, snapshot: QueueSnapshot): Promise<TaskPlace> {
    const { trees, codeBase, branchName: template = snapshot.settings.branchName, onNotice } = this.#options;
    const dependencies = await this.#dependencies(job, snapshot, template);
    const start = await codeBase.start({ claim: snapshot.tip, setting: snapshot.settings.base, dependencies });
    const { task, agent } = job;
    const worktree = await trees.prepare({ task, agent, template, base: start.commit });
    const { branch, path, origin } = worktree;
    if (origin === 'branch') onNotice(job, `continues on the branch ${branch} of an earlier try`);
    if (origin === 'worktree') onNotice(job, `continues in ${path}, as an earlier try left it`);
    if (origin === 'new' && start.dependency !== undefined) {
      const without = start.missing.length === 0 ? '' : `; it does not have ${start.missing.join(', ')}`;
      onNotice(job, `starts from ${start.dependency}, which is not merged into ${start.branch} yet${without}`);
    }
    return { worktree, base: start.branch, branchName: template };
  }

  /** Removes the worktree if nothing is lost by that. Never throws. */
  async clear(place: TaskPlace | undefined, result: 'completed' | 'unfinished'): Promise<Leftovers> {
    if (place === undefined) return {};
    const { worktree } = place;
    const end = await this.#options.trees.finish(worktree, result);
    if (end.kind === 'kept') return { keptAt: worktree.path, keptBecause: end.reason, branch: worktree.branch };
    return given({ branch: end.branch });
  }

  /**
   * The names that the branches of the task's dependencies may have on the remote. Where the name was taken, it has the
   * project in it: such a one is certainly of this project.
   */
  async #dependencies(
    { task: { project, id }, agent, commit }: Job,
    snapshot: QueueSnapshot,
    template: string,
  ): Promise<readonly (readonly string[])[]> {
    if (this.#options.dependencies === 'ignore') return [];
    const reading = entriesOf(snapshot, project).find(({ key }) => key.id === id)?.reading;
    const required = reading?.kind === 'read' ? reading.task.required : [];
    const keys = requiredKeys(required, project);
    if (keys.length === 0) return [];
    // Only then does the name say who worked on it.
    const agents = template.includes('{agent}') ? await this.#agentsOf(keys, commit) : new Map<string, string>();
    return keys.map((key) => {
      const naming = { project: key.project, task: key.id, agent: agents.get(formatKey(key)) ?? agent };
      return likelyBranches(template, naming);
    });
  }

  async #agentsOf(keys: readonly TaskKey[], commit: string | undefined): Promise<ReadonlyMap<string, string>> {
    const reader = await this.#options.queue.read(commit === undefined ? 'tip' : 'clone');
    const scope = { read: new Set<never>(), ids: new Set(keys.map(({ id }) => id)) };
    const snapshot = await reader.snapshot(scope, commit === undefined ? {} : { commit, unreadable: 'leave' });
    return new Map(
      [...new Set(keys.map(({ project }) => project))].flatMap((project) =>
        entriesOf(snapshot, project).flatMap(({ key, reading }): [string, string][] => {
          const by = reading.kind === 'read' ? reading.task.completion?.completedBy : undefined;
          return by === undefined ? [] : [[formatKey(key), by]];
        }),
      ),
    );
  }
}

function entriesOf(snapshot: QueueSnapshot, project: string) {
  return snapshot.projects.get(project)?.entries ?? [];
}
