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
import type { NoteResult } from './result.ts';

/** Options of `agentq note`. */
export interface NoteOptions extends CommonOptions {
  readonly task: TaskReference;
  readonly text: string;
  /** undefined: whoever git says it is. */
  readonly author: string | undefined;
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq note`. */
export function parse(input: Input): NoteOptions {
  const author = input.text('agent', authorProblem);
  const text = toNoteText(input.words('text'));
  const problem = noteTextProblem(text);
  if (problem !== undefined) throw usage(problem);
  return { task: input.task('task'), text, author, request: input.request(), ...given({ agent: author }) };
}

/** Adds a note to a task. */
export function run({ task, text, author, request }: NoteOptions, context: CommandContext): Promise<NoteResult> {
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'says it'));
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'note', request, agent, task, text }),
      request,
      becomes: 'noted',
      tell(outcome, submitted) {
        const told = happened('task.noted', outcome, { agent, ...submitted });
        context.log.tell({ ...told, note: text }, `noted on ${formatKey(outcome.key)}`);
      },
    });
    return { ...taskLine(outcome), ...where, agent, note: text, ...how };
  });
}
