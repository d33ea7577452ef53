import { branchProblem, projectProblem } from '../../../domain/base/names.ts';
import type { Moved } from '../../../engine/merging/move.ts';
import { placeOf } from '../../command/answers.ts';
import { followCheckout } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { BranchResult } from './result.ts';

/** Options of `agentq branch`. */
export interface BranchOptions extends CommonOptions {
  readonly project: string;
  /** undefined: the main branch. */
  readonly to: string | undefined;
  readonly isDryRun: boolean;
}

/** Reads and checks the options of `agentq branch`. */
export function parse(input: Input): BranchOptions {
  const to = input.argument('own-branch', branchProblem);
  const isBack = input.isOn('back');
  if (to !== undefined && isBack)
    throw usage(`a project cannot move to ${to} and back at once`, 'leave out one of the two');
  if (to === undefined && !isBack) throw usage('no branch is named', 'name one, or say --back');
  const project = input.argument('project', projectProblem);
  if (project === undefined) throw usage('no project is named');
  return { project, to, isDryRun: input.isOn('dry-run') };
}

/** Lets the project live on another branch. */
export function run({ project, to, isDryRun }: BranchOptions, context: CommandContext): Promise<BranchResult> {
  return context.withQueue(async (queue) => {
    const startedAt = context.clock.now();
    const doing = isDryRun ? 'rehearsal' : 'move';
    const moved = await queue.moveProject({ project, to: to ?? queue.place.branch, doing });
    const isMoved = moved.moved !== undefined || moved.others.length > 0;
    tell(project, moved, isMoved, isDryRun, context);
    const commit = isDryRun ? undefined : moved.moved?.to;
    if (commit !== undefined) await followCheckout(queue, context, commit);
    return {
      ...placeOf(queue),
      project,
      from: moved.from,
      to: moved.to,
      outcome: isMoved ? 'moved' : 'unchanged',
      commit: commit ?? null,
      created: moved.isNew,
      tasks: moved.tasks,
      elapsedMs: context.clock.now() - startedAt,
      ...(isDryRun ? { dryRun: true as const } : {}),
    };
  });
}

function tell(project: string, moved: Moved, isMoved: boolean, isDryRun: boolean, { log }: CommandContext): void {
  const { from, to, isNew, tasks, left } = moved;
  if (!isMoved) {
    log.info(`${project} lives on ${to} already`);
    return;
  }
  const count = `${tasks} ${tasks === 1 ? 'task' : 'tasks'}`;
  const where = from === to ? `made ${to} for ${project}` : `moved ${project} from ${from} to ${to}`;
  log.info(`${isDryRun ? 'would have ' : ''}${where}, with ${count}${isNew && from !== to ? ', on a new branch' : ''}`);
  for (const branch of left) log.info(`no project lives on ${branch} any more: it can be deleted`);
}
