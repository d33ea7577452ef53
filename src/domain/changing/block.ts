import type { Refusal } from '../base/failure.ts';
import type { BlockIntent } from '../intents/intent.ts';
import type { BlockedOutcome } from '../intents/outcome.ts';
import type { TaskChange } from '../queue/edit.ts';
import { ASKING } from '../queue/question.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { formatKey, isCancelled } from '../queue/task.ts';
import { changedTask } from '../resolving/changed-task.ts';
import type { ReadEntry } from '../resolving/reference.ts';
import { resolveSeveral } from '../resolving/several.ts';
import { type Decision, refused, subjectOf, TRAILER, trailersOf } from '../rules/decision.ts';
import { blockingEdits } from '../rules/give-back.ts';
import { claimedRefusal } from './claimed-refusal.ts';

/** Takes the tasks out of the queue until somebody frees them, all in one commit. A new reason replaces an older one. */
export function decideBlock(state: QueueState, intent: BlockIntent): Decision {
  const resolved = resolveSeveral(state, intent, 'block');
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const changes: TaskChange[] = [];
  for (const one of resolved.entries) {
    const problem = notBlocked(one);
    if (problem !== undefined) return refused(problem);
    const { key, path } = one.entry;
    if (one.task.status === 'blocked' && one.task.blockedReason === intent.reason) continue;
    const edits = blockingEdits(intent.reason);
    changes.push({ key, from: 'ready', to: 'ready', fromPath: path, toPath: path, edits });
  }
  const outcome: BlockedOutcome = {
    kind: 'blocked',
    tasks: resolved.entries.map(({ entry }) => changedTask(entry)),
  };
  if (changes.length === 0) return { kind: 'unchanged', outcome };
  const keys = changes.map(({ key }) => key);
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-BLOCK] ${intent.agent} blocked ${subjectOf(keys)}`,
      body: intent.reason,
      trailers: [...trailersOf(intent, keys), { key: TRAILER.reason, value: intent.reason }],
      author: intent.agent,
      tasks: changes,
      files: [],
    },
    outcome,
  };
}

function notBlocked({ entry, task }: ReadEntry): Refusal | undefined {
  const name = formatKey(entry.key);
  const refuse = (message: string, hint: string): Refusal => ({
    code: 'task-invalid',
    message: `${name} ${message}`,
    hint,
  });
  if (entry.state === 'completed') return refuse('is completed', `\`agentq reopen ${name}\` if it is to be done again`);
  if (entry.state === 'claimed') return claimedRefusal({ entry, task });
  if (isCancelled(task))
    return refuse('is cancelled: nobody can claim it', `\`agentq reopen ${name}\` if it is to be done`);
  if (task.status === ASKING) return refuse('waits for an answer: nobody can claim it', `\`agentq answer ${name}\``);
  return undefined;
}
