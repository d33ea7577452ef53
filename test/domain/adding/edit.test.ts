import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { EditIntent } from '../../../src/domain/intents/intent.ts';
import type { TaskEdits } from '../../../src/domain/queue/edit.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

const THERE: readonly TaskSpec[] = [
  { id: 'T-1', required: ['T-2 (the base)', 'T-9'], status: 'blocked', labels: { model: 'large' } },
  { id: 'T-2', priority: 3 },
  { id: 'T-3', required: ['T-1'], status: 'blocked' },
  { id: 'T-4', state: 'claimed', claim: { claimedBy: 'a1', claimId: 'c1' } },
  { id: 'T-9', state: 'completed' },
  { project: 'pay', id: 'T-7', required: ['auth/T-3'], status: 'blocked' },
];

function edit(edits: TaskEdits, ...ids: readonly string[]) {
  const [task = { id: 'T-1' }, ...more] = ids.map((id) => ({ project: 'auth', id }));
  const intent: EditIntent = {
    kind: 'edit',
    request: 'r1',
    agent: 'Zoë',
    task,
    edits,
    ...(more.length ? { more } : {}),
  };
  const { commits, decisions } = decide(snapshotOf(THERE), [intent], NOW);
  const [decision] = decisions;
  if (decision === undefined) throw new Error('not decided');
  return { commits, decision, message: decision.kind === 'refused' ? decision.refusal.message : undefined };
}

function fieldsOf(edits: TaskEdits, ...ids: readonly string[]): readonly unknown[] {
  return edit(edits, ...ids).commits.flatMap(({ tasks }) =>
    tasks.map((change) => [
      change.key.id,
      ...change.edits.map((one) => {
        if (one.kind === 'set-status') return one.status;
        if (one.kind !== 'set-field') return one.kind;
        return one.section === 'dependencies' ? one.value.map(({ text }) => text) : [one.key, one.value];
      }),
    ]),
  );
}

describe('edit', () => {
  it('changes what it names of all tasks, in one commit, and says of each what has changed', () => {
    const { commits, decision } = edit({ priority: 3, labels: { model: 'large', team: 'x' } }, 'T-1', 'T-2', 'T-4');
    expect(commits).toMatchObject([
      {
        subject: '[AGENT-EDIT] Zoë edited 3 tasks',
        author: 'Zoë',
        trailers: [
          { key: 'Agentq-Task', value: 'auth/T-1' },
          { key: 'Agentq-Task', value: 'auth/T-2' },
          { key: 'Agentq-Task', value: 'auth/T-4' },
          { key: 'Agentq-Agent', value: 'Zoë' },
          { key: 'Agentq-Request', value: 'r1' },
        ],
      },
    ]);
    expect(decision).toMatchObject({
      outcome: {
        tasks: [
          { changed: ['priority', 'label team'], view: { priority: 3, labels: { team: 'x' } } },
          { changed: ['label model', 'label team'] },
          { changed: ['priority', 'label model', 'label team'], view: { state: 'claimed' } },
        ],
      },
    });
  });

  it('changes nothing where the tasks say so already', () => {
    const { commits, decision } = edit({ priority: 3, title: 'Title of T-2', requires: { add: [] } }, 'T-2');
    expect(commits).toEqual([]);
    expect(decision).toMatchObject({ kind: 'unchanged', outcome: { kind: 'edited', tasks: [{ changed: [] }] } });
  });

  it.each<[string, TaskEdits, string, readonly unknown[]]>([
    ['out and in', { requires: { add: ['T-4'], remove: ['T-2'] } }, 'T-1', [['T-1', ['T-9', 'T-4']]]],
    ['a list as it is to be', { requires: { set: ['T-9'] } }, 'T-1', [['T-1', ['T-9'], 'ready']]],
    ['one that is missing blocks', { requires: { add: ['T-4 (auth)'] } }, 'T-2', [['T-2', ['T-4 (auth)'], 'blocked']]],
    ['one that is there stays', { requires: { add: ['T-2'] } }, 'T-1', []],
    ['what is complete blocks nothing', { requires: { add: ['T-9'] } }, 'T-2', [['T-2', ['T-9']]]],
    ['the last one opens', { requires: { remove: ['T-1'] } }, 'T-3', [['T-3', [], 'ready']]],
    ['the owner of a claim keeps its status', { requires: { add: ['T-2'] } }, 'T-4', [['T-4', ['T-2']]]],
    ['criteria', { criteria: { add: ['It works'] } }, 'T-2', [['T-2', ['', ['It works']]]]],
  ])('requirements and lists: %s', (_, edits, id, fields) => {
    expect(fieldsOf(edits, id)).toEqual(fields);
  });

  it.each<[TaskEdits, readonly string[], string]>([
    [{ requires: { add: ['T-99'] } }, ['T-2'], 'there is no task T-99 in project auth'],
    [{ requires: { add: ['web/T-1'] } }, ['T-2'], 'there is no task T-1 in project web'],
    [{ requires: { add: ['Note: soon'] } }, ['T-2'], '--requires "Note: soon" names no task'],
    [{ requires: { add: ['auth/T-2'] } }, ['T-2'], 'auth/T-2 would require itself'],
    [{ requires: { remove: ['T-1'] } }, ['T-2'], 'auth/T-2 does not require "T-1"'],
    [
      { requires: { add: ['T-3'] } },
      ['T-2'],
      'the dependencies would form a cycle: auth/T-2 -> auth/T-3 -> auth/T-1 -> auth/T-2',
    ],
    [{ requires: { add: ['pay/T-7'] } }, ['T-1'], 'auth/T-1 -> pay/T-7 -> auth/T-3 -> auth/T-1'],
    [{ priority: 1 }, ['T-2', 'T-9'], 'auth/T-9 is completed'],
    [{ priority: 1 }, ['T-2', 'T-8'], 'there is no task T-8 in project auth'],
  ])('is refused as a whole: %j of %j', (edits, ids, words) => {
    const { commits, message } = edit(edits, ...ids);
    expect(message).toContain(words);
    expect(commits).toEqual([]);
  });
});
