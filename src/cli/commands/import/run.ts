import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { idPrefixProblem } from '../../../domain/adding/task-ids.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import { agentProblem, projectProblem, quote } from '../../../domain/base/names.ts';
import { closest } from '../../../domain/base/suggest.ts';
import { ORCHESTRATOR } from '../../../domain/intents/intent.ts';
import type { AddedTask } from '../../../domain/intents/outcome.ts';
import { type ForeignTask, type Remark, TRACKERS, type Tracker } from '../../../domain/moving/foreign-task.ts';
import { LAYOUT_NAMES, type LayoutName } from '../../../domain/queue/layouts.ts';
import type { NewTask } from '../../../domain/queue/new-task.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import { formatKey, type Task, type TaskState } from '../../../domain/queue/task.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import { MAX_SOURCE_BYTES, textOf } from '../../../store/moving/from/files.ts';
import { readSource, type Source } from '../../../store/moving/from/read-source.ts';
import { type MovePlan, TOO_MUCH, toTasks } from '../../../store/moving/to-tasks.ts';
import { EVERY_STATE, taskLine } from '../../command/answers.ts';
import { carryOut } from '../../command/carry-out.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { tellAdded } from '../../command/tell-added.ts';
import { usage } from '../../command/usage.ts';
import { readNamedFile } from '../../output/named-file.ts';
import type { ImportResult } from './result.ts';

/** Options of `agentq import`. */
export interface ImportOptions extends CommonOptions {
  readonly agent: string;
  readonly tracker: Tracker;
  /** `-` is stdin. */
  readonly path: string;
  readonly project: string | undefined;
  readonly done: 'move' | 'leave';
  readonly ids: 'keep' | 'new';
  readonly layout: LayoutName | undefined;
  readonly idPrefix: string | undefined;
  readonly mode: 'import' | 'dry-run';
  readonly request: string | undefined;
}

/** Reads and checks the options of `agentq import`. */
export function parse(input: Input): ImportOptions {
  const word = input.words('tracker');
  const tracker = TRACKERS.find((known) => known === word);
  if (tracker === undefined) {
    const meant = closest(word, TRACKERS);
    throw usage(
      `the tracker must be one of ${TRACKERS.join(', ')}, not ${quote(word)}`,
      meant === undefined ? undefined : `did you mean ${meant}?`,
    );
  }
  return {
    agent: input.text('agent', agentProblem) ?? ORCHESTRATOR,
    tracker,
    path: input.argument('path', () => undefined) ?? '.',
    project: input.typed('project', projectProblem) ?? input.project(),
    done: input.isOn('closed') ? 'move' : 'leave',
    ids: input.isOn('new-ids') ? 'new' : 'keep',
    layout: input.word('layout', LAYOUT_NAMES),
    idPrefix: input.typed('id-prefix', idPrefixProblem),
    mode: input.isOn('dry-run') ? 'dry-run' : 'import',
    request: input.request(),
  };
}

/** Moves the tasks in one commit, or with `--dry-run` says what would become of them. */
export async function run(options: ImportOptions, context: CommandContext): Promise<ImportResult> {
  const { agent, tracker, project, layout, idPrefix, request, done, ids } = options;
  const { rules, tasks: read, skipped } = await readSource(tracker, await sourceOf(options, context));
  const all = inProject(read, project);
  for (const { name, reason } of skipped) context.log.warning(`${name} is not read: ${reason}`);
  const isDryRun = options.mode === 'dry-run';
  return context.withQueue(async (queue) => {
    const known = await knownRefs(queue, project);
    const isOwn = all.some(({ own }) => own !== undefined) && ids === 'keep';
    if (isOwn) expectSame(all, known);
    const plan = toTasks(all, { rules, done, ids, known: known.states, agent, now: context.clock.now() });
    const result = { agent, tracker, leftOut: plan.left, dropped: plan.remarks };
    tellPlan(plan, context, isDryRun);
    checkSize(plan.tasks, options.path);
    if (plan.tasks.length === 0) {
      const { branch, remote } = queue.place;
      const nothing = { attempts: 0, elapsedMs: 0, ...given({ dryRun: isDryRun ? (true as const) : undefined }) };
      return { branch, remote: remote ?? null, commit: null, ...result, tasks: [], ...nothing };
    }
    const { outcome, where, how } = await carryOut(queue, context, {
      intent: (request) => ({
        kind: 'add',
        request,
        agent,
        tasks: plan.tasks,
        upsert: isOwn ? true : 'by-ref',
        ...given({ project, layout, idPrefix }),
      }),
      request,
      isDryRun,
      becomes: 'added',
      tell(outcome, submitted) {
        for (const notice of outcome.notices) context.log.info(notice);
        context.log.info(`${isDryRun ? 'would import' : 'imported'} from ${tracker}: ${counts(outcome.tasks)}`);
        if (!isDryRun) tellAdded(outcome.tasks, agent, submitted, context);
      },
    }).catch((error: unknown) => {
      throw withHint(error);
    });
    return {
      ...where,
      ...result,
      tasks: outcome.tasks.map((task) => ({
        ...taskLine(task),
        status: task.status,
        ref: task.ref ?? null,
        change: task.was ?? 'added',
      })),
      ...how,
    };
  });
}

