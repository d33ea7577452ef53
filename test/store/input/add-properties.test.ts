import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYOUT_NAMES, type LayoutName, locationOf } from '../../../src/domain/queue/layouts.ts';
import { type NewTask, newTaskProblem } from '../../../src/domain/queue/new-task.ts';
import { DEFAULT_POOL_SETTINGS, type QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { encodeTask } from '../../../src/store/codec/write-task.ts';
import { readBackDifference, readBackProblem } from '../../../src/store/input/read-back.ts';
import { readPlan } from '../../../src/store/input/read-plan.ts';
import { addIntent, planOf } from '../../kit/queues/new-tasks.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';
import { sized } from '../../kit/sample.ts';

const awkward = fc.constantFrom(
  '|',
  '- a: b',
  'a: b',
  '"',
  '\\',
  '#1',
  '3.10',
  '1e5',
  'null',
  'true',
  '[x]',
  '{y}',
  '[2]: a,b',
  'status: ready',
  'claim:',
  '🤖',
  'ü',
  '007',
  '-',
  '~',
  '<<<<<<<',
  'a,b',
  "it's",
);
const line = fc
  .array(fc.oneof(awkward, fc.string({ unit: 'grapheme', maxLength: 12 })), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts
      .join(' ')
      .replace(/[\p{C}\u2028\u2029]/gu, ' ')
      .trim(),
  )
  .filter((text) => text !== '');
const text = fc
  .array(fc.oneof(line, fc.constantFrom('', '  deeper', 'claim:', '\tx')), { maxLength: 5 })
  .map((lines) => lines.join('\n'));

/** A task of number `n`: it may require those before it, by ref or id, and what is in the queue. */
const flatTask = (n: number) =>
  fc.record(
    {
      title: line,
      id: fc.constant(`GIVEN-${n}`),
      ref: fc.constant(`ref${n}`),
      type: fc.constantFrom('backend', 'ui'),
      priority: fc.oneof(fc.integer({ min: -5, max: 10 }), fc.constant(1.5)),
      status: fc.constantFrom('ready', 'blocked', 'pending'),
      summary: line,
      details: text,
      criteria: fc.array(line, { maxLength: 3 }),
      requires: fc.subarray([...Array(n).keys()].map((m) => `ref${m}`).concat('OLD-001', 'OLD-002 (done, at last)')),
      blocks: fc.subarray(['OLD-003', 'SOON-1']),
      labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(line, fc.integer(), fc.boolean())),
      metadata: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), line, { maxKeys: 2 }),
      batch: fc.constantFrom('base', 'more'),
      hold_until: fc.constantFrom('80% of base', 'all of later'),
    },
    { requiredKeys: ['title', 'ref'] },
  );

const flatTasks = fc.integer({ min: 1, max: 6 }).chain((size) => fc.tuple(...[...Array(size).keys()].map(flatTask)));

/** A queue of one project in the layout. */
function queueIn(layout: LayoutName): { snapshot: QueueSnapshot; project: string } {
  const project = layout === 'flat' ? 'default' : 'shop';
  const location = locationOf(layout, project);
  const { projects } = snapshotOf([
    { project, id: 'OLD-001', state: 'completed' },
    { project, id: 'OLD-002' },
    { project, id: 'OLD-003', state: 'claimed', required: ['OLD-009'] },
  ]);
  const entries = (projects.get(project)?.entries ?? []).map((entry) => ({
    ...entry,
    location,
    path: `${location.folders[entry.state]}${entry.key.id}.toon`,
  }));
  return {
    project,
    snapshot: {
      tip: 'a'.repeat(40),
      projects: new Map([[project, { name: project, locations: [location], entries, stalls: new Map() }]]),
      settings: DEFAULT_POOL_SETTINGS,
      findings: [],
    },
  };
}

/** Tasks whose text could not be read back are refused by name, which is as it should be. */
function readable(tasks: readonly unknown[]): readonly NewTask[] | undefined {
  try {
    return readPlan(Buffer.from(JSON.stringify(tasks)), 'plan.json').tasks;
  } catch (error) {
    expect(String(error)).toMatch(/^Failure: plan\.json:1: \S+ would not be read back/);
    return undefined;
  }
}

