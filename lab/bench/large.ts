/**
 * What a claim costs on large queues, without and with the index of readings that the last claim has left, as a
 * multiple of `git fetch`, `git push` and bare node in the same clone. The pushed commit moves a task, as a claim does,
 * so that the multiple leaves out what git itself needs for such large folders.
 *
 * Then what commands cost in an old queue, where most tasks are completed, as a multiple of the same command in a small
 * queue. The measurements that are compared are taken in turns.
 *
 *     npm run bench:large -- [--tasks 100,1000,10000,100000] [--rounds 5] [--completed 90000]
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSandbox } from '../sandbox/sandbox.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { BRANCH, byHand, type LargeQueue, place, queueOf, timer } from './support/large-queue.ts';
import { markdownTable, median } from './support/report.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100,1000,10000,100000' },
    rounds: { type: 'string', default: '5' },
    completed: { type: 'string', default: '90000' },
  },
});

/** With `--all` every file of the queue is read: one of these rounds takes as long as all others. */
const ROUNDS_OF_ALL = 3;

const root = await mkdtemp(join(tmpdir(), 'agentq-bench-'));
try {
  const program = await frozenBuild(root);
  const rows: string[][] = [];
  for (const tasks of values.tasks.split(',').filter(Boolean).map(Number)) rows.push(await measure(tasks, program));
  process.stdout.write(`${markdownTable(['ready tasks', 'without index', 'with index', 'size of the index'], rows)}\n`);
  if (Number(values.completed) > 0) process.stdout.write(`\n${await oldQueue(Number(values.completed), program)}\n`);
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 10 });
}

/** All tasks in one folder, the worst case: each claim writes the tree of the whole folder. */
async function measure(tasks: number, program: string): Promise<string[]> {
  await using place = await open({ completed: 0, ready: tasks, projects: 1 }, program);
  const index = join(place.gitDir, 'agentq', `readings-origin-${BRANCH}`);
  const without: number[] = [];
  const withIndex: number[] = [];
  // Short runs vary more.
  const rounds = Number(values.rounds) * (tasks <= 10_000 ? 3 : 1);
  for (let round = -1; round < rounds; round++) {
    process.stderr.write(`${tasks} tasks, round ${round + 1} of ${rounds}\n`);
    const floor = await place.byHand(round);
    await rm(index, { force: true });
    const cold = await place.agentq('claim', 'agent-1');
    const warm = await place.agentq('claim', 'agent-1');
    // The first round warms the disk cache.
    if (round < 0) continue;
    without.push(cold / floor);
    withIndex.push(warm / floor);
  }
  const size = await stat(index).catch(() => undefined);
  return [
    tasks.toLocaleString('en'),
    median(without).toFixed(1),
    median(withIndex).toFixed(1),
    size === undefined ? 'none' : `${(size.size / 1e6).toFixed(1)} MB`,
  ];
}

/** A ninth as many ready tasks as completed ones, in 20 projects, beside 100 ready ones in as many projects. */
async function oldQueue(completed: number, program: string): Promise<string> {
  const ready = Math.round(completed / 9);
  await using small = await open({ completed: 0, ready: 100, projects: 20 }, program);
  await using large = await open({ completed, ready, projects: 20 }, program);
  const rounds = Number(values.rounds) * 3;
  const times = new Map<string, { readonly small: number[]; readonly large: number[] }>();
  for (let round = -1; round < rounds; round++) {
    process.stderr.write(`${completed} completed tasks, round ${round + 1} of ${rounds}\n`);
    const note = async (name: string, run: (place: Place) => Promise<number>): Promise<void> => {
      const [one, other] = [await run(small), await run(large)];
      const known = times.get(name) ?? { small: [], large: [] };
      // The first round makes the index, and warms the disk cache.
      if (round >= 0) times.set(name, { small: [...known.small, one], large: [...known.large, other] });
    };
    await note('node, fetch and push by hand', (place) => place.byHand(round));
    await note('claim', (place) => place.agentq('claim', 'agent-1'));
    await note('status', (place) => place.agentq('status'));
    await note('list --ready', (place) => place.agentq('list', '--ready'));
    await note('list', (place) => place.agentq('list'));
    await note('validate', (place) => place.agentq('validate'));
    if (round >= ROUNDS_OF_ALL) continue;
    await note('list --all', (place) => place.agentq('list', '--all'));
    await note('validate --all', (place) => place.agentq('validate', '--all'));
  }
  const rows = [...times].map(([name, { small: few, large: many }]) => [
    name,
    (median(many) / median(few)).toFixed(1),
    median(few).toFixed(0),
    median(many).toFixed(0),
  ]);
  const title = `${ready.toLocaleString('en')} ready and ${completed.toLocaleString('en')} completed`;
  return markdownTable(['command', 'multiple', '100 ready tasks, ms', `${title}, ms`], rows);
}

/** A clone of a queue. Times are in ms. */
interface Place extends AsyncDisposable {
  readonly gitDir: string;
  agentq(...args: readonly string[]): Promise<number>;
  byHand(round: number): Promise<number>;
}

async function open(queue: LargeQueue, program: string): Promise<Place> {
  const sandbox = await createSandbox({ parent: root, branch: BRANCH, commits: [queueOf(queue)], env: process.env });
  const clone = await place(sandbox);
  const timed = timer(clone, sandbox);
  return {
    gitDir: clone.gitDir,
    agentq: (...args) => timed(process.execPath, program, ...args),
    byHand: (round) => byHand(clone, timed, queue, round),
    [Symbol.asyncDispose]: () => sandbox.remove(),
  };
}
