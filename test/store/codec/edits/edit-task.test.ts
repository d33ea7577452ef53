import { decode } from '@toon-format/toon';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/domain/base/failure.ts';
import type { ClaimRecord, TaskEdit } from '../../../../src/domain/queue/edit.ts';
import { editTask } from '../../../../src/store/codec/edits/edit-task.ts';
import { MAX_TASK_BYTES, readTask } from '../../../../src/store/codec/read-task.ts';

const WHERE = { path: '.agents/p/tasks/T-1.toon', project: 'p', id: 'T-1' };
const HEAD = 'task:\n id: T-1\n title: t\n status: ready\n';
const LATER = '2025-06-01T10:05:00Z';
const CLAIM: ClaimRecord = {
  claimedBy: 'agent-1',
  claimedAt: '2025-06-01T10:00:00Z',
  lastHeartbeat: '2025-06-01T10:00:00Z',
  attempt: 2,
  claimId: 'abcdefghij012345',
};

function edit(text: string, ...edits: TaskEdit[]): string {
  const bytes = editTask(new TextEncoder().encode(text), edits, WHERE);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function claimed(text: string, claim: Partial<ClaimRecord> = {}): string {
  return edit(text, { kind: 'append-claim', claim: { ...CLAIM, ...claim } });
}

function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('did not fail');
}

describe('append-claim', () => {
  it('puts the lines that older scripts grep behind an empty line', () => {
    expect(claimed(HEAD)).toBe(
      `${HEAD}\nclaim:\n claimed_by: agent-1\n claimed_at: 2025-06-01T10:00:00Z\n last_heartbeat: 2025-06-01T10:00:00Z\n claim_attempt: 2\n claim_id: abcdefghij012345\n`,
    );
  });

  it.each([
    ['two spaces', 'task:\n  id: T-1\n  status: ready\n', /\n {2}claimed_by/],
    ['tabs', 'task:\n\tid: T-1\n\tstatus: ready\n', /\n\tclaimed_by/],
    [
      'four spaces, CRLF',
      'task:\r\n    id: T-1\r\n    status: ready\r\n',
      /\r\n\r\nclaim:\r\n {4}claimed_by: agent-1\r\n/,
    ],
    ['dotted keys only', 'task.id: T-1\ntask.status: ready\n', /\n\nclaim:\n {2}claimed_by/],
  ])('uses the indentation and newlines of the file: %s', (_, text, expected) => {
    expect(claimed(text)).toMatch(expected);
  });

  it('leaves a file without final newline without one', () => {
    const text = HEAD.trimEnd();
    expect(claimed(text)).toMatch(/ status: ready\nclaim:\n claimed_by.*claim_id: abcdefghij012345$/s);
  });

  it.each([
    ['42', '"42"'],
    ['true', '"true"'],
    ['1e5', '"1e5"'],
    ['007', '007'],
    ['a@b.c', 'a@b.c'],
    ['-x', '-x'],
    ['|', '"|"'],
    ['a\nclaim_id: stolen', 'a claim_id: stolen'],
    [' a ', '" a "'],
    ['', '""'],
  ])('quotes the agent %j only where it must: %j', (claimedBy, written) => {
    const text = claimed(HEAD, { claimedBy });
    expect(text).toContain(`\n claimed_by: ${written}\n`);
  });

  it('goes behind a claim that an older script left, and is the one that counts', () => {
    const text = `${HEAD}\nclaim:\n claimed_by: old\n\ncompletion:\n status: failed\n`;
    const reading = readTask(new TextEncoder().encode(claimed(text)), WHERE);
    expect(reading).toMatchObject({ kind: 'read', task: { claim: CLAIM } });
    expect(edit(claimed(text), { kind: 'remove-claim' })).toBe(text);
  });

  it('keeps canonical TOON strict', () => {
    const text = 'task:\n  id: T-1\n  status: ready\nacceptance_criteria[2]:\n  - a\n  - "b: c"\n';
    const value = decode(claimed(text));
    expect(value).toMatchObject({
      task: { id: 'T-1' },
      acceptance_criteria: ['a', 'b: c'],
      claim: { claim_attempt: 2 },
    });
  });
});