async function sourceOf({ path, tracker }: ImportOptions, context: CommandContext): Promise<Source> {
  if (path === '-') {
    if (context.stdin.isTerminal) throw usage('there is nothing on stdin', 'name a file or a folder, or pipe one in');
    return { kind: 'text', text: textOf(await context.stdin.read(MAX_SOURCE_BYTES, context.signal), 'stdin') };
  }
  const absolute = resolve(context.config.dir, path);
  const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder) {
    if (tracker === 'github' || tracker === 'agentq') {
      throw usage(`${tracker} is read from a file or from stdin, not from a folder: ${quote(path)}`);
    }
    return { kind: 'folder', path: absolute, shown: withoutSlash(path).replace(/[\p{Cc}\p{Surrogate}]/gu, '?') };
  }
  const { bytes, name } = await readNamedFile(path, MAX_SOURCE_BYTES, context.config.dir, context.signal);
  return { kind: 'text', text: textOf(bytes, name) };
}

/** What the queue has: states of tasks by ref, and by the name that an export has for them. */
interface Known {
  readonly states: ReadonlyMap<string, TaskState>;
  /** By `project/TASK-ID`. */
  readonly tasks: ReadonlyMap<string, Pick<Task, 'title' | 'labels'>>;
}

async function knownRefs(queue: Queue, project: string | undefined): Promise<Known> {
  const snapshot = await (await queue.read()).snapshot({ read: EVERY_STATE });
  const states = new Map<string, TaskState>();
  const tasks = new Map<string, Pick<Task, 'title' | 'labels'>>();
  for (const [entry] of new QueueState(snapshot).all()) {
    if (entry?.reading.kind !== 'read' || (project !== undefined && entry.key.project !== project)) continue;
    const { ref, title, labels } = entry.reading.task;
    if (ref !== undefined) states.set(ref, entry.state);
    states.set(`agentq#${formatKey(entry.key)}`, entry.state);
    tasks.set(formatKey(entry.key), { ...given({ title }), labels });
  }
  return { states, tasks };
}

/** The tasks of an export in another project, if one is named. */
function inProject(tasks: readonly ForeignTask[], project: string | undefined): readonly ForeignTask[] {
  const projects = new Set(tasks.flatMap(({ own }) => own?.project ?? []));
  if (project === undefined || projects.size === 0 || (projects.size === 1 && projects.has(project))) return tasks;
  if (projects.size > 1) {
    throw usage(`the input has tasks of ${projects.size} projects, and --project names one`, 'export one project');
  }
  return tasks.map((task) => {
    if (task.own === undefined) return task;
    return { ...task, own: { ...task.own, project, required: new Map() } };
  });
}

/** A task is the same if it was created at the same time, or has the same title. Ids alone say little. */
function expectSame(all: readonly ForeignTask[], { tasks }: Known): void {
  for (const { own, place, title, rest } of all) {
    const there = own && tasks.get(formatKey(own));
    if (own === undefined || there === undefined || there.title === title) continue;
    const { metadata } = rest ?? {};
    const made = typeof metadata === 'object' && metadata !== null && 'created_at' in metadata && metadata.created_at;
    if (made && there.labels.created_at === made) continue;
    throw new Failure('task-exists', `${place}: ${formatKey(own)} exists already, and is another task`, {
      hint: '--new-ids numbers the imported tasks as this queue does',
    });
  }
}

/** Everything is one message to the process that carries it out, in which quotes take two characters. */
const MOST_CHARACTERS = 7_000_000;

function checkSize(tasks: readonly NewTask[], path: string): void {
  const size = JSON.stringify(JSON.stringify(tasks)).length;
  if (size <= MOST_CHARACTERS) return;
  const message = `${path}: its tasks have ${size} characters, and one commit takes ${MOST_CHARACTERS}`;
  throw new Failure('task-invalid', message, { hint: TOO_MUCH });
}

/** Most lines about what is dropped: `--dry-run` prints all of them, and `--json` has them. */
const MOST_SAID = 20;

function tellPlan({ tasks, left, remarks }: MovePlan, { log, answer }: CommandContext, isDryRun: boolean): void {
  if (tasks.length === 0) log.info('there is nothing to import');
  if (isDryRun && answer === 'text') return;
  for (const { name, reason } of remarks.slice(0, MOST_SAID)) log.info(`${name}: ${reason}`);
  if (remarks.length > MOST_SAID) log.info(`and ${remarks.length - MOST_SAID} more such remarks: see --dry-run`);
  for (const [reason, names] of byReason(left)) {
    const some = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
    const more = reason.startsWith('it is done') ? '; --closed moves them as completed tasks' : '';
    log.info(`left out ${some}: ${reason}${more}`);
  }
}

function byReason(remarks: readonly Remark[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { name, reason } of remarks) {
    const names = groups.get(reason);
    if (names) names.push(name);
    else groups.set(reason, [name]);
  }
  return groups;
}

function counts(tasks: readonly AddedTask[]): string {
  const words = new Map<string, number>();
  for (const { was, view, status } of tasks) {
    const word = was ?? `new and ${view?.state ?? status}`;
    words.set(word, (words.get(word) ?? 0) + 1);
  }
  return [...words].map(([word, count]) => `${count} ${WORDS[word] ?? word}`).join(', ');
}

const WORDS: Readonly<Record<string, string>> = {
  same: 'with nothing to change',
  kept: 'claimed or completed and left as they are',
};

function withHint(error: unknown): unknown {
  if (!(error instanceof Failure) || error.code !== 'task-exists') return error;
  const hint = 'another task has this id: --new-ids numbers the imported ones as this queue does';
  return new Failure(error.code, error.message, { details: error.details, hint, cause: error });
}

/** The name of a folder without the slash that a shell completes it with. */
function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
