import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DependencyEntry, Task } from '../../../../src/domain/queue/task.ts';
import { editTask } from '../../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../../src/store/codec/read-task.ts';

/** What becomes of the lists of a file when its requirements are set: `agentq edit --requires`. */

const WHERE = { path: 'T-9.toon', project: 'p', id: 'T-9' };
const HEAD = 'task:\n  id: T-9\n  title: x\n  status: blocked\n';

function read(text: string): Task {
  const reading = readTask(new TextEncoder().encode(text), WHERE);
  if (reading.kind !== 'read') throw new Error(`unreadable: ${JSON.stringify(reading)}`);
  return reading.task;
}

function set(text: string, value: readonly DependencyEntry[]): string {
  const edit = { kind: 'set-field', section: 'dependencies', key: 'required', value } as const;
  return new TextDecoder().decode(editTask(new TextEncoder().encode(text), [edit], WHERE));
}

function without(list: string, ...ids: readonly string[]): string {
  const { required } = read(`${HEAD}${list}`);
  const after = set(
    `${HEAD}${list}`,
    required.filter(({ id }) => id === undefined || !ids.includes(id)),
  );
  expect(after.startsWith(HEAD)).toBe(true);
  return after.slice(HEAD.length);
}

const entry = (id: string): DependencyEntry => ({ id, text: id, line: 1 });

describe('requirements that are set', () => {
  it.each<[string, string, string, string]>([
    ['in depends_on', 'depends_on[2]: T-1,T-2\n', 'T-2', 'depends_on[1]: T-1\n'],
    ['in needs', 'needs: T-1, T-2\n', 'T-1', 'needs: T-2\n'],
    [
      'in both lists',
      'dependencies:\n  required[2]: T-1,T-2\ndepends_on[2]: T-2,T-3\n',
      'T-2',
      'dependencies:\n  required[1]: T-1\ndepends_on[1]: T-3\n',
    ],
    [
      'in the usual list alone',
      'dependencies:\n  required[2]:\n    - T-1 (the base)\n    - T-2\n  blocks[1]: T-2\n',
      'T-2',
      'dependencies:\n  required[1]:\n    - T-1 (the base)\n  blocks[1]: T-2\n',
    ],
  ])('lose one that stands %s, and the others stay as they are written', (_, list, id, expected) => {
    expect(without(list, id)).toBe(expected);
  });

  it('are what the task waits for, whatever other lists there were', () => {
    const after = set(`${HEAD}depends_on[2]: T-1,T-2\nblocked_by: T-3\n`, [entry('T-2'), entry('T-4')]);
    expect(read(after).required.map(({ id }) => id)).toEqual(['T-2', 'T-4']);
  });

  it('are the new ones in every spelling of lists, and nothing else changes', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 4 });
    const names = fc.uniqueArray(fc.constantFrom('depends_on', 'blocked_by', 'requires', 'needs'), { maxLength: 3 });
    const some = fc.record({
      usual: fc.option(ids, { nil: undefined }),
      others: names.chain((all) => fc.tuple(...all.map((name) => fc.tuple(fc.constant(name), ids, fc.boolean())))),
      wanted: fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(some, ({ usual, others, wanted }) => {
        const listed = (numbers: readonly number[]) => numbers.map((number) => `T-1${number}`);
        const lists = others.map(([name, numbers, isTable]) =>
          isTable
            ? `${name}[${numbers.length}]:\n${listed(numbers)
                .map((id) => `  - ${id}\n`)
                .join('')}`
            : `${name}[${numbers.length}]: ${listed(numbers).join(',')}\n`,
        );
        const own = usual && `dependencies:\n  required[${usual.length}]: ${listed(usual).join(',')}\n`;
        const before = `${HEAD}${own ?? ''}${lists.join('')}metadata:\n  note: "T-11, T-12"\n`;
        const value = listed(wanted).map(entry);
        const after = set(before, value);
        const [old, now] = [read(before), read(after)];
        expect(now.required.map(({ id }) => id).sort()).toEqual(listed(wanted).sort());
        expect({ ...now, required: [] }).toEqual({ ...old, required: [] });
        expect(set(after, value)).toBe(after);
        expect(after.startsWith(HEAD)).toBe(true);
        expect(after.endsWith('metadata:\n  note: "T-11, T-12"\n')).toBe(true);
      }),
    );
  });
});
