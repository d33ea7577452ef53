import { describe, expect, it } from 'vitest';
import type { Task } from '../../../src/domain/queue/task.ts';
import { MAX_TASK_BYTES, readTask } from '../../../src/store/codec/read-task.ts';
import { bytesOf, HEAD, readText, WHERE } from '../../kit/queues/read-text.ts';

function findings(text: string): string[] {
  return readText(text).findings.map((finding) => `${finding.line ?? '?'} ${finding.code} ${finding.severity}`);
}

describe('a file that cannot be read', () => {
  it.each([
    ['empty', bytesOf(''), 1, 'empty'],
    ['blank', bytesOf(' \n\t\r\n\n'), 1, 'empty'],
    ['only a byte order mark', bytesOf('\uFEFF\n'), 1, 'empty'],
    ['not UTF-8', Uint8Array.of(0x74, 0x3a, 0x0a, 0x61, 0x0a, 0xc3, 0x28, 0x0a), 3, 'UTF-8'],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x74, 0x00), 1, 'UTF-8'],
    ['binary', bytesOf('task:\n id: \u0000\n'), 2, 'NUL'],
    ['in conflict', bytesOf(`${HEAD}<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> theirs\n`), 6, '<<<<<<<'],
    ['in conflict, CRLF', bytesOf('task:\r\n id: a\r\n<<<<<<<\r\n'), 3, '<<<<<<<'],
    ['something else', bytesOf('# notes\n\nproject: p\nstatus: ready\n'), 3, 'no task section'],
    ['a task that is only a word', bytesOf('task: T-1\nstatus: ready\n'), 1, 'no task section'],
    ['an empty task section', bytesOf('task:\n\nmetadata:\n a: 1\n'), 1, 'no task section'],
    ['a list of tasks', bytesOf('tasks[1]{id,status}:\n  T-1,ready\n'), 1, 'no task section'],
    [
      'too large',
      new Uint8Array(MAX_TASK_BYTES + 1).fill(0x61),
      undefined,
      `is ${MAX_TASK_BYTES + 1} bytes, the limit is`,
    ],
  ])('is %s', (_, bytes, line, message) => {
    const reading = readTask(bytes, WHERE);
    expect(reading).toMatchObject({ kind: 'unreadable', message: expect.stringContaining(message) });
    expect(reading.kind === 'unreadable' ? reading.line : 0).toBe(line);
  });

  it('is none with conflict markers inside block text, or underlined headings', () => {
    const { task } = readText(`${HEAD}description:\n details: |\n  <<<<<<< HEAD\n  =======\n=======\n>>>>>>> quoted\n`);
    expect(task.details).toContain('<<<<<<< HEAD');
  });

  it('is none at exactly the limit', () => {
    const filler = '#'.repeat(MAX_TASK_BYTES - HEAD.length);
    expect(readTask(bytesOf(HEAD + filler), WHERE).kind).toBe('read');
  });
});

