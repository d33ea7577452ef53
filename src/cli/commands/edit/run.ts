import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { withLineFeeds } from '../../../domain/base/line-feeds.ts';
import { authorProblem, quote } from '../../../domain/base/names.ts';
import { MOST_EDITED, type TaskReference } from '../../../domain/intents/intent.ts';
import { saysNothing, splitOutsideParentheses } from '../../../domain/queue/dependency-entry.ts';
import type { ListEdit, TaskEdits } from '../../../domain/queue/edit.ts';
import { editsProblem } from '../../../domain/queue/new-task.ts';
import { decodeBytes } from '../../../store/codec/text/bytes.ts';
import { MAX_PLAN_BYTES } from '../../../store/input/read-plan.ts';
import { taskLine, userOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';
import { readAll } from '../../output/io.ts';
import type { EditResult } from './result.ts';
import { tellEdited } from './tell-edited.ts';

/** Options of `agentq edit`. */
export interface EditOptions extends CommonOptions {
  readonly tasks: readonly [TaskReference, ...TaskReference[]];
  /** Without the details of a file, which is still to be read. */
  readonly edits: TaskEdits;
  readonly detailsFile: string | undefined;
  /** undefined: whoever git says it is. */
  readonly author: string | undefined;
  readonly request: string | undefined;
}

/** Names of options, for those fields that have another. */
const FLAG_OF: Readonly<Record<string, string>> = { acceptance_criteria: 'criterion', labels: 'label' };
const PRIORITY_LIMIT = 1_000_000_000;

/** Reads and checks the options of `agentq edit`. */
export function parse(input: Input): EditOptions {
  const [first, ...more] = input.tasks('task');
  if (first === undefined) throw usage('no task is named', 'name one or more, such as TASK-7');
  if (more.length >= MOST_EDITED) {
    const named = `${more.length + 1} are named`;
    throw usage(
      `at most ${MOST_EDITED} tasks can be edited at once, and ${named}`,
      'one edit is one commit: make several',
    );
  }
  const detailsFile = input.typed('details-file', () => undefined);
  const labels = input.pairs('label');
  const edits: TaskEdits = {
    ...given({
      title: input.typed('title', oneLineProblem('the title'))?.trim(),
      type: input.typed('type', oneLineProblem('the type'))?.trim(),
      priority: input.integer('priority', -PRIORITY_LIMIT, PRIORITY_LIMIT),
      batch: input.typed('batch', oneLineProblem('the batch')),
      requires: listFrom('requires', input.list('requires').flatMap(splitOutsideParentheses)),
      criteria: listFrom('criterion', input.list('criterion').map(withLineFeeds)),
    }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  const isNamed = Object.keys(edits).length > 0 || detailsFile !== undefined;
  if (!isNamed && more.length > 0) {
    throw usage('no change is given', 'such as --priority 9; an editor takes one task at a time');
  }
  if (!isNamed && input.request() !== undefined) throw usage('--request is for an edit by options');
  check(edits);
  const author = input.text('agent', authorProblem);
  return { tasks: [first, ...more], edits, detailsFile, author, request: input.request(), ...given({ agent: author }) };
}

/** Changes the fields of the tasks, in one commit; without fields, the text of the one task in an editor. */
export async function run(options: EditOptions, context: CommandContext): Promise<EditResult> {
  const { tasks, detailsFile, author, request } = options;
  if (detailsFile === undefined && Object.keys(options.edits).length === 0) {
    const { editInEditor } = await import('./in-editor.ts');
    return editInEditor(tasks[0], author, context);
  }
  const details = detailsFile === undefined ? undefined : await readDetails(detailsFile, context);
  const edits: TaskEdits = { ...options.edits, ...given({ details }) };
  check(edits);
  const [task, ...more] = tasks;
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'edits'));
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({ kind: 'edit', request, agent, task, edits, ...(more.length === 0 ? {} : { more }) }),
      request,
      becomes: 'edited',
      tell({ tasks }, submitted) {
        if (submitted.commit === undefined) context.log.info('nothing to change: the task says so already');
        tellEdited(tasks, agent, submitted, context);
      },
    });
    return {
      ...where,
      agent,
      tasks: outcome.tasks.map((one) => ({ ...taskLine(one), changed: one.changed })),
      ...how,
    };
  });
}

function check(edits: TaskEdits): void {
  const wrong = editsProblem(edits);
  if (wrong) throw usage(`--${FLAG_OF[wrong.field] ?? wrong.field} ${wrong.problem}`);
}

/** `+A` is put in, `-B` taken out; without signs, the list is to be exactly that. */
function listFrom(flag: string, texts: readonly string[]): ListEdit | undefined {
  if (texts.length === 0) return undefined;
  const signed = texts.filter((text) => /^[+-]/.test(text));
  if (signed.length === 0) return { set: texts.filter((text) => !saysNothing(text)) };
  const plain = texts.find((text) => !/^[+-]/.test(text));
  if (plain !== undefined) {
    throw usage(`--${flag} ${quote(plain)} has no sign, but others have: give each of them + or -, or none`);
  }
  const after = (sign: string): readonly string[] =>
    signed.filter((text) => text.startsWith(sign)).map((text) => text.slice(1).trim());
  return { add: after('+'), remove: after('-') };
}

/** The text of the file, without the line break at its end. It may be a pipe. */
async function readDetails(path: string, { stdin, config, signal }: CommandContext): Promise<string> {
  const name = path === '-' ? 'stdin' : path.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  let bytes: Uint8Array;
  try {
    bytes =
      path === '-'
        ? await stdin.read(MAX_PLAN_BYTES, signal)
        : await readAll(createReadStream(resolve(config.dir, path)), MAX_PLAN_BYTES, signal);
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('task-invalid', `${name} cannot be read: ${why}`, { cause });
  }
  const decoded = decodeBytes(bytes, MAX_PLAN_BYTES);
  if (decoded.kind === 'defect') {
    throw new Failure('task-invalid', `${name}: ${decoded.defect.message.replace(/^task file/, 'the details')}`);
  }
  const text = withLineFeeds(decoded.text);
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
