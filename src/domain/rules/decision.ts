import type { Refusal } from '../base/failure.ts';
import type { CommitDraft, Trailer } from '../queue/edit.ts';
import type { Intent, Outcome } from '../queue/intent.ts';
import { formatKey, type TaskKey } from '../queue/task.ts';

/** What one intent comes to in one state of the queue. */
export type Decision =
  | { readonly kind: 'commit'; readonly commit: CommitDraft; readonly outcome: Outcome }
  /** Already as the caller wants it: a success that changes nothing. */
  | { readonly kind: 'unchanged'; readonly outcome: Outcome }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Trailer keys that recovery and metrics rely on (CONTRACT 3). */
export const TRAILER: Readonly<
  Record<'task' | 'agent' | 'request' | 'attempts' | 'waitedMs' | 'unblocked' | 'reason' | 'failures', string>
> = {
  task: 'Agentq-Task',
  agent: 'Agentq-Agent',
  request: 'Agentq-Request',
  attempts: 'Agentq-Attempts',
  waitedMs: 'Agentq-Waited-Ms',
  /** A task that became ready because of the task that the commit completes. */
  unblocked: 'Agentq-Unblocked',
  /** Why a task was given back. */
  reason: 'Agentq-Reason',
  /** How often workers have failed at the task, this time included. */
  failures: 'Agentq-Failures',
};

/** The trailers of every commit of an intent: which task, whose intent, which request. */
export function trailersOf(intent: Pick<Intent, 'agent' | 'request'>, keys: readonly TaskKey[]): Trailer[] {
  return [
    ...keys.map((key) => ({ key: TRAILER.task, value: formatKey(key) })),
    { key: TRAILER.agent, value: intent.agent },
    { key: TRAILER.request, value: intent.request },
  ];
}

/** The decision that refuses an intent. */
export function refused(refusal: Refusal): Decision {
  return { kind: 'refused', refusal };
}
