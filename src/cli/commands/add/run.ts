import { type SharedFields, withShared } from '../../../domain/adding/shared.ts';
import { idPrefixProblem } from '../../../domain/adding/task-ids.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { withLineFeeds } from '../../../domain/base/line-feeds.ts';
import { agentProblem, projectProblem, quote } from '../../../domain/base/names.ts';
import { ORCHESTRATOR } from '../../../domain/intents/intent.ts';
import type { AddedOutcome, AddedTask } from '../../../domain/intents/outcome.ts';
import { parseHold } from '../../../domain/queue/batches.ts';
import { LAYOUT_NAMES, type LayoutName } from '../../../domain/queue/layouts.ts';
import type { NewTask } from '../../../domain/queue/new-task.ts';
import { formatKey } from '../../../domain/queue/task.ts';
import { decodeBytes } from '../../../store/codec/text/bytes.ts';
import { MAX_PLAN_BYTES, readPlan } from '../../../store/input/read-plan.ts';
import { taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { tellAdded } from '../../command/tell-added.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';
import { type InputBytes, readNamedFile } from '../../output/named-file.ts';
import type { AddResult } from './result.ts';
import { readTaskFlags, TASK_FLAGS } from './task-flags.ts';

/** Options of `agentq add`. */
export interface AddOptions extends CommonOptions {
  readonly agent: string;
  readonly from: AddSource;
  /** From the command line. */
  readonly shared: SharedFields;
  /** From the environment, for tasks that get no project otherwise. */
  readonly defaultProject: string | undefined;
  readonly layout: LayoutName | undefined;
  readonly idPrefix: string | undefined;
  /** What to do with tasks that the queue already has. */
  readonly onExisting: 'refuse' | 'update';
  readonly mode: 'add' | 'dry-run';
  readonly request: string | undefined;
}

/** Where the tasks come from. `pipe`: nothing was named, so stdin, unless it is a terminal. */
export type AddSource =
  | { readonly kind: 'flags'; readonly task: NewTask }
  /** The flags with the text of a file, which is still to be read. */
  | { readonly kind: 'described'; readonly path: string; readonly withText: (description: string) => NewTask }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'pipe' };

/** Reads and checks the options of `agentq add`. */
export function parse(input: Input): AddOptions {
  const project = input.typed('project', projectProblem);
  const batch = input.typed('batch', oneLineProblem('the batch'));
  const holdUntil = input.typed('hold-until', holdProblem);
  return {
    agent: input.text('agent', agentProblem) ?? ORCHESTRATOR,
    from: sourceOf(input),
    shared: given({ project, batch, holdUntil }),
    defaultProject: input.project(),
    layout: input.word('layout', LAYOUT_NAMES),
    idPrefix: input.typed('id-prefix', idPrefixProblem),
    onExisting: input.isOn('upsert') ? 'update' : 'refuse',
    mode: input.isOn('dry-run') ? 'dry-run' : 'add',
    request: input.request(),
  };
}

/** Adds the tasks in one commit, or with `--dry-run` says which it would add. */
export async function run(options: AddOptions, context: CommandContext): Promise<AddResult> {
  const { agent, layout, idPrefix, onExisting, request } = options;
  const { tasks, shared } = await readTasks(options, context);
  const project = shared.project ?? options.defaultProject;
  const isDryRun = options.mode === 'dry-run';
  return context.withQueue(async (queue) => {
    const { outcome, submitted, where, how } = await carryOut(queue, context, {
      intent: (request) => ({
        kind: 'add',
        request,
        agent,
        tasks: withShared(tasks, shared),
        ...given({ project, layout, idPrefix, upsert: onExisting === 'update' ? (true as const) : undefined }),
      }),
      request,
      isDryRun,
      becomes: 'added',
      tell(outcome, submitted) {
        for (const notice of outcome.notices) context.log.info(notice);
        for (const line of describe(outcome, isDryRun)) context.log.info(line);
        if (!isDryRun) tellAdded(outcome.tasks, agent, submitted, context);
      },
    });
    return {
      ...where,
      ...given({ commits: submitted.commits }),
      agent,
      tasks: outcome.tasks.map((task) => ({
        ...taskLine(task),
        status: task.status,
        ref: task.ref ?? null,
        change: task.was ?? 'added',
      })),
      refs: Object.fromEntries(
        outcome.tasks.flatMap(({ ref, key }): [string, string][] => (ref === undefined ? [] : [[ref, formatKey(key)]])),
      ),
      ...how,
    };
  });
}

function sourceOf(input: Input): AddSource {
  const file = input.typed('file', () => undefined);
  const single = TASK_FLAGS.find((flag) => input.isGiven(flag));
  if (file !== undefined && single !== undefined) {
    throw usage(`--${single} is for one task, and --file for many`, 'put it in the file, or add the task by itself');
  }
  if (file !== undefined) return file === '-' ? { kind: 'stdin' } : { kind: 'file', path: file };
  if (single === undefined) return { kind: 'pipe' };
  const path = input.typed('description-file', () => undefined);
  // Mistakes in the other flags are reported before anything is read.
  const task = readTaskFlags(input);
  if (path === undefined) return { kind: 'flags', task };
  if (input.isGiven('description')) throw usage('--description and --description-file say the same: give one of them');
  return { kind: 'described', path, withText: (description) => readTaskFlags(input, description) };
}

