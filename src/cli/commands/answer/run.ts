import { given } from '../../../domain/base/given.ts';
import { authorProblem } from '../../../domain/base/names.ts';
import { noteTextProblem, toNoteText } from '../../../domain/base/note-text.ts';
import type { TaskReference } from '../../../domain/intents/intent.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { happened } from '../../../domain/telling/happened.ts';
import { taskLine, userOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { AnswerResult } from './result.ts';

/** Options of `agentq answer`. */
export interface AnswerOptions extends CommonOptions {
  readonly task: TaskReference;
  readonly text: string;
  /** undefined: whoever git says it is. */
  readonly author: string | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq answer`. */
export function parse(input: Input): AnswerOptions {
  const author = input.text('agent', authorProblem);
  const text = toNoteText(input.words('text'));
  const problem = noteTextProblem(text, 'answer');
  if (problem !== undefined) throw usage(problem);
  return { task: input.task('task'), text, author, request: input.request(), ...given({ agent: author }) };
}

/** Answers the question of a task. */
export function run({ task, text, author, request }: AnswerOptions, context: CommandContext): Promise<AnswerResult> {
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'answers'));
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'answer', request, agent, task, text }),
      request,
      becomes: 'answered',
      tell(outcome, submitted) {
        const { key, view } = outcome;
        const waits = view?.waitingFor ?? [];
        const now = waits.length === 0 ? 'can be claimed again' : `waits for ${waits.join(', ')}`;
        const told = happened('task.answered', outcome, { agent, ...submitted });
        const question = view?.questions?.at(-1)?.text;
        context.log.tell(
          { ...told, ...given({ question }), answer: text },
          `${formatKey(key)} is answered, and ${now}`,
        );
      },
    });
    return { ...taskLine(outcome), ...where, agent, answer: text, ...how };
  });
}
