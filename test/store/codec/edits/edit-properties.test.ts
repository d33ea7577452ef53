import { decode } from '@toon-format/toon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/domain/base/failure.ts';
import type { ClaimRecord, TaskEdit } from '../../../../src/domain/queue/edit.ts';
import type { Task } from '../../../../src/domain/queue/task.ts';
import { editTask } from '../../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../../src/store/codec/read-task.ts';
import { canonicalTaskFile, damagedTaskFile, type TaskFileSample, taskFile } from '../../../kit/queues/task-files.ts';
import { sized } from '../../../kit/sample.ts';

const claimRecord: fc.Arbitrary<ClaimRecord> = fc.record({
  claimedBy: fc.constantFrom('agent-1', '42', 'true', 'a@b', '1e5'),
  claimedAt: fc.constant('2025-06-01T10:00:00Z'),
  lastHeartbeat: fc.constant('2025-06-01T10:00:00Z'),
  attempt: fc.integer({ min: 1, max: 99 }),
  claimId: fc.stringMatching(/^[a-z][a-z0-9]{15}$/),
});

const LATER = '2025-06-01T10:05:00Z';

function edit(file: TaskFileSample, bytes: Uint8Array, ...edits: TaskEdit[]): Uint8Array {
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

/** What the library makes of it; undefined where it is no map, or nothing that the library takes. Half a newline at the very
 * end counts as none: the library takes it for one, and for text as soon as a line follows. */
function strictValue(toon: string): Record<string, unknown> | undefined {
  if (toon.endsWith('\r')) return undefined;
  const unit = /^( +)\S/m.exec(toon)?.[1] ?? '  ';
  try {
    const value = decode(toon, { indentSize: unit.length });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** What the task says apart from what an edit is about. */
function without(task: Task, ...keys: (keyof Task)[]): Partial<Task> {
  return Object.fromEntries(Object.entries(task).filter(([key]) => !keys.includes(key as keyof Task)));
}

describe('claim and release', () => {
  it('give back the very bytes, whatever the file', () => {
    fc.assert(
      fc.property(taskFile, claimRecord, (file, claim) => {
        const claimed = edit(file, file.bytes, { kind: 'append-claim', claim });
        expect(text(edit(file, claimed, { kind: 'remove-claim' }))).toBe(file.text);
      }),
      { numRuns: sized(300, 100) },
    );
  });

  it('give back the very bytes after heartbeats and a change of status', () => {
    fc.assert(
      fc.property(taskFile, claimRecord, (file, claim) => {
        const claimed = edit(file, file.bytes, { kind: 'append-claim', claim });
        const renewed = edit(
          file,
          claimed,
          { kind: 'set-heartbeat', at: LATER },
          { kind: 'set-status', status: 'blocked' },
        );
        const released = edit(file, renewed, { kind: 'remove-claim' });
        expect(text(released)).toBe(text(edit(file, file.bytes, { kind: 'set-status', status: 'blocked' })));
      }),
    );
  });

  it('give back the very bytes of files that somebody damaged, as long as they can be read', () => {
    fc.assert(
      fc.property(damagedTaskFile, claimRecord, (file, claim) => {
        fc.pre(readTask(file.bytes, file.where).kind === 'read');
        const claimed = edit(file, file.bytes, { kind: 'append-claim', claim });
        expect(read(file, claimed).claim?.claimId).toBe(claim.claimId);
        expect(text(edit(file, claimed, { kind: 'remove-claim' }))).toBe(file.text);
      }),
      { numRuns: sized(500, 166) },
    );
  });
});

describe('a claim', () => {
  it('is a pure append, and reads as what was written', () => {
    fc.assert(
      fc.property(taskFile, claimRecord, (file, claim) => {
        const claimed = edit(file, file.bytes, { kind: 'append-claim', claim });
        expect(text(claimed).startsWith(file.text)).toBe(true);
        const task = read(file, claimed);
        expect(task.claim).toEqual(claim);
        expect(without(task, 'claim')).toEqual(without(read(file, file.bytes), 'claim'));
      }),
    );
  });

  it('keeps canonical TOON canonical, with the same value and a claim', () => {
    fc.assert(
      fc.property(canonicalTaskFile, claimRecord, (file, claim) => {
        const claimed = decode(text(edit(file, file.bytes, { kind: 'append-claim', claim })));
        const expected = {
          claimed_by: claim.claimedBy,
          claimed_at: claim.claimedAt,
          last_heartbeat: claim.lastHeartbeat,
          claim_attempt: claim.attempt,
          claim_id: claim.claimId,
        };
        expect(claimed).toEqual({ ...(decode(file.text) as object), claim: expected });
      }),
    );
  });

  it('leaves what the library decodes strictly with the same value and a claim, also after damage', () => {
    fc.assert(
      fc.property(fc.oneof(taskFile, damagedTaskFile), claimRecord, (file, claim) => {
        const before = strictValue(file.text);
        fc.pre(before !== undefined && !('claim' in before) && readTask(file.bytes, file.where).kind === 'read');
        const { claim: added, ...rest } =
          strictValue(text(edit(file, file.bytes, { kind: 'append-claim', claim }))) ?? {};
        expect(rest).toEqual(before);
        expect(added).toMatchObject({ claim_id: claim.claimId });
      }),
      { numRuns: sized(300, 100) },
    );
  });

  it('ends as the file ended: with a newline or without, in its own newlines', () => {
    fc.assert(
      fc.property(taskFile, claimRecord, (file, claim) => {
        const added = text(edit(file, file.bytes, { kind: 'append-claim', claim })).slice(file.text.length);
        expect(added.endsWith('\n')).toBe(file.text.endsWith('\n'));
        const newlines = added.match(/\r?\n/g) ?? [];
        expect(new Set(newlines)).toEqual(new Set([file.text.includes('\r\n') ? '\r\n' : '\n']));
      }),
    );
  });
});

describe('a heartbeat', () => {
  it('changes exactly one line', () => {
    fc.assert(
      fc.property(taskFile, claimRecord, (file, claim) => {
        const claimed = edit(file, file.bytes, { kind: 'append-claim', claim });
        const renewed = edit(file, claimed, { kind: 'set-heartbeat', at: LATER });
        const before = text(claimed).split('\n');
        const after = text(renewed).split('\n');
        expect(after.length).toBe(before.length);
        const changed = after.filter((line, index) => line !== before[index]);
        expect(changed.map((line) => line.trim())).toEqual([`last_heartbeat: ${LATER}`]);
        expect(read(file, renewed)).toEqual({ ...read(file, claimed), claim: { ...claim, lastHeartbeat: LATER } });
      }),
    );
  });
});

describe('a review', () => {
  const URL = 'https://example.org/shop/pull/7?a=b#c';
  const reviewed: readonly TaskEdit[] = [
    { kind: 'set-heartbeat', at: LATER },
    { kind: 'set-in-claim', field: 'review_since', value: LATER },
    { kind: 'set-in-claim', field: 'pr_url', value: URL },
  ];

  it('adds two lines to the claim, reads as what was written, and goes away with the claim', () => {
    fc.assert(
      fc.property(taskFile, claimRecord, fc.boolean(), (file, claim, isDamaged) => {
        const claimed = edit(file, file.bytes, { kind: 'append-claim', claim });
        const after = edit(file, claimed, ...reviewed);
        const lines = text(after).split('\n');
        expect(lines.length - text(claimed).split('\n').length).toBe(2);
        expect(read(file, after)).toEqual({
          ...read(file, claimed),
          claim: { ...claim, lastHeartbeat: LATER, reviewSince: LATER, prUrl: URL },
        });
        expect(text(edit(file, after, { kind: 'remove-claim' }))).toBe(file.text);
        const other = `${URL}${isDamaged ? '' : '8'}`;
        const again = edit(file, after, { kind: 'set-in-claim', field: 'pr_url', value: other });
        expect(text(again)).toBe(text(after).replace(URL, () => other));
      }),
      { numRuns: sized(300, 60) },
    );
  });

  it('leaves canonical TOON canonical', () => {
    fc.assert(
      fc.property(canonicalTaskFile, claimRecord, (file, claim) => {
        const after = edit(file, file.bytes, { kind: 'append-claim', claim }, ...reviewed);
        expect(decode(text(after))).toMatchObject({ claim: { review_since: LATER, pr_url: URL } });
      }),
      { numRuns: sized(100, 30) },
    );
  });
});

describe('a change of status', () => {
  it('changes one line or adds one, and no word in any description', () => {
    fc.assert(
      fc.property(taskFile, (file) => {
        const changed = edit(file, file.bytes, { kind: 'set-status', status: 'pending' });
        const before = file.text.split('\n');
        const after = text(changed).split('\n');
        const expected = file.expected.status === undefined ? 1 : 0;
        expect(after.length - before.length).toBe(expected);
        const linesAside = (task: Task): unknown =>
          JSON.parse(JSON.stringify({ ...task, status: 'pending' }).replace(/"line":\d+/g, '"line":0'));
        expect(read(file, changed).status).toBe('pending');
        expect(linesAside(read(file, changed))).toEqual(linesAside(read(file, file.bytes)));
        if (expected === 0) {
          const lines = after.filter((line, index) => line !== before[index]).map((line) => line.trim());
          expect(lines).toEqual(file.expected.status === 'pending' ? [] : ['status: pending']);
        }
      }),
    );
  });
});

describe('a completion', () => {
  it('is a pure append that reads as what was written', () => {
    fc.assert(
      fc.property(taskFile, claimRecord, fc.boolean(), (file, claim, withUrl) => {
        const url = withUrl ? { prUrl: 'https://example.org/shop/pull/7?a=b#c' } : {};
        const completion = { completedAt: LATER, completedBy: claim.claimedBy, ...url };
        const claimed = edit(file, file.bytes, { kind: 'append-claim', claim });
        const completed = edit(file, claimed, { kind: 'append-completion', completion });
        expect(text(completed).startsWith(text(claimed))).toBe(true);
        const task = read(file, completed);
        expect(task.completion).toEqual({ status: 'completed', ...completion });
        expect(without(task, 'completion')).toEqual(without(read(file, claimed), 'completion'));
        // A claim that is taken away from in front of other sections leaves them as they are.
        expect(text(edit(file, completed, { kind: 'remove-claim' }))).toContain('completion:');
      }),
    );
  });
});

describe('a reason for being blocked', () => {
  it('can be set, changed and taken away without a trace', () => {
    fc.assert(
      fc.property(taskFile, fc.string({ unit: 'binary', maxLength: 40 }), (file, reason) => {
        const set = edit(file, file.bytes, { kind: 'set-blocked-reason', reason });
        const again = edit(file, set, { kind: 'set-blocked-reason', reason: 'released 3 times' });
        expect(read(file, again).blockedReason).toBe('released 3 times');
        expect(text(set).split('\n').length).toBe(file.text.split('\n').length + 1);
        const gone = edit(file, again, { kind: 'set-blocked-reason', reason: undefined });
        expect(text(gone)).toBe(file.text);
      }),
      { numRuns: sized(500, 166) },
    );
  });

  it('keeps canonical TOON canonical, and the reason whole', () => {
    fc.assert(
      fc.property(canonicalTaskFile, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (file, reason) => {
        const set = text(edit(file, file.bytes, { kind: 'set-blocked-reason', reason }));
        const value = decode(set) as { task: { blocked_reason: unknown } };
        expect(value.task.blocked_reason).toBe(reason.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' '));
      }),
    );
  });
});

describe('edits of damaged files', () => {
  it('either change what they should, or refuse', () => {
    const anyEdit: fc.Arbitrary<TaskEdit> = fc.constantFrom<TaskEdit[]>(
      { kind: 'set-status', status: 'ready' },
      { kind: 'set-heartbeat', at: LATER },
      { kind: 'remove-claim' },
      { kind: 'set-blocked-reason', reason: 'x: "y"' },
      { kind: 'set-blocked-reason', reason: undefined },
    );
    fc.assert(
      fc.property(damagedTaskFile, anyEdit, (file, change) => {
        try {
          const task = read(file, edit(file, file.bytes, change));
          if (change.kind === 'set-status') expect(task.status).toBe('ready');
          if (change.kind === 'set-heartbeat') expect(task.claim?.lastHeartbeat).toBe(LATER);
          if (change.kind === 'set-blocked-reason') expect(task.blockedReason).toBe(change.reason);
        } catch (error) {
          if (readTask(file.bytes, file.where).kind === 'unreadable') return;
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: sized(500, 166) },
    );
  });
});
