import { given } from '../base/given.ts';
import { TRAILER } from '../rules/decision.ts';
import { type Activity, type ActivityKind, activityOf, type CommitFacts, reasonSaid, valuesOf } from './activity.ts';

export type TaskEventKind =
  | 'task.added'
  | 'task.claimed'
  | 'task.renewed'
  | 'task.review'
  | 'task.released'
  | 'task.stalled'
  | 'task.completed'
  | 'task.unblocked'
  | 'task.blocked'
  | 'task.cancelled'
  | 'task.reopened'
  | 'task.updated'
  | 'task.noted'
  | 'task.taken'
  | 'task.asked'
  | 'task.answered'
  | 'task.removed'
  /** Of a project, or of the whole queue: no task is named. */
  | 'queue.paused'
  | 'queue.resumed';

/** Something that happened to one task. `watch` prints these, `metrics` folds over them. */
export interface TaskEvent {
  readonly kind: TaskEventKind;
  /** undefined only if nothing but an older script's subject is known, or if it is about the whole queue. */
  readonly project: string | undefined;
  readonly task: string | undefined;
  /** Who did it; for `task.stalled` who had the task, if that is known. */
  readonly agent: string;
  readonly commit: string;
  /** ms since the epoch. */
  readonly at: number;
  /** For claims by agentq: how many pushes it took. */
  readonly attempts?: number;
  /** For claims by agentq: how long (ms) it took. */
  readonly waitedMs?: number;
  /** Why a task was given back, taken back, opened, blocked or cancelled, if that was said. */
  readonly reason?: string;
  /** For completions and reviews: the pull request. */
  readonly prUrl?: string;
  /** For notes: the text. */
  readonly note?: string;
  /** For takes: who had the task. */
  readonly from?: string;
  /** For questions and answers: the question. */
  readonly question?: string;
  readonly answer?: string;
  /** For releases after a worker's command had failed: how often that has happened to the task. */
  readonly failures?: number;
  /** For what ends the work on a task: what it has cost, as its command said. */
  readonly costUsd?: number;
  readonly tokens?: number;
}

/** What the trailers of a commit say about one task. */
export interface TaskTrailers {
  readonly agent?: string;
  readonly attempts?: number;
  readonly waitedMs?: number;
  readonly reason?: string;
  readonly failures?: number;
  readonly costUsd?: number;
  readonly tokens?: number;
}

const KIND_OF: Readonly<Record<ActivityKind, TaskEventKind>> = {
  added: 'task.added',
  updated: 'task.updated',
  claimed: 'task.claimed',
  heartbeat: 'task.renewed',
  review: 'task.review',
  released: 'task.released',
  stalled: 'task.stalled',
  completed: 'task.completed',
  unblocked: 'task.unblocked',
  noted: 'task.noted',
  taken: 'task.taken',
  asked: 'task.asked',
  answered: 'task.answered',
  cancelled: 'task.cancelled',
  reopened: 'task.reopened',
  blocked: 'task.blocked',
  paused: 'queue.paused',
  resumed: 'queue.resumed',
};

/**
 * What a commit says it did, by its subject and trailers alone: no tree is read, so any clone will do. Changes that the
 * commit does not mention are missing; `eventOf` sees those too.
 */
export function eventsSaid(commit: CommitFacts): TaskEvent[] {
  const activity = activityOf(commit);
  if (activity === undefined) return [];
  const kind = KIND_OF[activity.kind];
  const pause = pauseEventOf(commit);
  if (pause !== undefined) return [pause];
  const byTask = trailersByTask(commit);
  const updated = new Set(valuesOf(commit, TRAILER.updated));
  const named = namesOf(activity, byTask).map((name): TaskEvent => {
    const { agent, ...numbers } = byTask.get(name) ?? {};
    const reason = given({ reason: reasonSaid(commit) });
    return {
      kind: updated.has(name) ? 'task.updated' : kind,
      ...parseName(name),
      agent: agent ?? activity.agent,
      ...whereOf(commit),
      ...reason,
      ...numbers,
    };
  });
  const unnamed = Array.from({ length: Math.max(0, activity.count - named.length) }, (): TaskEvent => {
    return { kind, project: undefined, task: undefined, agent: activity.agent, ...whereOf(commit) };
  });
  const opened = valuesOf(commit, TRAILER.unblocked).map((name): TaskEvent => {
    return { kind: 'task.unblocked', ...parseName(name), agent: activity.agent, ...whereOf(commit) };
  });
  const waiting = valuesOf(commit, TRAILER.waiting).map((name): TaskEvent => {
    return { kind: 'task.blocked', ...parseName(name), agent: activity.agent, ...whereOf(commit) };
  });
  return [...named, ...unnamed, ...opened, ...waiting];
}

/** The pause that the commit begins or ends; undefined: it does neither. */
export function pauseEventOf(commit: CommitFacts): TaskEvent | undefined {
  const activity = activityOf(commit);
  if (activity?.kind !== 'paused' && activity?.kind !== 'resumed') return undefined;
  const [reason] = valuesOf(commit, TRAILER.reason);
  const { agent, project } = activity;
  return { kind: KIND_OF[activity.kind], project, task: undefined, agent, ...whereOf(commit), ...given({ reason }) };
}

/** The trailers of a commit by the task they belong to, `project/TASK-ID`: one commit may hold a pool's heartbeats. */
export function trailersByTask(commit: CommitFacts): ReadonlyMap<string, TaskTrailers> {
  const byTask = new Map<string, TaskTrailers>();
  let names: string[] = [];
  let group: { -readonly [Name in keyof TaskTrailers]: TaskTrailers[Name] } = {};
  for (const { key, value } of commit.trailers) {
    if (key === TRAILER.task) {
      // A task after an agent begins the next group.
      if (group.agent !== undefined) [names, group] = [[], {}];
      names.push(value);
    } else if (key === TRAILER.agent) group.agent = value;
    else if (key === TRAILER.attempts) Object.assign(group, numberFrom('attempts', value));
    else if (key === TRAILER.waitedMs) Object.assign(group, numberFrom('waitedMs', value));
    else if (key === TRAILER.reason) group.reason = value;
    else if (key === TRAILER.failures) Object.assign(group, numberFrom('failures', value));
    else if (key === TRAILER.tokens) Object.assign(group, numberFrom('tokens', value));
    else if (key === TRAILER.costUsd && COST.test(value)) group.costUsd = Number(value);
    for (const name of names) byTask.set(name, group);
  }
  return byTask;
}

function namesOf(activity: Activity, byTask: ReadonlyMap<string, TaskTrailers>): readonly string[] {
  return byTask.size > 0 ? [...byTask.keys()] : activity.tasks;
}

function whereOf(commit: CommitFacts): { readonly commit: string; readonly at: number } {
  return { commit: commit.oid, at: commit.timeMs };
}

/** `TASK-1` or `project/TASK-1`. */
function parseName(name: string): { readonly project: string | undefined; readonly task: string } {
  const at = name.indexOf('/');
  return at < 0 ? { project: undefined, task: name } : { project: name.slice(0, at), task: name.slice(at + 1) };
}

/** A sum of money as agentq writes it. */
const COST = /^\d{1,7}(?:\.\d{1,6})?$/;

function numberFrom<Name extends string>(name: Name, text: string): Partial<Record<Name, number>> {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, number>>);
}
