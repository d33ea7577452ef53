import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import type { NoteIntent } from '../intents/intent.ts';
import type { TaskChange } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { formatKey } from '../queue/task.ts';
import { resolveReadable, resolveReference } from '../resolving/reference.ts';
import { type Decision, refused, trailersOf } from '../rules/decision.ts';

/** Adds the note where the task is. Who holds it does not matter: a note does not change the state of the task. */
export function decideNote(state: QueueState, intent: NoteIntent, now: number): Decision {
  const found = resolveReference(state, intent.task);
  if (found.kind === 'refused') return refused(found.refusal);
  const resolved = resolveReadable(found.entry);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry, task } = resolved;
  const { agent, text } = intent;
  const at = isoSeconds(now);
  const change: TaskChange = {
    key: entry.key,
    from: entry.state,
    to: entry.state,
    fromPath: entry.path,
    toPath: entry.path,
    edits: [{ kind: 'append-note', note: { at, agent, text } }],
  };
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-NOTE] ${agent} noted ${formatKey(entry.key)}`,
      body: text,
      trailers: trailersOf(intent, [entry.key]),
      author: agent,
      tasks: [change],
      files: [],
    },
    outcome: { kind: 'noted', key: entry.key, ...given({ title: task.title }), path: entry.path, at },
  };
}
