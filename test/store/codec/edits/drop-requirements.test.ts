import { decode } from '@toon-format/toon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../../src/domain/base/failure.ts';
import type { Task } from '../../../../src/domain/queue/task.ts';
import { editTask } from '../../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../../src/store/codec/read-task.ts';
import { canonicalTaskFile, damagedTaskFile, taskFile } from '../../../kit/queues/task-files.ts';
import { sized } from '../../../kit/sample.ts';

const WHERE = { path: 'T-9.toon', project: 'p', id: 'T-9' };

function text(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function read(bytes: Uint8Array, where = WHERE): Task {
  const reading = readTask(bytes, where);
  if (reading.kind !== 'read') throw new Error(`unreadable: ${JSON.stringify(reading)}`);
  return reading.task;
}

const HEAD = 'task:\n  id: T-9\n  title: x\n  status: blocked\n';

function dropped(list: string, ...ids: readonly string[]): string {
  const bytes = new TextEncoder().encode(`${HEAD}${list}`);
  const after = text(editTask(bytes, [{ kind: 'drop-requirements', ids }], WHERE));
  expect(after.startsWith(HEAD)).toBe(true);
  return after.slice(HEAD.length);
}

describe('an entry that goes', () => {
  it.each<[string, string, string, string]>([
    [
      'a dash',
      'dependencies:\n  required[2]:\n    - T-1 (the base)\n    - T-2\n',
      'T-1',
      'dependencies:\n  required[1]:\n    - T-2\n',
    ],
    [
      'the last dash',
      'dependencies:\n  required[1]:\n    - T-1\n  blocks[0]:\n',
      'T-1',
      'dependencies:\n  required[0]:\n  blocks[0]:\n',
    ],
    [
      'a bare line',
      'dependencies:\n required[2]:\n  T-1 (a, b)\n  T-2: later\n',
      'T-2',
      'dependencies:\n required[1]:\n  T-1 (a, b)\n',
    ],
    [
      'the last line of a file',
      'dependencies:\n required[2]:\n  T-1\n  T-2',
      'T-2',
      'dependencies:\n required[1]:\n  T-1',
    ],
    [
      'an inline array',
      'dependencies:\n  required[3]: T-1,"T-2", T-3\n',
      'T-2',
      'dependencies:\n  required[2]: T-1,T-3\n',
    ],
    [
      'the end of an array',
      'dependencies:\n  required[3]: T-1, T-2, T-3\n',
      'T-3',
      'dependencies:\n  required[2]: T-1, T-2\n',
    ],
    ['the only one of an array', 'dependencies:\n  required[1]: T-1\n', 'T-1', 'dependencies:\n  required[0]:\n'],
    ['a wrong count', 'dependencies:\n required[5]:\n  T-1\n  T-2\n', 'T-1', 'dependencies:\n required[4]:\n  T-2\n'],
    ['a flow list', 'dependencies:\n  required: [T-1, T-2]\n', 'T-1', 'dependencies:\n  required: [T-2]\n'],
    ['a value', 'dependencies:\n  required: T-1\n', 'T-1', 'dependencies:\n  required: []\n'],
    ['a list in a value', 'depends_on: T-1, T-2\n', 'T-2', 'depends_on: T-1\n'],
    ['a word that means the same', 'needs: T-1\n', 'T-1', 'needs: []\n'],
    [
      'a row',
      'dependencies:\n  required[2]{id,why}:\n    T-1,base\n    T-2,later\n',
      'T-1',
      'dependencies:\n  required[1]{id,why}:\n    T-2,later\n',
    ],
    [
      'part of a line',
      'dependencies:\n  required[1]:\n    - T-1, T-2 (x, y), T-3\n',
      'T-2',
      'dependencies:\n  required[1]:\n    - T-1, T-3\n',
    ],
    ['another project', 'dependencies:\n  required[2]: q/T-1,T-1\n', 'q/T-1', 'dependencies:\n  required[1]: T-1\n'],
  ])('leaves the others as they are written: %s', (_, list, id, expected) => {
    expect(dropped(list, id)).toBe(expected);
  });

  it('goes from every list that names it, and not from what it blocks', () => {
    const list = 'dependencies:\n  required[2]: T-1,T-2\n  blocks[1]: T-1\ndepends_on[1]:\n  - T-1\n';
    expect(dropped(list, 'T-1')).toBe('dependencies:\n  required[1]: T-2\n  blocks[1]: T-1\ndepends_on[0]:\n');
    expect(dropped(list, 'T-1', 'T-2')).toContain('required[0]:\n');
  });
});

/** Whether the line is what is left of the other, except for counts. */
function isLeftOf(was: string, line: string): boolean {
  let at = 0;
  return [...line.replace(/\[[^\]]*\]/g, '')].every((character) => {
    at = was.indexOf(character, at) + 1;
    return at > 0;
  });
}

describe('whatever the file', () => {
  it('only the list changes, and only by what goes', () => {
    fc.assert(
      fc.property(fc.oneof(taskFile, damagedTaskFile), fc.nat(3), fc.boolean(), (file, at, isMore) => {
        fc.pre(readTask(file.bytes, file.where).kind === 'read');
        const before = read(file.bytes, file.where);
        const named = before.required.flatMap(({ id }) => id ?? []);
        const ids = [named[at], isMore ? named[0] : undefined].filter((id) => id !== undefined);
        fc.pre(ids.length > 0);
        let bytes: Uint8Array;
        try {
          bytes = editTask(file.bytes, [{ kind: 'drop-requirements', ids }], file.where);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          return;
        }
        const texts = (entries: Task['required']): string[] => entries.map((entry) => entry.text);
        const after = read(bytes, file.where);
        expect(texts(after.required)).toEqual(
          texts(before.required.filter(({ id }) => id === undefined || !ids.includes(id))),
        );
        expect(texts(after.blocks)).toEqual(texts(before.blocks));
        const places = { required: [], blocks: [], needs: [] };
        expect({ ...after, ...places }).toEqual({ ...before, ...places });
        const lines = new Set(file.text.split(/\r?\n/));
        const changed = text(bytes)
          .split(/\r?\n/)
          .filter((line) => !lines.has(line));
        // What is new of a line is its count at most: everything else in it stood in one line, in this order.
        for (const line of changed) expect([...lines].some((was) => isLeftOf(was, line))).toBe(true);
        expect(changed.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: sized(300, 30) },
    );
  });

  it('is never refused where the library decodes it, which it still does', () => {
    fc.assert(
      fc.property(canonicalTaskFile, (file) => {
        const { required } = file.expected;
        fc.pre(required.length > 0);
        const [first = '', ...rest] = required;
        const bytes = editTask(file.bytes, [{ kind: 'drop-requirements', ids: [first] }], file.where);
        expect(decode(text(bytes))).toMatchObject({ dependencies: { required: rest } });
      }),
      { numRuns: sized(200, 15) },
    );
  });
});
