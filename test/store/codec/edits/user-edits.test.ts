import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/domain/deciding/decide.ts';
import type { EditIntent } from '../../../../src/domain/intents/intent.ts';
import type { TaskEdits } from '../../../../src/domain/queue/edit.ts';
import type { QueueSnapshot } from '../../../../src/domain/queue/snapshot.ts';
import type { Task, TaskState } from '../../../../src/domain/queue/task.ts';
import { editTask } from '../../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../../src/store/codec/read-task.ts';
import { snapshotOf } from '../../../kit/queues/snapshots.ts';
import { type TaskFileSample, taskFile } from '../../../kit/queues/task-files.ts';
import { sized } from '../../../kit/sample.ts';

const CLAIM = {
  claimedBy: 'a1',
  claimedAt: '2025-06-01T10:00:00Z',
  lastHeartbeat: '2025-06-01T10:00:00Z',
  attempt: 1,
  claimId: 'abcdefghijklmnop',
};

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => /^[^\p{C}\p{Z}]+( |$)/u.test(text) && text === text.trim());
const oneLine = fc.oneof(
  line,
  fc.constantFrom('- a', 'status: ready', 'claim:', '"q"', '#1', 'a, b: [c]', 'true', '1e5'),
);
const text = fc
  .array(fc.oneof(oneLine, fc.constantFrom('', '  deeper', 'task:')), { minLength: 1, maxLength: 4 })
  .map((lines) => lines.join('\n'))
  .filter((one) => one.trim() !== '' && !/^\s|\s$/.test(one));

/** What somebody asks of a task; OTHER-1 is complete, OTHER-2 is not. */
const taskEdits: fc.Arbitrary<TaskEdits> = fc.record(
  {
    title: oneLine,
    type: oneLine,
    batch: oneLine,
    priority: fc.integer({ min: -9, max: 99 }),
    details: text,
    requires: fc.oneof(
      fc.uniqueArray(fc.constantFrom('OTHER-1', 'OTHER-2'), { maxLength: 2 }).map((set) => ({ set })),
      fc.constantFrom('OTHER-1', 'OTHER-2 (later)').map((one) => ({ add: [one] })),
    ),
    criteria: fc.oneof(
      fc.uniqueArray(oneLine, { minLength: 1, maxLength: 3 }).map((set) => ({ set })),
      oneLine.map((one) => ({ add: [one] })),
    ),
    labels: fc.dictionary(fc.constantFrom('model', 'team'), oneLine, { minKeys: 1 }),
  },
  { requiredKeys: [] },
);

function read(bytes: Uint8Array, { where }: TaskFileSample): Task {
  const reading = readTask(bytes, where);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  return reading.task;
}

function queueWith(file: TaskFileSample, bytes: Uint8Array, state: TaskState): QueueSnapshot {
  const { id, project } = file.where;
  const made = snapshotOf([
    { project, id, state },
    { project, id: 'OTHER-1', state: 'completed' },
    { project, id: 'OTHER-2' },
  ]);
  const [[name, tasks] = []] = made.projects;
  if (name === undefined || tasks === undefined) throw new Error('no project');
  const entries = tasks.entries.map((entry) =>
    entry.key.id === id
      ? { ...entry, reading: { kind: 'read' as const, task: read(bytes, file), findings: [] } }
      : entry,
  );
  return { ...made, projects: new Map([[name, { ...tasks, entries }]]) };
}

