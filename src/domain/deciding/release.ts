import { given } from '../base/given.ts';
import type { TaskChange, TaskEdit } from '../queue/edit.ts';
import type { ReleaseIntent } from '../queue/intent.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import { type Decision, refused, trailersOf } from '../rules/decision.ts';
import { giveBackEdits } from './give-back.ts';
import { resolveOwned } from './ownership.ts';

/**
 * Returns the task to the ready folder, with the exact bytes it had before it was claimed, or blocked if it failed too
 * often. It does not count as a stall.
 */
export function decideRelease(state: QueueState, intent: ReleaseIntent): Decision {
  const resolved = resolveOwned(state, intent);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry, task } = resolved;
  const { blockedReason } = intent;
  const body = bodyOf(intent);
  const change: TaskChange = {
    key: entry.key,
    from: 'claimed',
    to: 'ready',
    fromPath: entry.path,
    toPath: pathIn(entry, 'ready'),
    edits:
      blockedReason === undefined ? giveBackEdits(task) : [{ kind: 'remove-claim' }, ...blockingEdits(blockedReason)],
  };
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-RELEASE] ${intent.agent} released ${entry.key.id} from ${entry.key.project}`,
      ...(body === '' ? {} : { body }),
      trailers: trailersOf(intent, [entry.key]),
      author: intent.agent,
      tasks: [change],
      files: [],
    },
    outcome: {
      kind: 'released',
      key: entry.key,
      ...given({ title: task.title }),
      path: change.toPath,
      ...(blockedReason === undefined ? {} : { isBlocked: true as const }),
    },
  };
}

/** The edits that keep a task from being claimed until somebody frees it. */
export function blockingEdits(reason: string): TaskEdit[] {
  return [
    { kind: 'set-status', status: 'blocked' },
    { kind: 'set-blocked-reason', reason },
  ];
}

function bodyOf({ reason, output = [] }: ReleaseIntent): string {
  const said = output.length === 0 ? [] : [['Its last words:', ...output].join('\n')];
  return [...(reason === undefined ? [] : [`Reason: ${reason}`]), ...said].join('\n\n');
}