describe('the fields of a task', () => {
  it.each([
    ['id: 12345678901234567890', { declaredId: '12345678901234567890' }],
    ['id: 007', { declaredId: '007' }],
    ['title: 3.10', { title: '3.10' }],
    ['title: Fix: the "x", and [y]', { title: 'Fix: the "x", and [y]' }],
    ['title: "Quoted: with \\"colon\\" \\u00e9"', { title: 'Quoted: with "colon" é' }],
    ['title: "unfinished', { title: '"unfinished' }],
    ['title: "a" and "b"', { title: '"a" and "b"' }],
    ['title:no blank', { title: 'no blank' }],
    ['title: trailing   \t', { title: 'trailing' }],
    ['title: true', { title: 'true' }],
    ['title: C# and #hash', { title: 'C# and #hash' }],
    ['"title": quoted key', { title: 'quoted key' }],
    ['title : blank in front', { title: 'blank in front' }],
    ['title: long\n   goes on', { title: 'long\ngoes on' }],
    ['title: null', { title: undefined }],
    ['status: ready', { status: 'ready' }],
    ['status: READY', { status: 'ready' }],
    ['status: "ready"', { status: 'ready' }],
    ["status: 'ready'", { status: 'ready' }],
    ['status: ready # soon', { status: 'ready' }],
    ['status: "ready" # soon', { status: 'ready' }],
    ['status: blocked (by TASK-1)', { status: 'blocked' }],
    ['status: in_progress', { status: 'in_progress' }],
    ['status: 🟢 ready', { status: 'ready' }],
    ['status: # none yet', { status: undefined }],
    ['status:', { status: undefined }],
    ['priority: 8', { priority: 8 }],
    ['priority: "8"', { priority: 8 }],
    ['priority: 8 # high', { priority: 8 }],
    ['priority: 8 (high)', { priority: 8 }],
    ['priority: 2.5', { priority: 2.5 }],
    ['priority: -1', { priority: -1 }],
    ['priority: high', { priority: 0 }],
    ['priority: 1e999', { priority: 0 }],
    ['priority:', { priority: 0 }],
    ['type: backend # for now', { type: 'backend' }],
    ['batch: 7', { batch: '7' }],
    ['hold_until: 80% of foundation', { holdUntil: '80% of foundation' }],
    ['blocked_reason: "a: b"', { blockedReason: 'a: b' }],
    [
      'labels:\n  area: web\n  size: 3\n  v: 1.50\n  x: true\n  list[1]: a',
      { labels: { area: 'web', size: 3, v: '1.50', x: true } },
    ],
  ])('%j', (line, expected) => {
    const { task } = readText(`task:\n ${line}\n`);
    for (const [key, value] of Object.entries(expected)) expect(task[key as keyof Task]).toEqual(value);
  });

  it('reads the status of the task, and of nothing else', () => {
    const text =
      'metadata:\n status: ready\nclaim:\n status: claimed\ncompletion:\n status: completed\ntask:\n title: t\nstatus: ready\n';
    expect(readText(text).task.status).toBeUndefined();
  });

  it('takes the first of two values in the task section', () => {
    const { task, findings: found } = readText('task:\n status: blocked\n title: t\n status: ready\n');
    expect(task.status).toBe('blocked');
    expect(found).toContainEqual(expect.objectContaining({ code: 'duplicate-key', line: 4 }));
  });

  it('prefers task.labels to metadata, and keeps keys that are names of other things', () => {
    const text = `task:\n title: t\n labels:\n  area: web\n  __proto__: x\nmetadata:\n area: db\n constructor: y\n n: 12345678901234567890\n`;
    const { labels } = readText(text).task;
    expect(Object.entries(labels)).toContainEqual(['area', 'web']);
    expect(Object.entries(labels)).toContainEqual(['constructor', 'y']);
    expect(Object.entries(labels)).toContainEqual(['n', '12345678901234567890']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it.each([
    ['description: One line: with colon\n', { summary: 'One line: with colon' }],
    ['description: |\n First.\n\n  Second.\n', { details: 'First.\n\n Second.' }],
    ['description:\n Just prose\n on two lines\n', { details: 'Just prose\non two lines' }],
    ['description:\n details: >-\n  folded\n  text\n', { details: 'folded\ntext' }],
    ['description:\n details: |\n', { details: undefined }],
    ['description:\n details:\n  No marker: but text\n  and more\n', { details: 'No marker: but text\nand more' }],
    ['description:\n details: |\n  # only\n  # comments\n', { details: '# only\n# comments' }],
    ['description:\n summary: starts here\n  and goes on\n', { summary: 'starts here\nand goes on' }],
  ])('reads %j', (text, expected) => {
    const { task } = readText(HEAD + text);
    expect({ summary: task.summary, details: task.details }).toMatchObject(expected);
  });
});

describe('other layouts', () => {
  it.each([
    [
      'sections with dots',
      'task:\n id: T-1\n title: t\n status: ready\ntask.description:\n summary: s\ntask.acceptance_criteria[1]:\n a\ntask.dependencies:\n required[1]:\n  A-1\n soft[0]:\n',
    ],
    [
      'keys with dots',
      'task.id: T-1\ntask.title: t\ntask.status: ready\ntask.description.summary: s\ntask.acceptance_criteria[1]: a\ntask.dependencies.required[1]: A-1\n',
    ],
    [
      'quoted keys with dots',
      '"task.id": T-1\n"task.title": t\n"task.status": ready\n"description.summary": s\n"task.acceptance_criteria"[1]: a\n"dependencies.required"[1]: A-1\n',
    ],
    [
      'everything in the task',
      'task:\n  id: T-1\n  title: t\n  status: ready\n  description:\n    summary: s\n  acceptance_criteria[1]: a\n  dependencies:\n    required[1]: A-1\n',
    ],
    [
      'a count at the task',
      'task[3]:\n id: T-1\n title: t\n status: ready\ndescription[1]:\n summary: s\nacceptance_criteria[1]:\n a\ndependencies[1]:\n required[1]:\n  A-1\n',
    ],
    [
      'criteria in the description',
      'task:\n id: T-1\n title: t\n status: ready\ndescription:\n summary: s\n acceptance_criteria[1]:\n  a\ndependencies:\n required[1]:\n  A-1\n',
    ],
    [
      'no task section at all',
      'id: T-1\ntitle: t\nstatus: ready\ndescription:\n summary: s\nacceptance_criteria[1]: a\ndependencies:\n required[1]: A-1\n',
    ],
    [
      'comments in between',
      '# a task\ntask:\n# its id\n  id: T-1\n    # deeper\n  title: t\n\n  status: ready\n# next\ndescription:\n  summary: s\nacceptance_criteria[1]:\n  # one\n  - a\ndependencies:\n  required[1]:\n# gate\n  - A-1\n',
    ],
    [
      'everything indented',
      '  task:\n    id: T-1\n    title: t\n    status: ready\n  description:\n    summary: s\n  acceptance_criteria[1]:\n    a\n  dependencies:\n    required[1]:\n      A-1\n',
    ],
  ])('%s: the same task', (_, text) => {
    const { task } = readText(text);
    expect(task).toMatchObject({
      declaredId: 'T-1',
      title: 't',
      status: 'ready',
      summary: 's',
      acceptanceCriteria: ['a'],
    });
    expect(task.required.map((entry) => entry.id)).toEqual(['A-1']);
  });
});

describe('findings', () => {
  const head = (lines: string): string => `task:\n title: t\n status: ready\n${lines}`;

  it.each([
    ['task:\n id: T-2\n title: t\n status: ready\n', ['2 id-mismatch warning']],
    ['task:\n project: q\n title: t\n status: ready\n', ['2 project-mismatch warning']],
    ['task:\n title: t\n', ['1 missing-status warning']],
    ['task:\n title: t\n status:\n', ['3 missing-status warning']],
    ['task:\n title: t\n status: open\n', ['3 unknown-status warning']],
    ['task:\n title: t\n status: Ready\n', []],
    ['task:\n status: ready\n', ['1 missing-title warning']],
    [head(' priority: urgent\n'), ['4 invalid-priority warning']],
    [head(' type: a\n type: b\n'), ['5 duplicate-key warning']],
    [head('notes:\n a: 1\n a: 2\n'), []],
    [head('acceptance_criteria[3]:\n a\n b\n'), ['4 count-mismatch warning']],
    [head('scores[2]: 1,2,3\n'), ['4 count-mismatch warning']],
    [head('tiers[1]{a,b}:\n 1,2\n 3,4\n'), ['4 count-mismatch warning']],
    [head('tiers[2]{a,b}:\n 1,2\n 3,4\n'), []],
    [head('features[2]:\n a: 1\n b: 2\n'), ['4 map-with-count note']],
    [head('features[3]:\n a: 1\n b: 2\n'), ['4 map-with-count note', '4 count-mismatch warning']],
    [head('commands[2]:\n make up: Start\n make down: Stop\n'), []],
    [head('dependencies:\n required[2]:\n  A-1\n  Note: later\n'), ['7 dependency-without-id warning']],
    [head('dependencies:\n required[1]:\n  None\n'), []],
    [head('dependencies:\n required[2]:\n  A-1\n  A-1 (again)\n'), ['7 duplicate-dependency warning']],
    [head('dependencies:\n required[1]:\n  T-1\n'), ['6 self-dependency error']],
    [head('dependencies:\n required[1]:\n  p/T-1\n'), ['6 self-dependency error']],
    [head('dependencies:\n blocks[1]:\n  T-1\n'), ['6 self-dependency warning']],
    [head('claim:\n claimed_by: a\n last_heartbeat: 2025-01-01T00:00:00Z\n'), []],
    [head('claim:\n claimed_by: a\n'), ['4 claim-without-heartbeat warning']],
    [head('claim:\n last_heartbeat: 2025-01-01T00:00:00Z\n'), ['4 claim-without-owner warning']],
    [head('claim:\n claimed_by: a\n last_heartbeat: $(date)\n'), ['6 implausible-time warning']],
    [head('claim:\n claimed_by: a\n last_heartbeat: 2025-13-41T00:00:00Z\n'), ['6 implausible-time warning']],
    [head('claim:\n claimed_by: a\n last_heartbeat: 1763404468\n'), ['6 implausible-time warning']],
    [head('completion:\n completed_at: yesterday\n'), ['5 implausible-time warning']],
    [
      head(
        'claim:\n claimed_by: a\n last_heartbeat: 2025-01-01T00:00:00Z\nclaim:\n claimed_by: b\n last_heartbeat: 2025-01-01T00:00:00Z\n',
      ),
      ['7 duplicate-key note'],
    ],
  ])('%j', (text, expected) => {
    expect(findings(text)).toEqual(expected);
  });

  it('name the file, and say what to do', () => {
    const [finding] = readText('task:\n title: t\n status: open\n').findings;
    expect(finding).toEqual({
      code: 'unknown-status',
      severity: 'warning',
      message: 'unknown status "open"',
      hint: expect.stringContaining('ready, blocked'),
      file: WHERE.path,
      line: 3,
    });
  });

  it('leave the project alone in the layout that has only one', () => {
    const reading = readTask(bytesOf(HEAD), { ...WHERE, project: 'default' });
    expect(reading.kind === 'read' && reading.findings).toEqual([]);
  });
});
