import { decode } from '@toon-format/toon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noteTextProblem, toNoteText } from '../../../../src/domain/base/note-text.ts';
import type { TaskEdit } from '../../../../src/domain/queue/edit.ts';
import type { Note, Task } from '../../../../src/domain/queue/task.ts';
import { editTask } from '../../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../../src/store/codec/read-task.ts';
import { canonicalTaskFile, type TaskFileSample, taskFile } from '../../../kit/queues/task-files.ts';
import { sized } from '../../../kit/sample.ts';

const AT = '2026-03-01T12:00:00Z';
const CLAIM: TaskEdit = {
  kind: 'append-claim',
  claim: { claimedBy: 'a1', claimedAt: AT, lastHeartbeat: AT, attempt: 1, claimId: 'c1' },
};

const line: fc.Arbitrary<Note> = fc
  .record({
    at: fc.constant(AT),
    agent: fc.constantFrom('agent-1', 'Zoë Q. Doe', 'she asked', 'he answered'),
    text: fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('status: ready', 'a #2', '"x": [1]')),
  })
  .map(({ text, ...rest }) => ({ ...rest, text: toNoteText(text) }))
  .filter(({ text }) => noteTextProblem(text) === undefined);

const ask = (question: Note): TaskEdit[] => [
  { kind: 'append-question', question },
  { kind: 'set-status', status: 'asking' },
];
const answer = (said: Note): TaskEdit[] => [
  { kind: 'append-answer', answer: said },
  { kind: 'set-status', status: 'ready' },
];

function edited(file: TaskFileSample, bytes: Uint8Array, ...edits: readonly TaskEdit[]): Uint8Array {
  return editTask(bytes, edits, file.where);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function read(file: TaskFileSample, bytes: Uint8Array): Task {
  const reading = readTask(bytes, file.where);
  if (reading.kind !== 'read') throw new Error(`unreadable: ${JSON.stringify(reading)}`);
  return reading.task;
}

describe('a question with its answer', () => {
  it('leaves the file as it was but for the block, in either notation, and reads as what was said', () => {
    fc.assert(
      fc.property(taskFile, line, line, line, (file, first, said, second) => {
        fc.pre(read(file, file.bytes).status === 'ready');
        const claimed = edited(file, file.bytes, CLAIM);
        const asking = edited(file, claimed, { kind: 'remove-claim' }, ...ask(first));
        expect(read(file, asking)).toMatchObject({ status: 'asking', questions: [first] });
        const answered = edited(file, asking, ...answer(said));
        // One stretch of new bytes: a claim that an older script left behind stays the last block.
        const [old, now] = [text(file.bytes), text(answered)];
        const start = [...old].findIndex((unit, index) => unit !== [...now][index]);
        const at = start < 0 ? old.length : [...old].slice(0, start).join('').length;
        expect(now.endsWith(old.slice(at))).toBe(true);
        const both = edited(file, answered, CLAIM, { kind: 'remove-claim' }, ...ask(second));
        const { questions, status, ...rest } = read(file, both);
        expect({ questions, status }).toEqual({ questions: [{ ...first, answer: said }, second], status: 'asking' });
        const { status: _, ...before } = read(file, file.bytes);
        expect({ ...rest, required: [], blocks: [] }).toEqual({ ...before, required: [], blocks: [] });
      }),
      { numRuns: sized(200, 50) },
    );
  });

  it('keeps canonical TOON canonical', () => {
    fc.assert(
      fc.property(canonicalTaskFile, line, line, (file, question, said) => {
        fc.pre(read(file, file.bytes).status === 'ready');
        const now = decode(text(edited(file, file.bytes, ...ask(question), ...answer(said)))) as object;
        const { questions, ...rest } = now as { questions: Record<string, string> };
        expect(Object.values(questions)).toEqual([question.text, said.text]);
        expect(rest).toEqual(decode(file.text));
      }),
      { numRuns: sized(100, 30) },
    );
  });

  it('is in front of the claim, and leaves what a file says by that name', () => {
    const where = { path: 'T.toon', project: 'p', id: 'T' };
    const one: Note = { at: AT, agent: 'a1', text: 'x?' };
    const of = (file: string): string =>
      text(editTask(new TextEncoder().encode(file), [...ask(one), ...answer({ ...one, text: 'y' })], where));
    expect(of('task:\n  id: T\n  status: ready\n\nclaim:\n  claimed_by: a1\n')).toBe(
      `task:\n  id: T\n  status: ready\n\nquestions:\n  "${AT} a1 asked": x?\n  "${AT} a1 answered": y\n\nclaim:\n  claimed_by: a1\n`,
    );
    expect(of('task:\n  id: T\n  status: ready\nquestions[1]: why\n')).toBe(
      `task:\n  id: T\n  status: ready\nquestions[1]: why\n\nagent_questions:\n  "${AT} a1 asked": x?\n  "${AT} a1 answered": y\n`,
    );
  });
});
