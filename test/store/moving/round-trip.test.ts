import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExportedTask, exportedTask } from '../../../src/domain/moving/exported-task.ts';
import type { NewTask } from '../../../src/domain/queue/new-task.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import type { QueueSnapshot, TaskEntry } from '../../../src/domain/queue/snapshot.ts';
import type { Task } from '../../../src/domain/queue/task.ts';
import { readBackProblem } from '../../../src/store/input/read-back.ts';
import { readSource } from '../../../src/store/moving/from/read-source.ts';
import { type ExportFormat, writeExport } from '../../../src/store/moving/to/write-export.ts';
import { toTasks } from '../../../src/store/moving/to-tasks.ts';
import { addIntent, emptyQueue, NOW, newTask, planOf } from '../../kit/queues/new-tasks.ts';
import { sized } from '../../kit/sample.ts';

const awkward = fc.constantFrom(
  '"',
  '\\',
  'a: b',
  '- x',
  '#tag',
  '1.',
  '<b>',
  '[x]',
  '=1+1',
  'ü',
  '🤖',
  "it's",
  '|',
  '007',
);
const line = fc
  .array(fc.oneof(awkward, fc.stringMatching(/^[A-Za-z0-9 ]{1,8}$/)), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(' ').replace(/ +/g, ' ').trim())
  .filter((text) => text !== '');
const plain = fc.stringMatching(/^[A-Z][a-z]{1,7}$/);
const text = fc
  .array(fc.oneof(line, fc.constantFrom('', '  deeper', '## Head')), { maxLength: 4 })
  .map((all) => all.join('\n'));
const time = '2026-02-03T04:05:06Z';
const end = fc.constantFrom('open', 'open', 'open', 'completed', 'cancelled');

/** Task number `n` may require those before it. */
const taskOf = (n: number, words: fc.Arbitrary<string>, texts: fc.Arbitrary<string>) =>
  fc
    .record({
      end,
      title: words,
      type: fc.option(fc.constantFrom('bug', 'backend', 'ui'), { nil: undefined }),
      priority: fc.constantFrom(0, 1, 5, 9, 12),
      summary: fc.option(words, { nil: undefined }),
      details: fc.option(texts, { nil: undefined }),
      criteria: fc.array(words, { maxLength: 2 }),
      required: fc.subarray([...Array(n).keys()].map((m) => (m % 2 === 0 ? `T-${m}` : `T-${m} (its remark)`))),
      labels: fc.dictionary(fc.constantFrom('area', 'model', 'size'), fc.oneof(plain, fc.integer(), fc.boolean())),
      batch: fc.option(plain, { nil: undefined }),
      ref: fc.option(fc.constant(`github#${n}`), { nil: undefined }),
      note: fc.option(words, { nil: undefined }),
      blocked: fc.option(plain, { nil: undefined }),
      touches: fc.subarray(['src/**', 'docs/a.md']),
      needs: fc.subarray(['gpu', 'docker']),
    })
    .map(({ end, note, blocked, touches, needs, details, summary, ...fields }): NewTask => {
      const isBlocked = blocked !== undefined && end === 'open';
      const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
      const has = (value: string | undefined) => value !== undefined && value.trim() !== '';
      return {
        ...newTask({ id: `T-${n}`, ...given }),
        ...(has(summary) ? { summary: summary as string } : {}),
        ...(has(details) ? { details: details as string } : {}),
        ...(end === 'completed' ? { completion: { at: time, by: 'a1', prUrl: 'https://x.example/1' } } : {}),
        ...(end === 'cancelled' ? { cancellation: { at: time, by: 'Ann B', reason: 'no: "more"' } } : {}),
        ...(isBlocked ? { status: 'blocked' as const } : {}),
        rest: {
          metadata: { created_by: 'Ann B', created_at: time },
          ...(note === undefined ? {} : { notes: { [`${time} a1`]: note, [`${time} a1 #2`]: 'again' } }),
          task: {
            ...(touches.length === 0 ? {} : { touches }),
            ...(needs.length === 0 ? {} : { needs }),
            ...(isBlocked ? { blocked_reason: blocked } : {}),
          },
        },
      };
    });
const queueOf = (words: fc.Arbitrary<string>, texts: fc.Arbitrary<string>) =>
  fc
    .integer({ min: 1, max: 5 })
    .chain((size) => fc.tuple(...[...Array(size).keys()].map((n) => taskOf(n, words, texts))));

function withTasks(tasks: readonly NewTask[]): {
  readonly snapshot: QueueSnapshot;
  readonly entries: readonly TaskEntry[];
} {
  const { plan } = planOf(emptyQueue(), addIntent(tasks, { project: 'auth' }));
  const entries = (plan.commits[0]?.created ?? []).map(({ entry }) => entry);
  const locations = entries.slice(0, 1).map(({ location }) => location);
  const projects = new Map([['auth', { name: 'auth', locations, entries, stalls: new Map() }]]);
  return { snapshot: { ...emptyQueue(), projects }, entries };
}

function exported({ snapshot, entries }: ReturnType<typeof withTasks>): readonly ExportedTask[] {
  const state = new QueueState(snapshot);
  return entries.flatMap((entry) =>
    entry.reading.kind === 'read' ? [exportedTask(state, entry, entry.reading.task)] : [],
  );
}