describe('remove-claim', () => {
  it.each([
    ['without a blank line in front', `${HEAD}claim:\n claimed_by: a\n`, HEAD],
    ['with one', `${HEAD}\nclaim:\n claimed_by: a\n`, HEAD],
    ['without final newline', `${HEAD}\nclaim:\n claimed_by: a`, HEAD],
    ['with more in it', `${HEAD}claim:\n status: claimed\n taken_over_by: b\n log:\n  - x\n\n  - y\n`, HEAD],
    ['with block text', `${HEAD}claim:\n claimed_by: a\n notes: |\n  one\n\n  two\n`, HEAD],
    [
      'in the middle',
      `${HEAD}\nclaim:\n claimed_by: a\n\ncompletion:\n status: x\n`,
      `${HEAD}\ncompletion:\n status: x\n`,
    ],
    ['in the middle, no blank lines', `${HEAD}claim:\n claimed_by: a\nnotes: x\n`, `${HEAD}notes: x\n`],
    ['at the start', `claim:\n claimed_by: a\n${HEAD}`, HEAD],
    ['with blank lines behind', `${HEAD}\nclaim:\n claimed_by: a\n\n\n`, `${HEAD}\n\n`],
    [
      'inside the task',
      `task:\n id: T-1\n claim:\n  claimed_by: a\n status: ready\n`,
      `task:\n id: T-1\n status: ready\n`,
    ],
    ['twice', `${HEAD}claim:\n claimed_by: a\nclaim:\n claimed_by: b\n`, `${HEAD}claim:\n claimed_by: a\n`],
    ['not at all', HEAD, HEAD],
    ['as a word', `${HEAD}claim: null\n`, `${HEAD}claim: null\n`],
    ['in text', `${HEAD}notes: |\n claim:\n  claimed_by: a\n`, `${HEAD}notes: |\n claim:\n  claimed_by: a\n`],
    ['CRLF', 'task:\r\n id: a\r\n\r\nclaim:\r\n claimed_by: a\r\n', 'task:\r\n id: a\r\n'],
  ])('takes the block away where it is there %s', (_, text, expected) => {
    expect(edit(text, { kind: 'remove-claim' })).toBe(expected);
  });

  it.each([
    ['mixed newlines', 'task:\r\n id: a\n title: t\r\n status: ready\n'],
    ['mixed newlines, the other way', 'task:\n id: a\r\n title: t\n status: ready\r\n'],
    ['half a newline at the end', 'task:\r\n id: a\r'],
    ['blank lines at the end', `${HEAD}\n\n`],
    ['blanks at the end', `${HEAD}  `],
    ['a comment at the end', `${HEAD}# end`],
    ['open block text at the end', `${HEAD}notes: |`],
    ['block text at the end', `${HEAD}notes: |\n a\n\n`],
    ['an empty list at the end', `${HEAD}acceptance_criteria[3]:\n`],
    ['a list at the end', `${HEAD}acceptance_criteria[3]:\n a\n  b`],
    ['a byte order mark', `\uFEFF${HEAD}`],
    ['everything indented', '  task:\n    id: a\n'],
    ['an empty claim', `${HEAD}claim:\n`],
    ['tabs', 'task:\n\tid: a\n\t\n'],
  ])('gives the very bytes back: %s', (_, text) => {
    const beating = edit(claimed(text), { kind: 'set-heartbeat', at: LATER });
    expect(beating).toContain(LATER);
    expect(edit(beating, { kind: 'remove-claim' })).toBe(text);
  });

  it('leaves what others appended behind the claim', () => {
    const more = `${claimed(HEAD)}\nnotes:\n status: taken over\n`;
    expect(edit(more, { kind: 'remove-claim' })).toBe(`${HEAD}\nnotes:\n status: taken over\n`);
  });
});

