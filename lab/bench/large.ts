/**
 * What a claim costs on large queues, without and with the index of readings that the last claim has left, as a
 * multiple of `git fetch`, `git push` and bare node in the same clone. The pushed commit moves a task, as a claim does,
 * so that the multiple leaves out what git itself needs for such large folders. The measurements that are compared are
 * taken in turns.
 *
 *     npm run bench:large -- [--tasks 100,1000,10000,100000] [--rounds 5]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { buildCommits } from '../../src/git/objects/fast-import.ts';
import { createGitClient } from '../../src/git/process/git-client.ts';
import { openRepository, type Repository } from '../../src/git/repository/repository.ts';
import { createSandbox, type Sandbox, type SandboxCommit } from '../sandbox/sandbox.ts';
import { frozenBuild } from './support/frozen-build.ts';
import { markdownTable, median } from './support/report.ts';

const execute = promisify(execFile);

const BRANCH = 'develop';
const REF = `refs/heads/${BRANCH}`;
const AUTHOR = { name: 'planner', email: 'planner@agentq.invalid' };
const FOLDER = '.agents/shop';
const TYPES = ['backend', 'frontend', 'infrastructure'];

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100,1000,10000,100000' },
    rounds: { type: 'string', default: '5' },
  },
});

const root = await mkdtemp(join(tmpdir(), 'agentq-bench-'));
try {
  const program = await frozenBuild(root);
  const rows: string[][] = [];
  for (const tasks of values.tasks.split(',').map(Number)) rows.push(await measure(tasks, program));
  process.stdout.write(`${markdownTable(['ready tasks', 'without index', 'with index', 'size of the index'], rows)}\n`);
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 10 });
}

async function measure(tasks: number, program: string): Promise<string[]> {
  const sandbox = await createSandbox({ parent: root, branch: BRANCH, commits: [queueOf(tasks)], env: process.env });
  try {
    const clone = await place(sandbox);
    const index = join(clone.gitDir, 'agentq', `readings-origin-${BRANCH}`);
    const timed = timer(clone, sandbox);
    const claim = (): Promise<number> => timed(process.execPath, program, 'claim', 'agent-1');
    const without: number[] = [];
    const withIndex: number[] = [];
    // Short runs vary more.
    const rounds = Number(values.rounds) * (tasks <= 10_000 ? 3 : 1);
    for (let round = -1; round < rounds; round++) {
      process.stderr.write(`${tasks} tasks, round ${round + 1} of ${rounds}\n`);
      const oid = await moveOne(clone, round % 2 === 0 ? ['claimed', 'tasks'] : ['tasks', 'claimed']);
      const floor =
        (await timed(process.execPath, '-e', '0')) +
        (await timed('git', 'fetch', '-q', 'origin', BRANCH)) +
        (await timed('git', 'push', '-q', '--no-verify', 'origin', `${oid}:${REF}`));
      await rm(index, { force: true });
      const cold = await claim();
      const warm = await claim();
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
  } finally {
    await sandbox.remove();
  }
}

/** A clone without a checkout, in detached HEAD, as on a CI machine. */
async function place(sandbox: Sandbox): Promise<Repository> {
  const git = createGitClient({ dir: sandbox.root, env: sandbox.env });
  await git.run(['clone', '-q', '--no-checkout', '--template=', sandbox.remote, 'clone']);
  const dir = join(sandbox.root, 'clone');
  await writeFile(join(dir, '.git', 'HEAD'), await readFile(join(sandbox.remote, REF), 'utf8'));
  return openRepository(git.at(dir));
}

function timer(
  { git }: Repository,
  { env }: Sandbox,
): (command: string, ...args: readonly string[]) => Promise<number> {
  return async (command, ...args) => {
    const startedAt = performance.now();
    await execute(command, args, { cwd: git.dir, env });
    return performance.now() - startedAt;
  };
}

/** A commit on the tip that moves a task of the lowest priority, which no claim here reaches. */
async function moveOne(clone: Repository, [from, to]: readonly [string, string]): Promise<string> {
  await clone.git.run(['fetch', '-q', 'origin', BRANCH]);
  const tip = (await clone.git.run(['rev-parse', 'FETCH_HEAD'])).trim();
  const change = { from: `${FOLDER}/${from}/TASK-9.toon`, to: `${FOLDER}/${to}/TASK-9.toon` };
  const commit = { message: 'Move a task', author: AUTHOR, committer: AUTHOR, timeSeconds: 1_735_689_600 };
  const [oid = ''] = await buildCommits(clone, tip, [{ ...commit, changes: [change] }]);
  return oid;
}

/** All tasks in one folder, the worst case: each claim writes the tree of the whole folder. */
function queueOf(tasks: number): SandboxCommit {
  const files: Record<string, string> = {};
  for (let number = 1; number <= tasks; number++) files[`${FOLDER}/tasks/TASK-${number}.toon`] = taskText(number);
  return { message: `Add ${tasks} tasks`, author: AUTHOR, timeSeconds: 1_735_689_600, files };
}

/** A task as agents write them: with one of nine priorities, some with dependencies, each with its own metadata. */
function taskText(number: number): string {
  const required = number % 4 === 0 ? [`TASK-${number - 1}`] : [];
  return [
    'task:',
    ` id: TASK-${number}`,
    ' project: shop',
    ` title: Let customers see part ${number} of their order`,
    ` type: ${TYPES[number % TYPES.length]}`,
    ` priority: ${1 + (number % 9)}`,
    ' status: ready',
    'description:',
    ' summary: What the customer sees once this is done',
    ' details: |',
    '  Add the part to the page of the order, and to its mail.',
    '  Follow the pattern of the parts that are there already.',
    '  Nothing is shown to customers who are not signed in.',
    'acceptance_criteria[3]:',
    ' The part is shown on the page of the order',
    ' The part is in the mail that confirms the order',
    ' It is tested',
    'dependencies:',
    ` required[${required.length}]:${required.map((id) => `\n  ${id}`).join('')}`,
    ' blocks[0]:',
    'metadata:',
    ' created_by: architect',
    ` created_at: 2025-01-01T00:00:00.${String(number).padStart(6, '0')}Z`,
    ` estimated_hours: ${1 + (number % 8)}`,
    '',
  ].join('\n');
}