/** What the task is to say after the edit; written down apart from how it is decided. */
function wanted(task: Task, edits: TaskEdits, state: TaskState): Record<string, unknown> {
  const { criteria, requires, labels } = edits;
  const before = task.required.map(({ text: one }) => one);
  const idOf = (one: string): string => one.split(' ')[0] ?? '';
  const added = (requires?.add ?? []).filter((one) => !before.map(idOf).includes(idOf(one)));
  const required = requires?.set ?? [...before, ...added];
  const isChanged = required.join() !== before.join();
  const isOpen = required.every((one) => idOf(one) === 'OTHER-1');
  const word = isOpen ? 'ready' : 'blocked';
  const follows = state === 'ready' && isChanged && ['ready', 'blocked', 'pending'].includes(task.status ?? '');
  const stays = (task.status === 'pending' && !isOpen) || !follows;
  return {
    ...task,
    ...Object.fromEntries(
      Object.entries(edits).filter(([key]) => ['title', 'type', 'batch', 'priority', 'details'].includes(key)),
    ),
    acceptanceCriteria: criteria?.set ?? [
      ...task.acceptanceCriteria,
      ...(criteria?.add ?? []).filter((one) => !task.acceptanceCriteria.includes(one)),
    ],
    required,
    ...(stays ? {} : { status: word }),
    labels: asTexts({ ...task.labels, ...labels }),
  };
}

function said({ required, labels, blocks, ...task }: Task): Record<string, unknown> {
  return { ...task, blocks: blocks.length, required: required.map(({ text: one }) => one), labels: asTexts(labels) };
}

function asTexts(labels: object): object {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}

/** The lines that say what these fields say; block text and lists reach to the next section or the next list. */
function linesOf(edits: TaskEdits, lines: readonly string[]): ReadonlySet<number> {
  const own = new Set<number>();
  let section = '';
  let list = '';
  for (const [index, whole] of lines.entries()) {
    const one = whole.replace(/^\uFEFF|\r$/g, '');
    const top = /^([a-z_.]+)(\[\d+\])?(\{.*\})?:/.exec(one)?.[1];
    if (top !== undefined) [section, list] = [top.replace('task.', ''), ''];
    list =
      /^\s+(required|blocks|soft|details)\b/.exec(section === 'description' && list !== '' ? '' : one)?.[1] ?? list;
    const key = /^\s+([a-z]+):/.exec(one)?.[1] ?? '';
    const isField =
      section === 'task' && (Object.hasOwn(edits, key) || (key === 'status' && edits.requires !== undefined));
    const isList =
      (section === 'acceptance_criteria' && edits.criteria !== undefined) ||
      (section === 'description' && list === 'details' && edits.details !== undefined) ||
      (section === 'dependencies' && list === 'required' && edits.requires !== undefined);
    if (isField || isList) own.add(index);
  }
  return own;
}

describe('an edit', () => {
  it('changes what it names and not a byte else, in both notations, whoever holds the task', () => {
    fc.assert(
      fc.property(taskFile, taskEdits, fc.constantFrom<TaskState[]>('ready', 'claimed'), (file, edits, state) => {
        const claimed = state === 'claimed';
        const before = claimed
          ? editTask(file.bytes, [{ kind: 'append-claim', claim: CLAIM }], file.where)
          : file.bytes;
        const { id, project } = file.where;
        const intent: EditIntent = { kind: 'edit', request: 'request1', agent: 'ann', task: { project, id }, edits };
        const { commits, decisions } = decide(queueWith(file, before, state), [intent], 0);
        expect(decisions[0]?.kind).not.toBe('refused');
        const changes = commits[0]?.tasks[0]?.edits ?? [];
        const after = editTask(before, changes, file.where);

        const task = read(before, file);
        const { blocks, ...model } = wanted(task, edits, state) as unknown as Task;
        expect(said(read(after, file))).toEqual({ ...model, blocks: blocks.length });

        const [old, now] = [before, after].map((bytes) =>
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).split('\n'),
        );
        const own = linesOf(edits, old ?? []);
        let at = 0;
        const lost = (old ?? []).filter((one, index) => {
          if (own.has(index)) return false;
          const found = now?.indexOf(one, at) ?? -1;
          if (found >= 0) at = found + 1;
          return found < 0;
        });
        expect(lost).toEqual([]);
        if (claimed) {
          const released = editTask(after, [{ kind: 'remove-claim' }], file.where);
          expect(new TextDecoder().decode(released)).not.toContain(CLAIM.claimId);
        }
        // The same once more changes nothing.
        expect(decide(queueWith(file, after, state), [intent], 0).commits).toEqual([]);
      }),
      { numRuns: sized(300, 120) },
    );
  });
});