describe('set-heartbeat', () => {
  it.each([
    [' last_heartbeat: 1', ` last_heartbeat: ${LATER}`],
    ['   last_heartbeat:   "1"  # c', `   last_heartbeat:   "${LATER}"  # c`],
    [' last_heartbeat:', ` last_heartbeat: ${LATER}`],
    [' last_heartbeat: 1\r', ` last_heartbeat: ${LATER}\r`],
    [' last_heartbeat: 1   ', ` last_heartbeat: ${LATER}   `],
    [' last_heartbeat: 2025-06-01 10:00:00 UTC', ` last_heartbeat: ${LATER}`],
    [' last_heartbeat: 1\n last_heartbeat: 2', ` last_heartbeat: 1\n last_heartbeat: ${LATER}`],
    [' claimed_by: a\n claimed_at: b\n x: y', ` claimed_by: a\n claimed_at: b\n last_heartbeat: ${LATER}\n x: y`],
    [' claimed_by: a\n x: y', ` claimed_by: a\n last_heartbeat: ${LATER}\n x: y`],
    [' status: claimed', ` status: claimed\n last_heartbeat: ${LATER}`],
  ])('turns %j into %j', (block, expected) => {
    const around = (lines: string): string => `${HEAD}notes:\n last_heartbeat: mine\nclaim:\n${lines}\nmore: x\n`;
    expect(edit(around(block), { kind: 'set-heartbeat', at: LATER })).toBe(around(expected));
  });

  it('renews the last claim, and keeps a missing final newline missing', () => {
    const text = `${HEAD}claim:\n last_heartbeat: 1\nclaim:\n claimed_by: b`;
    expect(edit(text, { kind: 'set-heartbeat', at: LATER })).toBe(`${text}\n last_heartbeat: ${LATER}`);
  });

  it('fails without a claim', () => {
    const failure = failureOf(() => edit(HEAD, { kind: 'set-heartbeat', at: LATER }));
    expect(failure).toMatchObject({ code: 'task-unreadable', message: expect.stringContaining('no claim') });
  });
});

describe('append-completion', () => {
  const completion = { completedAt: LATER, completedBy: 'agent-1', prUrl: 'https://example.org/p/pull/7?a=1#x' };

  it('goes behind the claim, with the URL bare', () => {
    expect(edit(`${HEAD}claim:\n claimed_by: a\n`, { kind: 'append-completion', completion })).toBe(
      `${HEAD}claim:\n claimed_by: a\n\ncompletion:\n status: completed\n completed_at: ${LATER}\n completed_by: agent-1\n pr_url: https://example.org/p/pull/7?a=1#x\n`,
    );
  });

  it('counts, where an older one was left behind', () => {
    const text = edit(`${HEAD}completion:\n status: failed\n`, { kind: 'append-completion', completion });
    const reading = readTask(new TextEncoder().encode(text), WHERE);
    expect(reading).toMatchObject({ kind: 'read', task: { completion: { status: 'completed', ...completion } } });
  });
});

describe('set-status', () => {
  it.each([
    ['task:\n status: blocked\n', 'task:\n status: ready\n'],
    ['task:\n status:   "blocked"  # why\r\n', 'task:\n status:   "ready"  # why\r\n'],
    ['task:\n status: blocked # why\n', 'task:\n status: ready # why\n'],
    ['task:\n status: blocked (by T-2)  \n', 'task:\n status: ready  \n'],
    ['task:\n status:\n id: a\n', 'task:\n status: ready\n id: a\n'],
    ['task:\n status: # none\n id: a\n', 'task:\n status: ready # none\n id: a\n'],
    ['task:\n id: a\n\nnext: 1\n', 'task:\n id: a\n status: ready\n\nnext: 1\n'],
    ['task:\n\tid: a', 'task:\n\tid: a\n\tstatus: ready'],
    ['task:\r\n  id: a\r\n', 'task:\r\n  id: a\r\n  status: ready\r\n'],
    [
      'task:\n id: a\n notes: |\n  status: x\n\nnext: 1\n',
      'task:\n id: a\n notes: |\n  status: x\n status: ready\n\nnext: 1\n',
    ],
    ['task.id: a\ntask.status: blocked\n', 'task.id: a\ntask.status: ready\n'],
    [
      'task.id: a\ntask.description:\n summary: x\n',
      'task.id: a\ntask.status: ready\ntask.description:\n summary: x\n',
    ],
    ['id: a\ntitle: t\nstatus: blocked\n', 'id: a\ntitle: t\nstatus: ready\n'],
    ['id: a\ntitle: t\nnotes: x\n', 'id: a\ntitle: t\nstatus: ready\nnotes: x\n'],
    [
      'status: blocked\ntask:\n status: blocked\n status: blocked\n',
      'status: blocked\ntask:\n status: ready\n status: blocked\n',
    ],
    [
      'notes:\n status: blocked\ntask:\n title: status: blocked\n status: blocked\n',
      'notes:\n status: blocked\ntask:\n title: status: blocked\n status: ready\n',
    ],
  ])('turns %j into %j', (text, expected) => {
    expect(edit(text, { kind: 'set-status', status: 'ready' })).toBe(expected);
  });

  it('refuses a status that is not one line', () => {
    const text = 'task:\n id: a\n status: |\n  ready\n';
    expect(failureOf(() => edit(text, { kind: 'set-status', status: 'ready' }))).toMatchObject({
      code: 'task-unreadable',
      message: expect.stringContaining(`${WHERE.path}:3: `),
    });
  });
});

