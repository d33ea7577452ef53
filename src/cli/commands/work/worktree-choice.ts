import { resolve } from 'node:path';
import { branchTemplateProblem } from '../../../domain/base/branch-template.ts';
import { branchProblem } from '../../../domain/base/names.ts';
import type { Code } from '../../../engine/queue/code.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Job } from '../../../engine/work/job.ts';
import { orAborted } from '../../../engine/work/shutdown.ts';
import type { CommandContext } from '../../command/context.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { TaskPlaces } from './task-places.ts';

/** How each task gets a worktree of its own. */
export interface WorktreeChoice {
  readonly dir: string | undefined;
  readonly branchName: string | undefined;
  readonly base: string | undefined;
  readonly dependencies: 'start-from' | 'ignore';
}

/** Reads and checks the options about worktrees; undefined: none are wanted. */
export function worktreeChoice(input: Input): WorktreeChoice | undefined {
  const dir = input.typed('worktree-dir', folderProblem);
  const branchName = input.typed('branch-name', branchTemplateProblem);
  const typedBase = input.typed('base', branchProblem);
  const dependencies = input.isOn('base-from-deps') ? 'start-from' : 'ignore';
  if (input.isOn('worktree') || dir !== undefined) {
    return { dir, branchName, base: typedBase ?? input.text('base', branchProblem), dependencies };
  }
  const about = (['branch-name', 'base', 'base-from-deps'] as const).find((flag) => input.isGiven(flag));
  if (about !== undefined) throw usage(`--${about} is only for worktrees`, 'add --worktree');
  return undefined;
}

/**
 * Gives each task a worktree as it was chosen; undefined: none.
 * @throws Failure `usage` or `config-invalid` if there is no branch to start from, `not-a-repository` or `git-unusable`
 */
export async function openPlaces(
  queue: Queue,
  worktrees: WorktreeChoice | undefined,
  context: CommandContext,
): Promise<TaskPlaces | undefined> {
  if (worktrees === undefined) return undefined;
  const { config, env, log, signal } = context;
  const { dir, branchName, base: named, dependencies } = worktrees;
  const [{ TaskWorktrees }, { CodeBase }, { TaskPlaces }] = await Promise.all([
    import('../../../git/checkout/task-worktrees.ts'),
    import('../../../engine/work/code-base.ts'),
    import('./task-places.ts'),
  ]);
  const { branch: queueBranch, remote } = queue.place;
  const code = async (): Promise<Code> => (await queue.read('clone')).code;
  const codeBase = new CodeBase({ code, queueBranch, remote, named });
  await orAborted(
    settingOf(queue, named).then((setting) => codeBase.check(setting)),
    signal,
  );
  const trees = await TaskWorktrees.open({
    dir: config.dir,
    env,
    folder: dir === undefined ? undefined : resolve(config.dir, dir),
    onProcess: (args) => log.event({ kind: 'git-process', command: args[0] ?? '' }),
  });
  const onNotice = (job: Job, message: string): void => context.logFor(job.agent).info(message);
  return new TaskPlaces({ queue, trees, codeBase, branchName, dependencies, onNotice });
}

/**
 * The branch that the settings name, unless the user has named one. If the remote does not answer, the claims say so.
 */
async function settingOf(queue: Queue, named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) return undefined;
  const snapshot = async () => (await queue.read()).snapshot({ read: new Set() }, { unreadable: 'leave' });
  return snapshot().then(
    ({ settings }) => settings.base,
    () => undefined,
  );
}

function folderProblem(value: string): string | undefined {
  return value.includes('\0') ? 'the folder has a NUL in its name' : undefined;
}
