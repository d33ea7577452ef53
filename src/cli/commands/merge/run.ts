import { branchProblem } from '../../../domain/base/names.ts';
import type { MergedBranch } from '../../../engine/merging/merge.ts';
import { placeOf } from '../../command/answers.ts';
import { followCheckout } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { MergedLine, MergeResult } from './result.ts';

/** Options of `agentq merge`. The main branch is the coordination branch, see `config.ts`. */
export interface MergeOptions extends CommonOptions {
  readonly branches: readonly string[];
  readonly isDryRun: boolean;
}

/** Reads and checks the options of `agentq merge`. */
export function parse(input: Input): MergeOptions {
  const [into, branch] = [input.typed('into', branchProblem), input.typed('branch', branchProblem)];
  if (into !== undefined && branch !== undefined && into !== branch) {
    throw usage(`two main branches are given: --into ${into} and --branch ${branch}`);
  }
  return { branches: input.rest('branch', branchProblem), isDryRun: input.isOn('dry-run') };
}

/** Merges the branches of projects and the main branch. */
export function run({ branches, isDryRun }: MergeOptions, context: CommandContext): Promise<MergeResult> {
  return context.withQueue(async (queue) => {
    const startedAt = context.clock.now();
    const merged = await queue.mergeBranches({ branches, doing: isDryRun ? 'rehearsal' : 'merge' });
    const lines = merged.branches.map(lineOf);
    tell(lines, queue.place.branch, isDryRun, context);
    const commit = isDryRun ? undefined : merged.moved?.to;
    if (commit !== undefined) await followCheckout(queue, context, commit);
    return {
      ...placeOf(queue),
      commit: commit ?? null,
      branches: lines,
      elapsedMs: context.clock.now() - startedAt,
      ...(isDryRun ? { dryRun: true as const } : {}),
    };
  });
}

function lineOf({ branch, projects, commit, ownCommit, moved, overruled }: MergedBranch): MergedLine {
  const isMerged = commit !== undefined || ownCommit !== undefined;
  return {
    branch,
    projects,
    outcome: isMerged ? 'merged' : 'unchanged',
    commit: commit ?? null,
    ownCommit: ownCommit ?? null,
    moved,
    overruled,
  };
}

function tell(lines: readonly MergedLine[], main: string, isDryRun: boolean, { log }: CommandContext): void {
  if (lines.length === 0) log.info(`no project has a branch of its own by the settings on ${main}: nothing to merge`);
  else if (lines.every(({ outcome }) => outcome === 'unchanged')) log.info('nothing to merge');
  const verb = isDryRun ? 'would merge' : 'merged';
  for (const { branch, outcome, commit, ownCommit, moved, overruled } of lines) {
    if (outcome === 'unchanged') continue;
    const ways = [
      ...(commit === null ? [] : [`${branch} into ${main}`]),
      ...(ownCommit === null ? [] : [`${main} into ${branch}`]),
    ];
    log.info(`${verb} ${ways.join(', and ')}`);
    if (moved.length > 0) log.info(`to where their projects live: ${moved.join(', ')}`);
    if (overruled.length > 0) {
      log.warning(`not taken over, since they were changed where their projects do not live: ${overruled.join(', ')}`);
    }
  }
}
