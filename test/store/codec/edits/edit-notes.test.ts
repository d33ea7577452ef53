import { decode } from '@toon-format/toon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/domain/base/failure.ts';
import { noteTextProblem, toNoteText } from '../../../../src/domain/base/note-text.ts';
import type { TaskEdit } from '../../../../src/domain/queue/edit.ts';
import type { Note, Task } from '../../../../src/domain/queue/task.ts';
import { editTask } from '../../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../../src/store/codec/read-task.ts';
import { canonicalTaskFile, damagedTaskFile, type TaskFileSample, taskFile } from '../../../kit/queues/task-files.ts';
import { sized } from '../../../kit/sample.ts';

const AT = '2026-03-01T12:00:00Z';
const CLAIM: TaskEdit = {
  kind: 'append-claim',
  claim: { claimedBy: 'a1', claimedAt: AT, lastHeartbeat: AT, attempt: 1, claimId: 'c1' },
};
const COMPLETION: TaskEdit = { kind: 'append-completion', completion: { completedAt: AT, completedBy: 'a1' } };

/** What people and agents say, and what nobody should. */
const said = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    'status: ready',
    'last_heartbeat: 2020-01-01T00:00:00Z',
    'claimed_by: mallory',
    'a\nstatus: ready\nclaim:\n  claimed_by: mallory',
    '# a comment',
    '| block',
    '"quoted": yes, [1]',
    'null',
    '007',
    'C:\\temp \\u003a',
    '\u001b[31mred\u202e',
    '- item',
  ),
);
const note: fc.Arbitrary<Note> = fc
  .record({ at: fc.constant(AT), agent: fc.constantFrom('agent-1', 'Zoë Q. Doe'), text: said.map(toNoteText) })
  .filter(({ text }) => noteTextProblem(text) === undefined);

function edited(file: TaskFileSample, bytes: Uint8Array, ...edits: readonly TaskEdit[]): Uint8Array {
  return editTask(bytes, edits, file.where);
}

