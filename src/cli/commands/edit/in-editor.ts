import { basename } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { resolveEditable } from '../../../domain/changing/edit.ts';
import type { EditIntent, TaskReference } from '../../../domain/intents/intent.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import type { TaskEntry } from '../../../domain/queue/snapshot.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { failureOf } from '../../../engine/base/refusal.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Reader } from '../../../engine/queue/reader.ts';
import { placeOf, taskLine, userOf } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import { usage } from '../../command/usage.ts';
import { EditedFile } from './editor.ts';
import { pageOf, shown, takenFrom } from './page.ts';
import type { EditResult } from './result.ts';
import { tellEdited } from './tell-edited.ts';

/** Most times that a text is merged with what others have changed meanwhile. */
const MOST_ROUNDS = 5;

/** A task file as it was read, and its bytes. */
interface ReadFile {
  readonly entry: TaskEntry;
  readonly bytes: Uint8Array;
}

/**
 * Edits the whole text of a task in the user's editor, as `git commit` does with a message. The text is checked before it
 * is written. Whatever goes wrong, what the user has written is kept in a file, and the failure names it.
 * @throws Failure `usage` without a terminal
 */
export function editInEditor(
  task: TaskReference,
  author: string | undefined,
  context: CommandContext,
): Promise<EditResult> {
  if (!context.stdin.isTerminal || !context.stderr.sink.isTerminal) {
    throw usage(
      'no change is given, and there is no terminal for an editor',
      'such as --priority 9; see `agentq edit --help`',
    );
  }
  const { signal, config } = context;
  // The user may think for as long as it takes.
  const terms = { signal, timeoutMs: config.timeoutMs, timeoutOf: 'each-submit' } as const;
  return context.withQueue(async (queue) => {
    const agent = author ?? (await userOf(queue, 'edits'));
    const reader = await queue.read();
    const file = await readFileOf(reader, task);
    const page = pageOf(file.bytes, notesOn(file.entry, queue));
    const edited = await EditedFile.create(basename(file.entry.path), shown(page));
    let result: EditResult;
    try {
      await edited.open(await reader.editor(context.env), context);
      const text = takenFrom(await edited.read(), page);
      result = await write({ file, text, agent }, queue, reader, context);
    } catch (error) {
      throw edited.named(error);
    }
    await edited.remove();
    return result;
  }, terms);
}

async function write(
  { file, text, agent }: { readonly file: ReadFile; readonly text: Uint8Array; readonly agent: string },
  queue: Queue,
  reader: Reader,
  context: CommandContext,
): Promise<EditResult> {
  const { key } = file.entry;
  const name = formatKey(key);
  if (Buffer.from(text).toString('latin1').trim() === '') {
    throw new Failure('task-invalid', `the text of ${name} is empty: nothing was changed`);
  }
  let [base, mine] = [file, text];
  for (let round = 1; ; round++) {
    if (Buffer.from(mine).equals(base.bytes)) return unchanged(base.entry, agent, queue, context);
    const edit = { was: base.entry.blob, now: decoded(mine, name) };
    try {
      return await submit(edit, { key, agent }, queue, context);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'task-invalid' || round === MOST_ROUNDS) throw error;
      const now = await readFileOf(reader, { project: key.project, id: key.id });
      if (now.entry.blob === base.entry.blob) throw error;
      const merged = await reader.mergeTexts({ ours: mine, base: base.bytes, theirs: now.bytes });
      if (merged === undefined) {
        const message = `others changed the same lines of ${name} meanwhile: your changes were not written`;
        throw new Failure('merge-conflict', message, { hint: 'edit it again, and copy your changes into it' });
      }
      context.log.info(`${name} was changed meanwhile: your changes were merged with that`);
      [base, mine] = [now, merged];
    }
  }
}

async function submit(
  text: NonNullable<EditIntent['text']>,
  { key, agent }: { readonly key: TaskEntry['key']; readonly agent: string },
  queue: Queue,
  context: CommandContext,
): Promise<EditResult> {
  const task = { project: key.project, id: key.id };
  const { outcome, where, how } = await carryOut(queue, context, {
    intent: (request) => ({ kind: 'edit', request, agent, task, edits: {}, text }),
    request: undefined,
    becomes: 'edited',
    tell: ({ tasks }, submitted) => tellEdited(tasks, agent, submitted, context),
  });
  return { ...where, agent, tasks: outcome.tasks.map((one) => ({ ...taskLine(one), changed: one.changed })), ...how };
}

function unchanged(entry: TaskEntry, agent: string, queue: Queue, { log }: CommandContext): EditResult {
  log.info('nothing to change: the text is the same');
  const { key, path, reading } = entry;
  const title = reading.kind === 'read' ? (reading.task.title ?? null) : null;
  const task = { project: key.project, task: key.id, title, path, changed: [] };
  return { ...placeOf(queue), commit: null, agent, tasks: [task], attempts: 0, elapsedMs: 0 };
}

async function readFileOf(reader: Reader, task: TaskReference): Promise<ReadFile> {
  const snapshot = await reader.snapshot({ read: new Set(), ids: new Set([task.id]) });
  const found = resolveEditable(new QueueState(snapshot), task);
  if (found.kind === 'refused') throw failureOf(found.refusal);
  return { entry: found.entry, bytes: await reader.taskBytes(found.entry) };
}

function decoded(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Failure('task-invalid', `the text of ${name} is not UTF-8: nothing was changed`, { cause });
  }
}

function notesOn({ key, state }: TaskEntry, { place }: Queue): readonly string[] {
  const claimed =
    state === 'claimed' ? ['It is claimed: the status and the lines of the claim are not yours to change.'] : [];
  return [
    'Leave the line above as it is. It and everything below it are ignored.',
    '',
    `This is the task ${formatKey(key)} on ${place.branch}. What you change becomes one commit, and every other byte stays.`,
    'A text that cannot be read, or has another id, is not written. Without a change, or with an empty text, nothing happens.',
    ...claimed,
  ];
}
