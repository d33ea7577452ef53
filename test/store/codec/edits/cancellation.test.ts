import { readdirSync, readFileSync } from 'node:fs';
import { decode } from '@toon-format/toon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toNoteText } from '../../../../src/domain/base/note-text.ts';
import { type CancellationRecord, statusBefore, type TaskEdit } from '../../../../src/domain/queue/edit.ts';
import type { Task } from '../../../../src/domain/queue/task.ts';
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
const REOPENED: readonly TaskEdit[] = [{ kind: 'restore-status' }, { kind: 'remove-cancellation' }];

const reason = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('status: ready', 'a\nstatus: ready', '"quoted": yes', '| block', '007', 'last_heartbeat: x'),
  )
  .map((text) => toNoteText(text) || 'no longer needed');
const record: fc.Arbitrary<CancellationRecord> = fc.record({
  cancelledAt: fc.constant(AT),
  cancelledBy: fc.constantFrom('agent-1', 'Zoë Q. Doe'),
  reason,
});

function cancelled(cancellation: CancellationRecord): readonly TaskEdit[] {
  return [
    { kind: 'append-cancellation', cancellation },
    { kind: 'set-status', status: 'cancelled' },
  ];
}

function edited(file: Pick<TaskFileSample, 'where'>, bytes: Uint8Array, ...edits: readonly TaskEdit[]): Uint8Array {
  return editTask(bytes, edits, file.where);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function read(file: Pick<TaskFileSample, 'where'>, bytes: Uint8Array): Task {
  const reading = readTask(bytes, file.where);
  if (reading.kind !== 'read') throw new Error(`unreadable: ${JSON.stringify(reading)}`);
  return reading.task;
}

/** Whether a cancellation can give back the bytes: any other status keeps a task from being claimed forever. */
const isUsual = (task: Task): boolean => statusBefore(task.status) === task.status;

describe('cancel and reopen', () => {
  it('give back the very bytes, and in between the file says what was said', () => {
    fc.assert(
      fc.property(fc.oneof(taskFile, damagedTaskFile), record, (file, one) => {
        fc.pre(readTask(file.bytes, file.where).kind === 'read');
        const before = read(file, file.bytes);
        const gone = edited(file, file.bytes, ...cancelled(one));
        const { cancellation, status, ...rest } = read(file, gone);
        expect(status).toBe('cancelled');
        expect(cancellation).toMatchObject(one);
        const places = { required: [], blocks: [], needs: [], status: undefined };
        expect({ ...rest, ...places }).toEqual({ ...before, ...places });
        const again = edited(file, gone, ...REOPENED);
        if (isUsual(before)) expect(text(again)).toBe(file.text);
        else expect(read(file, again).status).toBe('ready');
      }),
      { numRuns: sized(300, 30) },
    );
  });

  it('leave a note of the time in between as if there had been no cancellation', () => {
    fc.assert(
      fc.property(taskFile, record, (file, one) => {
        fc.pre(isUsual(read(file, file.bytes)));
        const note: TaskEdit = { kind: 'append-note', note: { at: AT, agent: 'a2', text: 'why?' } };
        const again = edited(file, file.bytes, ...cancelled(one), note, ...REOPENED);
        expect(text(again)).toBe(text(edited(file, file.bytes, note)));
      }),
      { numRuns: sized(200, 15) },
    );
  });

  it('keep canonical TOON canonical', () => {
    fc.assert(
      fc.property(canonicalTaskFile, record, (file, one) => {
        const { cancellation, ...rest } = decode(text(edited(file, file.bytes, ...cancelled(one)))) as {
          cancellation: { reason: unknown };
        };
        expect(cancellation.reason).toBe(one.reason);
        expect(rest).toMatchObject({ task: { status: 'cancelled' } });
      }),
      { numRuns: sized(200, 15) },
    );
  });

  it('add no line that a script takes for a ready task or for a heartbeat', () => {
    fc.assert(
      fc.property(taskFile, record, (file, one) => {
        const before = file.text.split(/\r?\n/);
        const lines = text(edited(file, file.bytes, ...cancelled(one))).split(/\r?\n/);
        const added = lines.filter((line) => !before.includes(line)).join('\n');
        expect(added).not.toMatch(/status\s*:(?! *"?cancelled)|last_heartbeat\s*:|claimed_by\s*:/i);
      }),
      { numRuns: sized(200, 15) },
    );
  });

  it.each([
    ['ready # for now', 'cancelled # for now'],
    ['"ready"', '"cancelled"'],
    ['pending (waits for: the bank)', 'cancelled'],
    ['Blocked', 'cancelled'],
  ])('restore the status %j as it was written', (written, meanwhile) => {
    const where = { path: 'T.toon', project: 'p', id: 'T' };
    const before = `task:\n  id: T\n  title: x\n  status: ${written}\n`;
    const gone = editTask(
      new TextEncoder().encode(before),
      cancelled({ cancelledAt: AT, cancelledBy: 'me', reason: 'x' }),
      where,
    );
    expect(text(gone)).toContain(`\n  status: ${meanwhile}\n`);
    expect(text(editTask(gone, REOPENED, where))).toBe(before);
  });
});

describe('reopening what was completed', () => {
  it('gives back the bytes from before the claim', () => {
    fc.assert(
      fc.property(taskFile, (file) => {
        fc.pre(!/^\s*(?:claim|completion):/m.test(file.text));
        const done = edited(file, file.bytes, CLAIM, { kind: 'set-heartbeat', at: AT }, COMPLETION);
        expect(text(edited(file, done, { kind: 'remove-endings' }))).toBe(file.text);
      }),
      { numRuns: sized(200, 20) },
    );
  });

  it('takes away every claim and completion, of damaged files too, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(taskFile, damagedTaskFile), fc.nat(2), (file, times) => {
        fc.pre(readTask(file.bytes, file.where).kind === 'read');
        const rounds = Array.from({ length: times }, () => [CLAIM, COMPLETION]).flat();
        const task = read(file, edited(file, edited(file, file.bytes, ...rounds), { kind: 'remove-endings' }));
        const { claim: _, completion: __, ...rest } = read(file, file.bytes);
        const places = { required: [], blocks: [], needs: [] };
        expect({ ...task, ...places }).toEqual({ ...rest, ...places });
      }),
      { numRuns: sized(200, 20) },
    );
  });

  it.each(['claim', 'completion'])('takes a %s as agents write it by hand out of real files', (key) => {
    const folder = new URL('../../../fixtures/dialect/', import.meta.url);
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.toon'))) {
      const bytes = readFileSync(new URL(name, folder));
      const file = { where: { path: name, project: 'shop', id: name.slice(0, -5) } };
      const after = text(editTask(bytes, [{ kind: 'remove-endings' }], file.where));
      expect(after).not.toMatch(new RegExp(`^${key}:`, 'm'));
      const lines = new Set(bytes.toString('utf8').split('\n'));
      expect(after.split('\n').filter((line) => !lines.has(line))).toEqual([]);
    }
  });
});
