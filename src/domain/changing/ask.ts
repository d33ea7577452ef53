import { isoSeconds } from '../base/clock.ts';
import { quote } from '../base/names.ts';
import type { AnswerIntent, AskIntent } from '../intents/intent.ts';
import type { TaskChange, TaskEdit } from '../queue/edit.ts';
import { ASKING, openQuestion } from '../queue/question.ts';
import { pathIn, type QueueState } from '../queue/queue-state.ts';
import { formatKey } from '../queue/task.ts';
import { changedTask } from '../resolving/changed-task.ts';
import { resolveOwned } from '../resolving/ownership.ts';
import { resolveReadable, resolveReference } from '../resolving/reference.ts';
import { type Decision, refused, trailersOf } from '../rules/decision.ts';

/**
 * Gives the task back with a question for a person. Nobody is offered it until somebody answers. Whoever asks has not
 * failed: nothing is counted.
 */
export function decideAsk(state: QueueState, intent: AskIntent, now: number): Decision {
  const resolved = resolveOwned(state, intent);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry } = resolved;
  const { agent, text } = intent;
  const at = isoSeconds(now);
  const change: TaskChange = {
    key: entry.key,
    from: 'claimed',
    to: 'ready',
    fromPath: entry.path,
    toPath: pathIn(entry, 'ready'),
    edits: [
      { kind: 'remove-claim' },
      { kind: 'append-question', question: { at, agent, text } },
      { kind: 'set-status', status: ASKING },
    ],
  };
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-ASK] ${agent} asked about ${formatKey(entry.key)}`,
      body: text,
      trailers: trailersOf(intent, [entry.key]),
      author: agent,
      tasks: [change],
      files: [],
    },
    outcome: { kind: 'asked', ...changedTask(entry, change.toPath), at },
  };
}

/**
 * Answers the question of a task that asks one. The task can be claimed again, or waits for what it requires, and keeps
 * question and answer for whoever claims it next.
 */
export function decideAnswer(state: QueueState, intent: AnswerIntent, now: number): Decision {
  const found = resolveReference(state, intent.task);
  if (found.kind === 'refused') return refused(found.refusal);
  const resolved = resolveReadable(found.entry);
  if (resolved.kind === 'refused') return refused(resolved.refusal);
  const { entry, task } = resolved;
  const name = formatKey(entry.key);
  const question = entry.state === 'ready' ? openQuestion(task) : undefined;
  if (question === undefined) {
    const last = task.questions?.at(-1);
    const before = last?.answer === undefined ? '' : `: ${last.answer.agent} answered ${quote(last.text)}`;
    const message = `${name} has no open question${before}`;
    return refused({
      code: 'task-invalid',
      message,
      hint: `\`agentq note ${name} "<text>"\` tells whoever works on it`,
    });
  }
  const { agent, text } = intent;
  const at = isoSeconds(now);
  const status = state.missing(entry).length > 0 ? 'blocked' : 'ready';
  const edits: readonly TaskEdit[] = [
    { kind: 'append-answer', answer: { at, agent, text } },
    { kind: 'set-status', status },
  ];
  return {
    kind: 'commit',
    commit: {
      subject: `[AGENT-ANSWER] ${agent} answered ${name}`,
      body: text,
      trailers: trailersOf(intent, [entry.key]),
      author: agent,
      tasks: [{ key: entry.key, from: 'ready', to: 'ready', fromPath: entry.path, toPath: entry.path, edits }],
      files: [],
    },
    outcome: { kind: 'answered', ...changedTask(entry), at },
  };
}
