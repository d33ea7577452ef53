import { projectProblem } from '../../../domain/base/names.ts';
import { LAYOUT_NAMES, type LayoutName } from '../../../domain/queue/layouts.ts';
import { placeOf } from '../../command/answers.ts';
import { followCheckout } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { kitFiles } from './kit.ts';
import type { InitResult } from './result.ts';

/** Options of `agentq init`. */
export interface InitOptions extends CommonOptions {
  readonly projects: readonly string[];
  readonly layout: LayoutName | undefined;
  readonly onDifference: 'keep' | 'overwrite';
}

/** Reads and checks the options of `agentq init`. */
export function parse(input: Input): InitOptions {
  return {
    projects: input.rest('project', projectProblem),
    layout: input.word('layout', LAYOUT_NAMES),
    onDifference: input.isOn('force') ? 'overwrite' : 'keep',
  };
}

/** Adds to the branch what a queue needs and the branch lacks. */
export function run(options: InitOptions, context: CommandContext): Promise<InitResult> {
  return context.withQueue(async (queue) => {
    const { installation: plan, commit, branch } = await queue.install({ ...options, kit: kitFiles() });
    const { created, overwritten, kept, locations } = plan;
    const { branch: name, remote } = queue.place;
    const where = remote === undefined ? name : `${name} of ${remote}`;
    if (branch === 'created') context.log.info(`made the branch ${where}`);
    if (overwritten.length > 0) context.log.info(`overwrote ${overwritten.join(', ')}`);
    if (kept.length > 0) {
      context.log.info(
        `left as they are, though they differ from this version's: ${kept.join(', ')} (--force overwrites them)`,
      );
    }
    if (commit === undefined) context.log.info(`everything is there already on ${where}`);
    else await followCheckout(queue, context, commit);
    return {
      ...placeOf(queue),
      commit: commit ?? null,
      branchCreated: branch === 'created',
      created,
      overwritten,
      kept,
      projects: locations.map(({ project, layout, folders }) => ({ project, layout, tasks: folders.ready })),
    };
  });
}
