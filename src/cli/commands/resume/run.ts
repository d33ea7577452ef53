import { given } from '../../../domain/base/given.ts';
import { projectProblem } from '../../../domain/base/names.ts';
import { describePause } from '../../../domain/pausing/pauses.ts';
import { userOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { authorIn } from '../../naming/named-tasks.ts';
import type { ResumeResult } from './result.ts';

/** Options of `agentq resume`. */
export interface ResumeOptions extends CommonOptions {
  /** undefined: the whole queue. */
  readonly project: string | undefined;
  /** undefined: whoever git says it is. */
  readonly author: string | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq resume`. A project in the environment is about other commands. */
export function parse(input: Input): ResumeOptions {
  const author = authorIn(input);
  const project = input.argument('project', projectProblem);
  return { project, author, request: input.request(), ...given({ agent: author }) };
}

/** Ends the pause of the project, or that of the whole queue. */
export function run({ project, author, request }: ResumeOptions, context: CommandContext): Promise<ResumeResult> {
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'resumes'));
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'resume', request, agent, ...given({ project }) }),
      request,
      becomes: 'resumed',
      tell({ left }, { commit }) {
        const name = project ?? 'the queue';
        const about = { project: project ?? null, task: null, title: null, agent };
        if (commit === undefined) context.log.info(`${name} is not paused`);
        else context.log.tell({ event: 'queue.resumed', ...about, commit }, `resumed ${name}`);
        const more = left.filter((pause) => project === undefined || pause.project === undefined);
        for (const pause of more) context.log.warning(describePause(pause));
      },
    });
    const stillPaused = outcome.left.map(({ project: paused, ...pause }) => ({ project: paused ?? null, ...pause }));
    return { ...where, project: project ?? null, agent, stillPaused, ...how };
  });
}
