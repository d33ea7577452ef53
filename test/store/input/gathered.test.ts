import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentOf } from '../../../src/domain/adding/compose.ts';
import { parseDependencyEntries } from '../../../src/domain/queue/dependency-entry.ts';
import { locationOf } from '../../../src/domain/queue/layouts.ts';
import { needsIn } from '../../../src/domain/queue/new-task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { encodeTask } from '../../../src/store/codec/write-task.ts';
import { readPlan } from '../../../src/store/input/read-plan.ts';
import { sized } from '../../kit/sample.ts';

function only(input: unknown, name = 'p.json') {
  const [task, second] = readPlan(Buffer.from(typeof input === 'string' ? input : JSON.stringify(input)), name).tasks;
  if (task === undefined || second !== undefined) throw new Error('not one task');
  return task;
}

/** What a reader finds in the file that `add` writes of the task. */
function written(task: ReturnType<typeof only>) {
  const entries = (texts: readonly string[]) => texts.flatMap((text) => parseDependencyEntries(text, 1, 'p'));
  const key = { project: 'p', id: 'T-1' };
  const linked = {
    task,
    key,
    location: locationOf('agents', 'p'),
    required: entries(task.required),
    blocks: entries(task.blocks),
    needs: needsIn(task),
  };
  const text = encodeTask(documentOf(linked, 'ready', { by: 'x', at: '2025-01-01T00:00:00Z' }));
  const reading = readTask(Buffer.from(text), { path: 'T-1.toon', ...key });
  if (reading.kind !== 'read') throw new Error(text);
  const ids = (list: typeof reading.task.required = []) => list.map(({ id }) => id);
  const { required, blocks, needs } = reading.task;
  return { text, required: ids(required), blocks: ids(blocks), needs: ids(needs) };
}

describe('dependencies of a plan', () => {
  it.each([
    ['flat', { title: 't', depends_on: ['A-1', 'A-2'] }],
    ['flat, as a text', { title: 't', blocked_by: 'A-1 A-2' }],
    ['flat, in camel case', { title: 't', dependsOn: ['A-1', 'A-2'] }],
    ['flat, below dependencies', { title: 't', dependencies: { needs: ['A-1', 'A-2'] } }],
    ['flat, as rows with kinds', { title: 't', dependencies: [{ id: 'A-1', kind: 'blocked_by' }, { id: 'A-2' }] }],
    ['nested, at the top', { task: { title: 't' }, depends_on: ['A-1', 'A-2'] }],
    ['nested, in the task', { task: { title: 't', requires: ['A-1', 'A-2'] } }],
    [
      'nested, in several places',
      { task: { title: 't', needs: ['A-2'] }, dependencies: { required: ['A-1'], blockedBy: ['A-1'] } },
    ],
    ['nested, as a list', { task: { title: 't' }, dependencies: ['A-1', 'A-2'] }],
  ])('gate under any of their names: %s', (_, input) => {
    const task = only(input);
    expect(task.required).toEqual(['A-1', 'A-2']);
    expect(written(task).required).toEqual(['A-1', 'A-2']);
    expect(written(task).text).not.toMatch(/depends|needs|requires|blocked/i);
  });

  it('come out of a task file of the dialect', () => {
    const task = only(
      'task:\n title: t\n depends_on[1]: A-1\n\ndependencies[2]{id,kind}:\n A-2,needs\n A-3,blocks\n',
      'x.toon',
    );
    expect([...task.required].sort()).toEqual(['A-1', 'A-2']);
    expect(task.blocks).toEqual(['A-3']);
  });

  it('keep what only relates to something, and gate by nothing of it', () => {
    const task = only({
      title: 't',
      dependencies: [
        { id: 'A-1', kind: 'parent-child' },
        { id: 'A-2', kind: 'blocks' },
      ],
    });
    expect(task).toMatchObject({ required: [], blocks: ['A-2'], rest: { dependencies: { parent_child: ['A-1'] } } });
    expect(written(task)).toMatchObject({ required: [], blocks: ['A-2'] });
    expect(written(task).text).toContain('parent_child[1]: A-1');
  });

  it('are refused under two names in the flat form, which is one list', () => {
    expect(() => only({ title: 't', needs: ['A-1'], requires: ['A-2'] })).toThrow('requires says the same as needs');
    expect(() => only({ title: 't', dependencies: [{ kind: 'needs' }] })).toThrow('requires must be a list of texts');
  });

  it.each([
    ['flat', { title: 't', needs: ['A-1', 'gpu'], dependencies: ['A-2'] }, ['A-1']],
    ['flat, in one text', { title: 't', needs: 'gpu docker' }, []],
    ['flat, beside requires', { title: 't', needs: ['gpu'], requires: ['A-2'] }, ['A-2']],
    ['nested', { task: { title: 't', needs: ['gpu', 'A-1'] } }, ['A-1']],
    ['at the top', { task: { title: 't' }, needs: 'gpu (A100), docker' }, []],
    ['as a file', 'task:\n title: t\n needs: gpu\n depends_on: A-1\n', ['A-1']],
  ])('are told from capabilities in needs: %s', (_, input, required) => {
    const task = only(input, typeof input === 'string' ? 'x.toon' : 'p.json');
    expect(task.required).toEqual(required);
    const found = written(task);
    expect(found.required).toEqual(required);
    expect(found.needs).toEqual(needsIn(task).map((text) => text.split(' ')[0]));
    expect(found.needs[0]).toBe('gpu');
  });

  it('are written so that a reader finds the very gates, whatever their kinds', () => {
    const row = fc.record({
      id: fc.integer({ min: 1, max: 9 }).map((n) => `A-${n}`),
      kind: fc.oneof(
        fc.constantFrom('blocks', 'required', 'Depends On', 'blockedBy', '', 'related'),
        fc.string({ maxLength: 8 }),
      ),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
        const { required, blocks } = only({ title: 't', dependencies: rows });
        const found = written(only({ title: 't', dependencies: rows }));
        expect(found).toMatchObject({ required, blocks });
      }),
      { numRuns: sized(300, 100) },
    );
  });
});
