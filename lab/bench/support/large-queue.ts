import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildCommits } from '../../../src/git/objects/fast-import.ts';
import { createGitClient } from '../../../src/git/process/git-client.ts';
import { openRepository, type Repository } from '../../../src/git/repository/repository.ts';
import type { Sandbox, SandboxCommit } from '../../sandbox/sandbox.ts';

const execute = promisify(execFile);

export const BRANCH = 'develop';
const REF = `refs/heads/${BRANCH}`;
const AUTHOR = { name: 'planner', email: 'planner@agentq.invalid' };
const SOME_DAY = 1_735_689_600;
const TYPES = ['backend', 'frontend', 'infrastructure'];

/** A queue in which tasks have numbers, completed ones first, spread evenly over its projects. */
export interface LargeQueue {
  readonly completed: number;
  readonly ready: number;
  readonly projects: number;
}

/** The commit that adds the whole queue. */
export function queueOf({ completed, ready, projects }: LargeQueue): SandboxCommit {
  const files: Record<string, string> = {};
  for (let number = 1; number <= completed + ready; number++) {
    const folder = number <= completed ? 'completed' : 'tasks';
    files[`${folderOf(number % projects)}/${folder}/TASK-${number}.toon`] = taskText(number, projects);
  }
  return { message: `Add ${completed + ready} tasks`, author: AUTHOR, timeSeconds: SOME_DAY, files };
}

/** A clone without a checkout, in detached HEAD, as on a CI machine. */
export async function place(sandbox: Sandbox): Promise<Repository> {
  const git = createGitClient({ dir: sandbox.root, env: sandbox.env });
  await git.run(['clone', '-q', '--no-checkout', '--template=', sandbox.remote, 'clone']);
  const dir = join(sandbox.root, 'clone');
  await writeFile(join(dir, '.git', 'HEAD'), await readFile(join(sandbox.remote, REF), 'utf8'));
  return openRepository(git.at(dir));
}

/** Runs a command in the clone. @returns how long that took, in ms */
export type Timed = (command: string, ...args: readonly string[]) => Promise<number>;

/** Commands in the clone, with the environment of its sandbox. */
export function timer({ git }: Repository, { env }: Sandbox): Timed {
  return async (command, ...args) => {
    const startedAt = performance.now();
    await execute(command, args, { cwd: git.dir, env, maxBuffer: 256 * 1024 * 1024 });
    return performance.now() - startedAt;
  };
}

/**
 * What a claim cannot do without, by hand: bare node, `git fetch`, and `git push` of a commit that moves a task.
 *
 * @param round decides whether the task moves to the claimed folder or back
 */
export async function byHand(
  clone: Repository,
  timed: Timed,
  { completed, projects }: LargeQueue,
  round: number,
): Promise<number> {
  const [from, to] = round % 2 === 0 ? ['claimed', 'tasks'] : ['tasks', 'claimed'];
  await clone.git.run(['fetch', '-q', 'origin', BRANCH]);
  const tip = (await clone.git.run(['rev-parse', 'FETCH_HEAD'])).trim();
  // The first ready task of the lowest priority, which no claim here reaches.
  const number = 9 * (1 + Math.floor(completed / 9));
  const [folder, file] = [folderOf(number % projects), `TASK-${number}.toon`];
  const change = { from: `${folder}/${from}/${file}`, to: `${folder}/${to}/${file}` };
  const commit = { message: 'Move a task', author: AUTHOR, committer: AUTHOR, timeSeconds: SOME_DAY };
  const [oid = ''] = await buildCommits(clone, tip, [{ ...commit, changes: [change] }]);
  return (
    (await timed(process.execPath, '-e', '0')) +
    (await timed('git', 'fetch', '-q', 'origin', BRANCH)) +
    (await timed('git', 'push', '-q', '--no-verify', 'origin', `${oid}:${REF}`))
  );
}

/** The folder of a project. */
export function folderOf(project: number): string {
  return `.agents/project-${project}`;
}

/** A task as agents write them: with one of nine priorities, some with dependencies, each with its own metadata. */
export function taskText(number: number, projects: number): string {
  const required = number % 4 === 0 && number > projects ? [`TASK-${number - projects}`] : [];
  return [
    'task:',
    ` id: TASK-${number}`,
    ` project: project-${number % projects}`,
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
