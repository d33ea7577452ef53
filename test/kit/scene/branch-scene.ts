import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { openBranches } from '../../../src/engine/branches/open-branches.ts';
import type { Queue } from '../../../src/engine/queue/queue.ts';
import { type MachineOptions, optionsFor } from '../engine/machine.ts';
import { readyPath, taskText } from '../queues/queue-files.ts';
import type { GitSandbox } from './git-sandbox.ts';
import { type Scene, type SceneOptions, scene } from './scene.ts';

/** Where the settings of a queue are. */
export const SETTINGS = '.agents-core/config/agentq.toon';

/** Settings that place projects on branches. */
export function placing(branches: Readonly<Record<string, string>>, ...more: readonly string[]): string {
  const lines = Object.entries(branches).map(([project, branch]) => `    ${project}: ${branch}`);
  return ['agentq:', ...more.map((line) => `  ${line}`), '  branches:', ...lines, ''].join('\n');
}

/** Ready tasks by name, `auth/TASK-1`, with their priorities. */
export function tasksOf(priorities: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(priorities).map(([name, priority]) => {
      const [project = '', id = ''] = name.split('/');
      return [readyPath(id, project), taskText(id, { priority })];
    }),
  );
}

/** The queue of most tests: `web` lives on develop, `auth` and `pay` on branches of their own, cut from develop. */
export async function branchScene(options: Pick<SceneOptions, 'clones'> = {}): Promise<Scene> {
  const files = {
    ...tasksOf({ 'web/TASK-1': 5, 'web/TASK-2': 3, 'auth/TASK-1': 7, 'auth/TASK-2': 5, 'pay/TASK-1': 6 }),
    [SETTINGS]: placing({ auth: 'develop-auth', pay: 'develop-pay' }, 'backoff_base: 10ms'),
  };
  const box = await scene({ files });
  for (const branch of ['develop-auth', 'develop-pay']) await box.git(box.remote, 'branch', branch, 'develop');
  for (const name of options.clones ?? []) await box.clone(box.remote, name);
  return box;
}

const TALKING = /^(ls-remote|fetch|push|receive-pack|upload-pack|remote-https?)$/;

/** The queue of all branches as commands have it, and what it did. */
export interface OpenedBranches extends AsyncDisposable {
  readonly queue: Queue;
  readonly events: readonly QueueEvent[];
  /** Arguments of each git process. */
  readonly processes: readonly (readonly string[])[];
  /** How many git processes have talked to the remote. */
  talks(): number;
}

export async function openedBranches(
  box: GitSandbox,
  clone: string,
  options: MachineOptions = {},
): Promise<OpenedBranches> {
  const events: QueueEvent[] = [];
  const processes: (readonly string[])[] = [];
  await box.write('.', { [`run-${options.machine ?? clone}/.keep`]: '' });
  const queue = await openBranches({
    ...optionsFor(box, clone, options),
    onEvent: (event) => events.push(event),
    onGitProcess: (args) => processes.push(args),
  });
  return {
    queue,
    events,
    processes,
    talks: () => processes.filter((args) => args.some((arg) => TALKING.test(arg))).length,
    [Symbol.asyncDispose]: () => queue.close(),
  };
}

/** Where the tasks of a project are on a branch: `TASK-1 ready`. */
export async function statesOn(box: GitSandbox, branch: string, project: string): Promise<string[]> {
  const listed = await box.git('remote.git', 'ls-tree', '-r', '--name-only', branch, `.agents/${project}/`);
  const states: Readonly<Record<string, string>> = { tasks: 'ready', claimed: 'claimed', completed: 'completed' };
  return listed
    .split('\n')
    .flatMap((path) => {
      const [, folder = '', id] = /\/(tasks|claimed|completed)\/(.*)\.toon$/.exec(path) ?? [];
      return id === undefined ? [] : [`${id} ${states[folder]}`];
    })
    .sort();
}