/** What an import of the export into an empty queue gives. */
async function again(format: ExportFormat, tasks: readonly ExportedTask[]): Promise<readonly TaskEntry[]> {
  const tracker = format === 'beads' || format === 'markdown' ? format : 'agentq';
  const source = { name: 'x', text: await writeExport(format, tasks, NOW) };
  const { rules, tasks: read } = await readSource(tracker, { kind: 'text', text: source });
  const options = { rules, done: 'leave', ids: 'keep', known: new Map(), agent: 'a1', now: NOW } as const;
  const plan = toTasks(read, options);
  const { plan: decided } = planOf(emptyQueue(), addIntent(plan.tasks, { upsert: true }));
  return (decided.commits[0]?.created ?? []).map(({ entry }) => entry);
}

function modelOf({ reading }: TaskEntry): Task {
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  return reading.task;
}

const isWritable = (tasks: readonly NewTask[]) => tasks.every((task) => readBackProblem(task) === undefined);

describe('an export that is imported into an empty queue', () => {
  it.each(['json', 'jsonl', 'beads'] as const)('gives the same tasks: %s', async (format) => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(queueOf(line, text), async (tasks) => {
        if (!isWritable(tasks)) return;
        kept++;
        const before = withTasks(tasks);
        const after = await again(format, exported(before));
        expect(after.map(({ key, state }) => ({ key, state }))).toEqual(
          before.entries.map(({ key, state }) => ({ key, state })),
        );
        expect(after.map(modelOf)).toEqual(before.entries.map(modelOf));
      }),
      { numRuns: sized(120, 10) },
    );
    expect(kept).toBeGreaterThan(sized(60, 5));
  });

  it('keeps in Markdown what a check list can say', async () => {
    await fc.assert(
      fc.asyncProperty(
        queueOf(
          line,
          fc.array(plain, { maxLength: 3 }).map((all) => all.join('\n')),
        ),
        async (tasks) => {
          if (!isWritable(tasks)) return;
          const before = withTasks(tasks.map((task) => ({ ...task, summary: 'Summary' })));
          const after = await again('markdown', exported(before));
          const carried = (entry: TaskEntry) => {
            const { title, type, priority, summary, details, acceptanceCriteria, required, batch } = modelOf(entry);
            const ids = required.map(({ id }) => id);
            return {
              key: entry.key,
              state: entry.state,
              title,
              type,
              priority,
              summary,
              details,
              acceptanceCriteria,
              ids,
              batch,
            };
          };
          const byId = (entries: readonly TaskEntry[]) =>
            entries.map(carried).sort((a, b) => (a.key.id < b.key.id ? -1 : 1));
          expect(byId(after)).toEqual(byId(before.entries));
        },
      ),
      { numRuns: sized(60, 8) },
    );
  });
});

describe('an export', () => {
  const task = (fields: Partial<NewTask>) => exported(withTasks([newTask({ id: 'T-1', ...fields })]));

  it('as CSV is what RFC 4180 says, and no formula', async () => {
    const tasks = task({ title: '=cmd|"x"', priority: -5, details: 'a,b\nc', labels: { area: 'x', '@k': true } });
    const [names, ...rest] = (await writeExport('csv', tasks, NOW)).split('\r\n');
    expect(names?.split(',').slice(0, 5)).toEqual(['project', 'task', 'title', 'state', 'priority']);
    expect(rest).toHaveLength(2);
    expect(rest[0]).toMatch(/^auth,T-1,"'=cmd\|""x""",ready,-5,,,,,/);
    expect(rest[0]).toContain('"a,b\nc"');
  });

  it('for beads has what bd wants of an issue', async () => {
    const completion = { at: time, by: 'a1' };
    const [open, done] = exported(
      withTasks([
        newTask({ id: 'T-1', title: 'One', type: 'backend', priority: 9, required: ['T-2'], labels: { area: 'x' } }),
        newTask({ id: 'T-2', title: 'Two', completion }),
      ]),
    );
    const lines = (
      await writeExport(
        'beads',
        [open, done].flatMap((one) => one ?? []),
        NOW,
      )
    )
      .trim()
      .split('\n');
    expect(lines.map((one) => JSON.parse(one))).toMatchObject([
      {
        id: 'T-1',
        status: 'open',
        priority: 1,
        issue_type: 'task',
        labels: ['area:x'],
        dependencies: [{ issue_id: 'T-1', depends_on_id: 'T-2', type: 'blocks' }],
      },
      { id: 'T-2', status: 'closed', closed_at: time, assignee: 'a1' },
    ]);
  });

  it('for beads that beads has changed since is imported as it is now', async () => {
    const text = await writeExport('beads', task({ title: 'One', priority: 9, summary: 'S', details: 'D' }), NOW);
    const issue = {
      ...JSON.parse(text),
      title: 'Other',
      description: 'S\n\nD2',
      priority: 3,
      status: 'closed',
      closed_at: time,
    };
    const { rules, tasks } = await readSource('beads', {
      kind: 'text',
      text: { name: 'x', text: JSON.stringify(issue) },
    });
    const options = { rules, done: 'leave', ids: 'keep', known: new Map(), agent: 'a1', now: NOW } as const;
    expect(toTasks(tasks, options).tasks).toMatchObject([
      { id: 'T-1', title: 'Other', summary: 'S', details: 'D2', priority: 4, completion: { at: time } },
    ]);
  });
});
