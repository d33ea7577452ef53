import { given } from '../../../domain/base/given.ts';
import { projectProblem } from '../../../domain/base/names.ts';
import { describePause } from '../../../domain/pausing/pauses.ts';
import { userOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { authorIn, reasonIn } from '../../naming/named-tasks.ts';
import type { PauseResult } from './result.ts';

/** Options of `agentq pause`. */
export interface PauseOptions extends CommonOptions {
  /** undefined: the whole queue. */
  readonly project: string | undefined;
  readonly reason: string;
  /** undefined: whoever git says it is. */
  readonly author: string | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq pause`. A project in the environment is about other commands. */
export function parse(input: Input): PauseOptions {
  const author = authorIn(input);
  const project = input.argument('project', projectProblem);
  return { project, reason: reasonIn(input), author, request: input.request(), ...given({ agent: author }) };
}

/** Pauses the project, or the whole queue. */
export function run({ project, reason, author, request }: PauseOptions, context: CommandContext): Promise<PauseResult> {
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'pauses'));
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'pause', request, agent, ...given({ project }), reason }),
      request,
      becomes: 'paused',
      tell({ pause }, { commit }) {
        if (commit === undefined) {
          context.log.info(`nothing to change: ${describePause(pause)}`);
          return;
        }
        const about = { project: project ?? null, task: null, title: null, agent, commit };
        context.log.tell({ event: 'queue.paused', ...about, reason }, describePause(pause));
      },
    });
    const { pause } = outcome;
    return { ...where, project: project ?? null, agent: pause.by, reason: pause.reason, at: pause.at, ...how };
  });
}
