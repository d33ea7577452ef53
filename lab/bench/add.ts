/**
 * What it costs to add a thousand tasks, compared with one task, and with the commit that git itself would make of
 * them. The ratios are of medians from the same run, with interleaved rounds, so that a busy moment hits all alike.
 *
 *     npm run bench:add -- [rounds]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchEnvironment, workInMemory } from './support/environment.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { median } from './support/report.ts';

const rounds = Number(process.argv[2] ?? 10);
const TASKS = 1000;

/** The most that a thousand tasks may cost, as a multiple of one task; a thousand runs of one would cost a thousand. */
const LIMIT = 6;

workInMemory();
const root = mkdtempSync(join(tmpdir(), 'agentq-bench-add-'));
const bin = await frozenBuild(root);
const env = benchEnvironment(root);

const plan = (size: number): string =>
  Array.from({ length: size }, (_, n) =>
    JSON.stringify({
      ref: `r${n}`,
      title: `Task ${n} of a plan`,
      type: 'backend',
      priority: n % 10,
      requires: n === 0 ? [] : [`r${n - 1}`],
      criteria: ['It is done', 'It is tested'],
      details: 'What there is to do, in a few lines.\n'.repeat(5),
    }),
  ).join('\n');

interface Contender {
  readonly name: string;
  readonly work: (dir: string) => void;
  readonly times: number[];
}

const one: Contender = { name: 'agentq add, 1 task', work: (dir) => add(dir, 'one.jsonl'), times: [] };
const many: Contender = { name: `agentq add, ${TASKS} tasks`, work: (dir) => add(dir, 'many.jsonl'), times: [] };
const git: Contender = { name: `git add, commit, push of ${TASKS} files`, work: byGit, times: [] };

try {
  writeFileSync(join(root, 'one.jsonl'), plan(1));
  writeFileSync(join(root, 'many.jsonl'), plan(TASKS));
  for (let round = -1; round < rounds; round++) {
    for (const { work, times } of [one, many, git]) {
      const dir = freshClone();
      const startedAt = process.hrtime.bigint();
      work(dir);
      // The first round warms the disk cache.
      if (round >= 0) times.push(Number(process.hrtime.bigint() - startedAt) / 1e6);
    }
  }
} finally {
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}

const base = median(one.times);
console.table(
  [one, many, git].map(({ name, times }) => ({
    what: name,
    'median ms': median(times).toFixed(0),
    ratio: (median(times) / base).toFixed(2),
  })),
);
const ratio = median(many.times) / base;
console.log(`${TASKS} tasks cost ${ratio.toFixed(2)} times as much as one; the limit is ${LIMIT}.`);
if (ratio > LIMIT) process.exitCode = 1;

function add(dir: string, file: string): void {
  run(dir, process.execPath, bin, 'add', '-q', '--file', join(root, file));
}

function byGit(dir: string): void {
  const folder = join(dir, '.agents', 'shop', 'tasks');
  for (let n = 0; n < TASKS; n++) writeFileSync(join(folder, `GIT-${n}.toon`), `task:\n  id: GIT-${n}\n`);
  run(dir, 'git', 'add', '-A');
  run(dir, 'git', 'commit', '-q', '-m', 'Add tasks');
  run(dir, 'git', 'push', '-q', 'origin', 'develop');
}

/** A remote with one task, and a clone of it: each run finds the same queue. */
function freshClone(): string {
  const dir = mkdtempSync(join(root, 'run-'));
  run(dir, 'git', 'init', '-q', '--bare', '--initial-branch=develop', 'remote.git');
  run(dir, 'git', 'clone', '-q', 'remote.git', 'clone');
  const clone = join(dir, 'clone');
  run(clone, 'git', 'checkout', '-q', '-B', 'develop');
  mkdirSync(join(clone, '.agents', 'shop', 'tasks'), { recursive: true });
  writeFileSync(join(clone, '.agents', 'shop', 'tasks', 'TASK-001.toon'), 'task:\n  id: TASK-001\n  title: First\n');
  run(clone, 'git', 'add', '-A');
  run(clone, 'git', 'commit', '-q', '-m', 'Begin');
  run(clone, 'git', 'push', '-q', 'origin', 'develop');
  return clone;
}

function run(cwd: string, command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
}