describe('set-blocked-reason', () => {
  const set = (reason: string | undefined): TaskEdit => ({ kind: 'set-blocked-reason', reason });

  it.each([
    [HEAD, 'waits', `${HEAD} blocked_reason: waits\n`],
    [HEAD, 'a: "b"', `${HEAD} blocked_reason: a: "b"\n`],
    [HEAD, '"a" b', `${HEAD} blocked_reason: "\\"a\\" b"\n`],
    [HEAD, 'one\n  two\r\nthree', `${HEAD} blocked_reason: one two three\n`],
    [HEAD, '3', `${HEAD} blocked_reason: "3"\n`],
    [
      'task:\n status: x\n blocked_reason: old # c\n id: a\n',
      'new',
      'task:\n status: x\n blocked_reason: new\n id: a\n',
    ],
    ['task:\n blocked_reason: |\n  a\n\n  b\n id: a\n', 'new', 'task:\n blocked_reason: new\n id: a\n'],
    ['task:\n id: a\n', 'new', 'task:\n id: a\n blocked_reason: new\n'],
    ['task.status: x\ntask.id: a\n', 'new', 'task.status: x\ntask.blocked_reason: new\ntask.id: a\n'],
    ['task:\n id: a\n blocked_reason: old', undefined, 'task:\n id: a'],
    ['task:\n id: a\n blocked_reason: |\n  a\n  b\n status: x\n', undefined, 'task:\n id: a\n status: x\n'],
    ['task:\n id: a\n blocked_reason: 1\n x: y\n blocked_reason: 2\n', undefined, 'task:\n id: a\n x: y\n'],
    [HEAD, undefined, HEAD],
  ])('%j, %j: %j', (text, reason, expected) => {
    expect(edit(text, set(reason))).toBe(expected);
  });
});

describe('a file that cannot be edited', () => {
  it.each([
    ['empty', '\n', 'empty'],
    ['in conflict', `${HEAD}<<<<<<< HEAD\n`, ':5: conflict marker'],
    ['not a task', 'a: 1\n', 'no task section'],
  ])('fails, naming the file: %s', (_, text, message) => {
    const failure = failureOf(() => edit(text, { kind: 'set-status', status: 'ready' }));
    expect(failure.code).toBe('task-unreadable');
    expect(failure.message).toContain(WHERE.path);
    expect(failure.message).toContain(message);
    expect(failure.details).toMatchObject({ file: WHERE.path });
  });

  it('fails where the result would be too large to be read', () => {
    const text = `${HEAD}${'#'.repeat(MAX_TASK_BYTES - HEAD.length)}`;
    expect(failureOf(() => claimed(text)).message).toContain('the limit is');
  });
});

describe('several edits', () => {
  it('are applied in order, all or none', () => {
    const text = edit(
      `${HEAD}\nclaim:\n claimed_by: a\n`,
      { kind: 'remove-claim' },
      { kind: 'set-status', status: 'blocked' },
      { kind: 'set-blocked-reason', reason: 'released 3 times' },
    );
    expect(text).toBe('task:\n id: T-1\n title: t\n status: blocked\n blocked_reason: released 3 times\n');
    expect(edit(HEAD)).toBe(HEAD);
  });
});