async function readTasks(
  { from, shared }: AddOptions,
  context: CommandContext,
): Promise<{ readonly tasks: readonly NewTask[]; readonly shared: SharedFields }> {
  if (from.kind === 'flags') return { tasks: [from.task], shared };
  if (from.kind === 'described') {
    const { path } = from;
    const { bytes, name } = await readInput(path === '-' ? { kind: 'stdin' } : { kind: 'file', path }, context);
    return { tasks: [from.withText(textOf(bytes, name))], shared };
  }
  const { bytes, name } = await readInput(from, context);
  const plan = readPlan(bytes, name);
  for (const warning of plan.warnings) context.log.warning(warning);
  const given = shared.project;
  if (given !== undefined) {
    // There is no way to tell which one is meant, and agents would work on the wrong one.
    const other = [{ place: name, ...plan.shared }, ...plan.tasks].find(
      ({ project }) => project !== undefined && project !== given,
    );
    if (other) {
      const message = `${other.place ?? name}: the project is ${quote(other.project ?? '')}, and --project says ${quote(given)}`;
      throw new Failure('task-invalid', message, { hint: 'name only one of them' });
    }
  }
  return { tasks: plan.tasks, shared: { ...plan.shared, ...shared } };
}

async function readInput(
  from: Exclude<AddSource, { kind: 'flags' | 'described' }>,
  { config, stdin, signal }: CommandContext,
): Promise<InputBytes> {
  if (from.kind === 'file') return readNamedFile(from.path, MAX_PLAN_BYTES, config.dir, signal);
  if (from.kind === 'pipe' && stdin.isTerminal) {
    throw usage('there is nothing to add', 'give a --title, or tasks with --file or on stdin; see `agentq add --help`');
  }
  const bytes = await stdin.read(MAX_PLAN_BYTES, signal);
  if (from.kind === 'pipe' && bytes.length === 0) {
    throw usage('there is nothing to add: stdin is empty', 'give a --title, or tasks with --file or on stdin');
  }
  return { bytes, name: 'stdin' };
}

function textOf(bytes: Uint8Array, name: string): string {
  const decoded = decodeBytes(bytes, MAX_PLAN_BYTES);
  if (decoded.kind === 'defect') {
    throw new Failure('task-invalid', `${name}: ${decoded.defect.message.replace(/^task file/, 'the description')}`);
  }
  const text = decoded.text.replace(/^\uFEFF/, '');
  if (text.trim() === '') throw new Failure('task-invalid', `${name}: the description is empty`);
  return withLineFeeds(text);
}

function holdProblem(value: string): string | undefined {
  const parsed = parseHold(value);
  return parsed.kind === 'hold' ? undefined : `--hold-until: ${parsed.problem}`;
}

/** One line for what was added, and one for each other thing that became of a task. */
function describe({ tasks }: AddedOutcome, isDryRun: boolean): string[] {
  const [would, ran] = isDryRun ? ['would ', ' (dry run)'] : ['', ''];
  const of = (was: AddedTask['was']): AddedTask[] => tasks.filter((task) => task.was === was);
  const [added, updated, same, kept] = [of(undefined), of('updated'), of('same'), of('kept')];
  return [
    ...(added.length > 0 ? [`${isDryRun ? 'would add' : 'added'} ${summaryOf(added)}${ran}`] : []),
    ...(updated.length > 0 ? [`${would}update${isDryRun ? '' : 'd'} ${namesOf(updated)}${ran}`] : []),
    ...(same.length > 0 ? [`${namesOf(same)}: nothing to change`] : []),
    ...(kept.length > 0 ? [`${namesOf(kept)}: claimed or completed, left as it is`] : []),
  ];
}

function namesOf(tasks: readonly AddedTask[]): string {
  const rest = tasks.length - MOST_NAMED;
  const names = tasks.slice(0, MOST_NAMED).map(({ key }) => formatKey(key));
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const MOST_NAMED = 5;

/** `auth/TASK-8 (ready)`, or for several `12 tasks to auth: 3 ready, 9 waiting`: the words of `list`. */
function summaryOf(tasks: readonly AddedTask[]): string {
  const [first, second] = tasks;
  if (first && !second) return `${formatKey(first.key)} (${wordOf(first)}): ${first.title ?? ''}`;
  const counts = new Map<string, number>();
  for (const task of tasks) counts.set(wordOf(task), (counts.get(wordOf(task)) ?? 0) + 1);
  const projects = [...new Set(tasks.map(({ key }) => key.project))];
  const where = projects.length === 1 ? projects[0] : `${projects.length} projects`;
  return `${tasks.length} tasks to ${where}: ${[...counts].map(([word, count]) => `${count} ${word}`).join(', ')}`;
}

function wordOf({ view, status }: AddedTask): string {
  return view?.state ?? status;
}
