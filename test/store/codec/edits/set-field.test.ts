import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SetField, withField } from '../../../../src/domain/queue/edit.ts';
import type { Task } from '../../../../src/domain/queue/task.ts';
import { editTask } from '../../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../../src/store/codec/read-task.ts';

const WHERE = { path: 'TASK-1.toon', project: 'auth', id: 'TASK-1' };

const CANONICAL = `# mine
task:
  id: TASK-1
  title: Sign in   # short
  ref: login
  priority: 5
  status: ready
  labels:
    model: large
description:
  summary: "First"
  details: "Line one\\nline two"
acceptance_criteria[2]:
  - It works
  - "It is fast, too"
dependencies:
  required[1]: TASK-0
  blocks[0]:
metadata:
  created_by: ann
`;

/** As agents write it: one space, block text, bare items, a wrong count. */
const DIALECT = `task:
 id: TASK-1
 title: Sign in
 priority: 5
 status: ready

description:
 summary: First
 details: |
  Line one
   line two

acceptance_criteria[9]:
 It works
 It is fast

dependencies:
 required[1]:
  TASK-0 (the table)
 blocks[0]:

notes:
 kept: as it is
`;

/** Neither description nor criteria nor labels. */
const SHORT = 'task:\n  id: TASK-1\n  title: Sign in\n  status: ready\ndependencies:\n  required[0]:\n  blocks[0]:';

function entry(text: string) {
  return { id: text.split(' ')[0] ?? '', text, line: 1 };
}

const EDITS: readonly SetField[] = [
  { kind: 'set-field', section: 'task', key: 'title', value: 'Sign in: with "quotes", and # more' },
  { kind: 'set-field', section: 'task', key: 'ref', value: 'sign-in' },
  { kind: 'set-field', section: 'task', key: 'type', value: 'backend' },
  { kind: 'set-field', section: 'task', key: 'batch', value: '2024' },
  { kind: 'set-field', section: 'task', key: 'hold_until', value: '80% of base' },
  { kind: 'set-field', section: 'task', key: 'priority', value: -7 },
  { kind: 'set-field', section: 'description', key: 'summary', value: 'Second: one' },
  { kind: 'set-field', section: 'description', key: 'details', value: '- one\n\n  - two\ttab\n```js\nlet a;\n```\n' },
  { kind: 'set-field', section: 'criteria', key: '', value: ['a: b', 'c, d', 'several\nlines', '- e'] },
  { kind: 'set-field', section: 'dependencies', key: 'required', value: [entry('TASK-2'), entry('TASK-3 (prices)')] },
  { kind: 'set-field', section: 'dependencies', key: 'required', value: [] },
  { kind: 'set-field', section: 'dependencies', key: 'blocks', value: [entry('TASK-9')] },
  { kind: 'set-field', section: 'labels', key: 'model', value: 'small' },
  { kind: 'set-field', section: 'labels', key: 'gpu', value: 1 },
  { kind: 'set-field', section: 'verify', key: '', value: ['npm test -- --grep "a, b"', "sh -c 'exit 0'"] },
  { kind: 'set-field', section: 'needs', key: '', value: [entry('gpu (A100)'), entry('docker')] },
  { kind: 'set-field', section: 'touches', key: '', value: ['src/{a,b}/**', 'docs/*.md'] },
];

function read(bytes: Uint8Array): Task {
  const reading = readTask(bytes, WHERE);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  return reading.task;
}

/** Everything but the lines of dependencies, which move. */
function without(task: Task): unknown {
  const texts = (list: Task['required']) => list.map(({ id, text }) => [id, text]);
  return { ...task, required: texts(task.required), needs: texts(task.needs ?? []), blocks: texts(task.blocks) };
}

describe.each([
  ['canonical', CANONICAL],
  ['canonical, with CRLF', CANONICAL.replaceAll('\n', '\r\n')],
  ['dialect', DIALECT],
  ['short', SHORT],
])('a field of a file in the notation %s', (_, text) => {
  it.each(EDITS.map((edit) => [`${edit.section}.${edit.key}`, edit]))('is set, and nothing else: %s', (_name, edit) => {
    const before = Buffer.from(text);
    const after = editTask(before, [edit], WHERE);
    expect(without(read(after))).toEqual(without(withField(read(before), edit)));
    // Lines that are not of the field are the same bytes, in the same order.
    const newline = text.includes('\r\n') ? '\r\n' : '\n';
    const lines = Buffer.from(after).toString().split(newline);
    let at = 0;
    const lost = text.split(newline).filter((line) => {
      const found = lines.indexOf(line, at);
      if (found >= 0) at = found + 1;
      return found < 0;
    });
    expect(lost.length).toBeLessThanOrEqual(3);
    if (newline === '\r\n') expect(lines.join('')).not.toMatch(/[\r\n]/);
    // Set again, it changes nothing.
    expect(editTask(after, [edit], WHERE)).toEqual(after);
  });

  it('may be one of many that are set one after another, in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...EDITS]), (edits) => {
        const after = read(editTask(Buffer.from(text), edits, WHERE));
        expect(without(after)).toEqual(without(edits.reduce(withField, read(Buffer.from(text)))));
      }),
      { numRuns: 20 },
    );
  });
});

it('a list is refused where the file has it in parts, and replaced where it has it once', () => {
  const edit: SetField = { kind: 'set-field', section: 'verify', key: '', value: ['npm test'] };
  const twice = 'task:\n  id: TASK-1\n  verify[1]: make\nverify[1]:\n  - make lint\n';
  expect(() => editTask(Buffer.from(twice), [edit], WHERE)).toThrow('verify is given more than once');
  const once = 'task:\n  id: TASK-1\nverify:\n  - make lint\n  - make\nnotes: kept\n';
  expect(String(Buffer.from(editTask(Buffer.from(once), [edit], WHERE)))).toBe(
    'task:\n  id: TASK-1\nverify[1]: npm test\nnotes: kept\n',
  );
});

it('a field is refused where the section is prose', () => {
  const text = 'task:\n  id: TASK-1\ndescription: all in one line\n';
  const edit: SetField = { kind: 'set-field', section: 'description', key: 'details', value: 'x' };
  expect(() => editTask(Buffer.from(text), [edit], WHERE)).toThrow('description is no section with keys');
});
