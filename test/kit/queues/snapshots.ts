import { given } from '../../../src/domain/base/given.ts';
import { parseDependencyEntries } from '../../../src/domain/queue/dependency-entry.ts';
import type { Location } from '../../../src/domain/queue/layouts.ts';
import {
  DEFAULT_POOL_SETTINGS,
  type ProjectSnapshot,
  type QueueSnapshot,
  type TaskEntry,
  type TaskFailures,
} from '../../../src/domain/queue/snapshot.ts';
import type {
  CancellationBlock,
  ClaimBlock,
  CompletionBlock,
  Task,
  TaskState,
} from '../../../src/domain/queue/task.ts';

/** A task of a made-up snapshot; what is not given is what a claimable task has. */
export interface TaskSpec {
  readonly project?: string;
  readonly id: string;
  readonly state?: TaskState;
  readonly status?: string;
  readonly priority?: number;
  readonly type?: string;
  readonly labels?: Task['labels'];
  readonly touches?: readonly string[];
  readonly required?: readonly string[];
  readonly needs?: readonly string[];
  readonly blocks?: readonly string[];
  readonly claim?: ClaimBlock;
  readonly unreadable?: string;
  readonly ref?: string;
  readonly batch?: string;
  readonly holdUntil?: string;
  readonly blockedReason?: string;
  readonly completion?: CompletionBlock;
  readonly cancellation?: CancellationBlock;
  readonly questions?: Task['questions'];
  readonly touchedAt?: number;
  /** Stalled releases so far. */
  readonly stalls?: number;
  /** Failures of workers so far. */
  readonly failures?: TaskFailures;
}

export function locationFor(project: string): Location {
  const home = `.agents/${project}`;
  return {
    project,
    layout: 'agents',
    folders: { ready: `${home}/tasks/`, claimed: `${home}/claimed/`, completed: `${home}/completed/` },
  };
}

interface Counted {
  readonly entries: TaskEntry[];
  readonly stalls: Map<string, number>;
  readonly failures: Map<string, TaskFailures>;
}

/** A snapshot of the given tasks, in the `agents` layout. */
export function snapshotOf(specs: readonly TaskSpec[]): QueueSnapshot {
  const projects = new Map<string, ProjectSnapshot & Counted>();
  for (const spec of specs) {
    const name = spec.project ?? 'auth';
    const location = locationFor(name);
    const project = projects.get(name) ?? {
      name,
      locations: [location],
      entries: [] as TaskEntry[],
      stalls: new Map<string, number>(),
      failures: new Map<string, TaskFailures>(),
    };
    projects.set(name, project);
    project.entries.push(entryOf(spec, location));
    if (spec.stalls !== undefined) project.stalls.set(spec.id, spec.stalls);
    if (spec.failures !== undefined) project.failures.set(spec.id, spec.failures);
  }
  return { tip: 'a'.repeat(40), projects, settings: DEFAULT_POOL_SETTINGS, findings: [] };
}

function entryOf(spec: TaskSpec, location: Location): TaskEntry {
  const state = spec.state ?? 'ready';
  const entries = (texts: readonly string[] = []) =>
    texts.flatMap((text, index) => parseDependencyEntries(text, index + 1, location.project));
  const task: Task = {
    title: `Title of ${spec.id}`,
    status: spec.status ?? 'ready',
    priority: spec.priority ?? 5,
    ...given({ type: spec.type }),
    acceptanceCriteria: [],
    required: entries(spec.required),
    ...(spec.needs === undefined ? {} : { needs: entries(spec.needs) }),
    blocks: entries(spec.blocks),
    labels: spec.labels ?? {},
    ...given({ touches: spec.touches }),
    ...(spec.claim ? { claim: spec.claim } : {}),
    ...(spec.completion ? { completion: spec.completion } : {}),
    ...given({ cancellation: spec.cancellation }),
    ...given({ questions: spec.questions }),
    ...given({ ref: spec.ref, batch: spec.batch, holdUntil: spec.holdUntil, blockedReason: spec.blockedReason }),
  };
  return {
    key: { project: location.project, id: spec.id },
    state,
    path: `${location.folders[state]}${spec.id}.toon`,
    blob: '0'.repeat(40),
    mode: '100644',
    location,
    ...given({ touchedAt: spec.touchedAt }),
    reading:
      spec.unreadable === undefined
        ? { kind: 'read', task, findings: [] }
        : { kind: 'unreadable', line: 3, message: spec.unreadable },
  };
}
