import type { TaskChange } from '../edit.ts';
import type { ReleaseIntent } from '../intent.ts';
import { pathIn, type QueueState } from '../queue-state.ts';
import { type Ruling, refused, trailersOf } from '../ruling.ts';
import { giveBackEdits } from './give-back.ts';
import { resolveOwned } from './ownership.ts';

/** Gives the task back: to the ready folder, with the exact bytes it had before it was claimed. */
export function decideRelease(state: QueueState, intent: ReleaseIntent): Ruling {
  const resolved = resolveOwned(state, intent);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry, task } = resolved;
  const change: TaskChange = {
    key: entry.key,
    from: 'claimed',
    to: 'ready',
    fromPath: entry.path,
    toPath: pathIn(entry, 'ready'),
    edits: giveBackEdits(task),
  };
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-RELEASE] ${intent.agent} released ${entry.key.id} from ${entry.key.project}`,
      ...(intent.reason === undefined ? {} : { body: `Reason: ${intent.reason}` }),
      trailers: trailersOf(intent, [entry.key]),
      author: intent.agent,
      tasks: [change],
      files: [],
    },
    outcome: {
      kind: 'released',
      key: entry.key,
      ...(task.title === undefined ? {} : { title: task.title }),
      path: change.toPath,
    },
  };
}
