import { given } from '../../../domain/base/given.ts';
import { noteTextProblem, toNoteText } from '../../../domain/base/note-text.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import { type ClaimedTaskOptions, readClaimedTask } from '../../command/claimed-task.ts';
import type { CommandContext } from '../../command/context.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { AskResult } from './result.ts';

/** Options of `agentq ask`. */
export interface AskOptions extends ClaimedTaskOptions {
  readonly question: string;
}

/** Reads and checks the options of `agentq ask`. */
export function parse(input: Input): AskOptions {
  const claimed = readClaimedTask(input);
  const question = toNoteText(input.words('question'));
  const problem = noteTextProblem(question, 'question');
  if (problem !== undefined) throw usage(problem);
  return { ...claimed, question };
}

/** Gives a claimed task back with a question. */
export function run(options: AskOptions, context: CommandContext): Promise<AskResult> {
  const { agent, task, claimId, request, question } = options;
  return context.withQueue(async (queue) => {
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'ask', request, agent, task, text: question, ...given({ claimId }) }),
      request,
      becomes: 'asked',
      tell(outcome, submitted) {
        const told = happened('task.asked', outcome, { agent, ...submitted });
        const line = `${formatKey(outcome.key)} is given back, and waits for an answer`;
        context.log.tell({ ...told, question }, line);
      },
    });
    return { ...taskLine(outcome), ...where, agent, question, ...how };
  });
}