function noted(file: TaskFileSample, bytes: Uint8Array, ...notes: readonly Note[]): Uint8Array {
  return edited(file, bytes, ...notes.map((one): TaskEdit => ({ kind: 'append-note', note: one })));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function read(file: TaskFileSample, bytes: Uint8Array): Task {
  const reading = readTask(bytes, file.where);
  if (reading.kind !== 'read') throw new Error(`unreadable: ${JSON.stringify(reading)}`);
  return reading.task;
}

describe('a note', () => {
  it('is one stretch of new bytes, and reads as what was said', () => {
    fc.assert(
      fc.property(taskFile, fc.array(note, { minLength: 1, maxLength: 3 }), fc.nat(2), (file, notes, worked) => {
        const before = edited(file, file.bytes, ...[CLAIM, COMPLETION].slice(0, worked));
        const after = noted(file, before, ...notes);
        const [old, now] = [text(before), text(after)];
        const start = [...old].findIndex((_, index) => [...old][index] !== [...now][index]);
        const at = start < 0 ? old.length : [...old].slice(0, start).join('').length;
        expect(now.endsWith(old.slice(at))).toBe(true);
        const { notes: told, ...rest } = read(file, after);
        expect(told).toEqual(notes);
        expect({ ...rest, required: [], blocks: [] }).toEqual({ ...read(file, before), required: [], blocks: [] });
      }),
      { numRuns: sized(300, 60) },
    );
  });

  it('on a claimed task leaves, once the claim is gone, what it leaves on the task as it was before', () => {
    fc.assert(
      fc.property(fc.oneof(taskFile, damagedTaskFile), note, note, (file, first, second) => {
        fc.pre(readTask(file.bytes, file.where).kind === 'read');
        const whileClaimed = noted(file, edited(file, file.bytes, CLAIM), first, second);
        const released = edited(file, whileClaimed, { kind: 'remove-claim' });
        expect(text(released)).toBe(text(noted(file, file.bytes, first, second)));
        const between = edited(file, noted(file, file.bytes, first), CLAIM);
        expect(text(edited(file, noted(file, between, second), { kind: 'remove-claim' }))).toBe(text(released));
      }),
      { numRuns: sized(300, 60) },
    );
  });

  it('keeps canonical TOON canonical, and adds only lines, in the newlines of the file', () => {
    fc.assert(
      fc.property(canonicalTaskFile, note, note, (file, first, second) => {
        const once = text(noted(file, file.bytes, first));
        const both = text(noted(file, file.bytes, first, second));
        const block = decode(both) as { notes: Record<string, string> };
        expect(Object.values(block.notes)).toEqual([first.text, second.text]);
        expect({ ...block, notes: 0 }).toEqual({ ...(decode(file.text) as object), notes: 0 });
        const newline = file.text.includes('\r\n') ? '\r\n' : '\n';
        expect(once.split(newline).length - file.text.split(newline).length).toBe(file.text.endsWith('\n') ? 3 : 2);
        expect(both.split(newline).length - once.split(newline).length).toBe(1);
        expect(both.replaceAll(newline, '')).not.toContain('\n');
      }),
      { numRuns: sized(200, 50) },
    );
  });

  it('on a damaged file changes nothing else, or is refused', () => {
    fc.assert(
      fc.property(damagedTaskFile, note, (file, one) => {
        fc.pre(readTask(file.bytes, file.where).kind === 'read');
        try {
          expect(read(file, noted(file, file.bytes, one)).notes?.at(-1)).toEqual(one);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: sized(300, 60) },
    );
  });

  it('says nothing that a script looks for, whatever it says', () => {
    fc.assert(
      fc.property(taskFile, note, (file, one) => {
        const lines = text(noted(file, file.bytes, one)).split(/\r?\n/);
        const before = file.text.split(/\r?\n/);
        const added = lines.filter((line) => !before.includes(line)).join('\n');
        expect(added).not.toMatch(/(status|claimed_by|last_heartbeat|priority)\s*:/i);
      }),
      { numRuns: sized(200, 50) },
    );
  });
});

describe('the block of notes', () => {
  const where = { path: 'T.toon', project: 'p', id: 'T' };
  const of = (file: string, ...notes: readonly Note[]): string =>
    text(
      editTask(
        new TextEncoder().encode(file),
        notes.map((one) => ({ kind: 'append-note', note: one })),
        where,
      ),
    );
  const one: Note = { at: AT, agent: 'a1', text: 'x y' };

  it('is at the end, and a line longer each time', () => {
    expect(of('task:\n  id: T\n', one, one)).toBe(
      `task:\n  id: T\n\nnotes:\n  "${AT} a1": x y\n  "${AT} a1 #2": x y\n`,
    );
  });

  it('is in front of the claim, where scripts that cut the file at the claim leave it', () => {
    expect(of('task:\n  id: T\n\nclaim:\n  claimed_by: a1\n', one)).toBe(
      `task:\n  id: T\n\nnotes:\n  "${AT} a1": x y\n\nclaim:\n  claimed_by: a1\n`,
    );
  });

  it.each([
    ['notes: as the architect said', 'agent_notes'],
    ['notes[1]:\n  - as the architect said', 'agent_notes'],
    ['notes: |\n  as the architect said', 'agent_notes'],
    ['notes:\n  architect: careful', 'notes'],
  ])('leaves what a file says by that name: %j', (own, name) => {
    const now = of(`task:\n  id: T\n${own}\n`, one);
    expect(now.startsWith(`task:\n  id: T\n${own}\n`)).toBe(true);
    expect(now).toContain(`${name}:\n`);
    const reading = readTask(new TextEncoder().encode(now), where);
    expect(reading.kind === 'read' && reading.task.notes).toEqual([one]);
  });
});
