import type { Refusal } from '../base/failure.ts';
import type { Intent, WorkReport } from '../intents/intent.ts';
import type { Outcome } from '../intents/outcome.ts';
import type { CommitDraft, Trailer } from '../queue/edit.ts';
import { formatKey, type TaskKey } from '../queue/task.ts';

/** The result of one intent in one state of the queue. */
export type Decision =
  | { readonly kind: 'commit'; readonly commit: CommitDraft; readonly outcome: Outcome }
  /** Already as the caller wants it: a success that changes nothing. */
  | { readonly kind: 'unchanged'; readonly outcome: Outcome }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Trailer keys that recovery and metrics rely on (CONTRACT 3). */
export const TRAILER: Readonly<
  Record<
    | 'task'
    | 'agent'
    | 'request'
    | 'attempts'
    | 'waitedMs'
    | 'unblocked'
    | 'reliedOn'
    | 'updated'
    | 'detached'
    | 'waiting'
    | 'reason'
    | 'failures'
    | 'costUsd'
    | 'tokens'
    | 'branches',
    string
  >
> = {
  task: 'Agentq-Task',
  agent: 'Agentq-Agent',
  request: 'Agentq-Request',
  attempts: 'Agentq-Attempts',
  waitedMs: 'Agentq-Waited-Ms',
  /** A task that became ready because of the task that the commit completes. */
  unblocked: 'Agentq-Unblocked',
  /** `<branch> <commit>`: what a claim found complete on another branch, it found there. */
  reliedOn: 'Agentq-Relied-On',
  /** A task that was there before, where the commit also adds tasks. */
  updated: 'Agentq-Updated',
  /** A task that no longer requires those that the commit cancels. */
  detached: 'Agentq-Detached',
  /** A task that waits again for those that the commit reopens. */
  waiting: 'Agentq-Waiting',
  /** Why a task was given back, cancelled or blocked. */
  reason: 'Agentq-Reason',
  /** How often workers have failed at the task, this time included. */
  failures: 'Agentq-Failures',
  /** What the work has cost in US dollars, as its command said. */
  costUsd: 'Agentq-Cost-Usd',
  tokens: 'Agentq-Tokens',
  /** The branches that the commit merges. What it changes is known from their commits. */
  branches: 'Agentq-Branches',
};

/** Trailers for what the work has cost, as far as that is known. Decimal, without an exponent. */
export function reportTrailers({ costUsd, tokens }: WorkReport = {}): Trailer[] {
  return [
    ...(costUsd === undefined ? [] : [{ key: TRAILER.costUsd, value: String(Number(costUsd.toFixed(6))) }]),
    ...(tokens === undefined ? [] : [{ key: TRAILER.tokens, value: String(tokens) }]),
  ];
}

/** The paragraphs as the body of a commit; nothing if there are none. */
export function bodyOf(...paragraphs: readonly (string | undefined)[]): { readonly body?: string } {
  const body = paragraphs.filter((paragraph) => paragraph !== undefined && paragraph !== '').join('\n\n');
  return body === '' ? {} : { body };
}

/** The trailers of every commit of an intent: which task, whose intent, which request. */
export function trailersOf(intent: Pick<Intent, 'agent' | 'request'>, keys: readonly TaskKey[]): Trailer[] {
  return [
    ...keys.map((key) => ({ key: TRAILER.task, value: formatKey(key) })),
    { key: TRAILER.agent, value: intent.agent },
    { key: TRAILER.request, value: intent.request },
  ];
}

/** The trailers that name each of the tasks. */
export function eachTask(key: string, tasks: readonly { readonly key: TaskKey }[]): Trailer[] {
  return tasks.map((task) => ({ key, value: formatKey(task.key) }));
}

/** The tasks as the subject of a commit names them: the only one, or how many there are. */
export function subjectOf(keys: readonly TaskKey[]): string {
  const [only, second] = keys;
  return only === undefined || second !== undefined ? `${keys.length} tasks` : formatKey(only);
}

/** The decision that refuses an intent. */
export function refused(refusal: Refusal): Decision {
  return { kind: 'refused', refusal };
}