describe('added tasks', () => {
  it('have ids of their own, form no circle, and read back as they were given, in every layout', () => {
    let kept = 0;
    fc.assert(
      fc.property(flatTasks, fc.constantFrom(...LAYOUT_NAMES), (given, layout) => {
        const tasks = readable(given);
        if (!tasks) return;
        kept++;
        const { snapshot, project } = queueIn(layout);
        const { plan, decision } = planOf(snapshot, addIntent(tasks));
        if (decision.kind === 'refused') {
          expect(decision.refusal.message).toContain('is in the batch base itself');
          return;
        }
        const created = plan.commits[0]?.created ?? [];
        const ids = created.map(({ entry }) => entry.key.id);
        const before = (snapshot.projects.get(project)?.entries ?? []).map(({ key }) => key.id);
        expect(new Set([...ids, ...before]).size).toBe(ids.length + before.length);
        expect(ids).not.toContain('OLD-009');
        for (const [index, { entry, document }] of created.entries()) {
          const task = tasks[index];
          const reading = readTask(Buffer.from(encodeTask(document)), { path: entry.path, ...entry.key });
          expect(entry.path).toBe(`${locationOf(layout, project).folders.ready}${entry.key.id}.toon`);
          if (reading.kind !== 'read' || entry.reading.kind !== 'read' || !task)
            throw new Error(JSON.stringify(reading));
          const { required, blocks, ...read } = reading.task;
          const { required: expectedRequired, blocks: expectedBlocks, ...expected } = entry.reading.task;
          expect(read).toEqual(expected);
          expect(read).toMatchObject({
            title: task.title,
            declaredId: entry.key.id,
            priority: task.priority ?? 0,
            acceptanceCriteria: task.criteria,
          });
          expect(read.details).toBe(task.details);
          expect(required.map(({ text: entryText }) => entryText)).toEqual(expectedRequired.map((one) => one.text));
          expect(blocks.map(({ id }) => id)).toEqual(expectedBlocks.map(({ id }) => id));
          // Every dependency comes before its task, or is an old one: no circle can be.
          for (const { id } of required) expect([...ids.slice(0, index), ...before]).toContain(id);
          expect(reading.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
        }
      }),
      { numRuns: sized(120, 40) },
    );
    expect(kept).toBeGreaterThan(sized(60, 20));
  });

  it('of ordinary text, which is not written and read to see whether it would come back, do come back', () => {
    const unit = fc.constantFrom(..."aZé東 09.,:;!?()'/_&%+-null-true:");
    const plain = fc.tuple(
      fc.constantFrom('a', 'Z', 'é', 'null', 'true', 'claim:', 'status: '),
      fc.string({ unit, maxLength: 12 }),
    );
    const words = plain.map((parts) => parts.join(''));
    const task = fc.record({
      title: words,
      type: words,
      summary: words,
      details: fc.array(words, { minLength: 1 }).map((lines) => lines.join('\n')),
      criteria: fc.array(words, { maxLength: 3 }),
      required: fc.array(fc.constantFrom('TASK-1', 'x', 'api2', 'A-007'), { maxLength: 3 }),
      blocks: fc.constant([]),
      labels: fc.dictionary(fc.stringMatching(/^[A-Za-z]\w{0,4}$/), fc.oneof(words, fc.integer())),
      batch: words.map((text) => text.trim()),
      rest: fc.constant({}),
    });
    fc.assert(
      fc.property(task, (given) => readBackDifference(given) === undefined),
      { numRuns: sized(1000, 333) },
    );
  });

  it('travel to another process as they are', () => {
    fc.assert(
      fc.property(flatTasks, (given) => {
        const tasks = readable(given);
        if (!tasks) return;
        const intent = addIntent(tasks, { project: 'shop', layout: 'core', idPrefix: 'UI' });
        expect(parseIntent(JSON.parse(JSON.stringify(intent)))).toEqual(JSON.parse(JSON.stringify(intent)));
      }),
      { numRuns: sized(50, 16) },
    );
  });

  it('are never written so that somebody else reads a claim, another status or another line in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.json(), (wild, json) => {
        const title = `x ${wild}`;
        const task = { title, criteria: [wild], required: [], blocks: [], labels: { wild }, details: wild, rest: {} };
        const wrong = newTaskProblem(task) ?? readBackProblem(task);
        if (wrong === undefined) expect(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(wild)).toBe(false);
        // Whatever it is, it is either a plan or a failure that says so.
        for (const input of [json, wild, `{"title":${JSON.stringify(wild)}}`]) {
          try {
            readPlan(Buffer.from(input), 'stdin');
          } catch (error) {
            expect(error).toMatchObject({ code: 'task-invalid' });
          }
        }
      }),
      { numRuns: sized(500, 166) },
    );
  });
});
