import { given } from '../base/given.ts';
import {
  type DataMap,
  type DataValue,
  listAt,
  type NewCancellation,
  type NewCompletion,
  type NewStatus,
  type NewTask,
} from '../queue/new-task.ts';
import { NOTE_KEY } from '../queue/note-key.ts';
import type { CancellationBlock, CompletionBlock, Note, Scalar, Task } from '../queue/task.ts';
import { parseNeeds } from '../rules/needs.ts';
import { globsIn } from '../rules/touches.ts';
import type { LinkedTask } from './link.ts';

/** A status as a new file may say it. */
export type WrittenStatus = NewStatus | 'cancelled';

/** Who adds a task, and when. */
export interface Authorship {
  readonly by: string;
  /** ISO 8601 UTC in whole seconds. */
  readonly at: string;
}

/** The task file's content, with its sections in the usual order. */
export function documentOf(linked: LinkedTask, status: WrittenStatus, { by, at }: Authorship): DataMap {
  const { task, key, required, blocks, needs } = linked;
  const { task: more, description, dependencies, metadata, ...sections } = task.rest;
  return withoutEmpty({
    task: withoutEmpty({
      id: key.id,
      project: key.project,
      ref: task.ref,
      title: task.title,
      type: task.type,
      priority: task.priority ?? 0,
      status,
      batch: task.batch,
      hold_until: task.holdUntil,
      labels: Object.keys(task.labels).length === 0 ? undefined : task.labels,
      ...mapOf(more),
      needs: needs.length === 0 ? undefined : needs,
    }),
    description: emptyToUndefined(
      withoutEmpty({ summary: task.summary, details: task.details, ...mapOf(description) }),
    ),
    acceptance_criteria: task.criteria.length === 0 ? undefined : task.criteria,
    dependencies: {
      required: required.map(({ text }) => text),
      blocks: blocks.map(({ text }) => text),
      ...mapOf(dependencies),
    },
    ...sections,
    metadata: { created_by: by, created_at: at, ...mapOf(metadata) },
    completion: completionBlock(task.completion),
    cancellation: cancellationBlock(task.cancellation),
  });
}

function completionBlock(completion: NewCompletion | undefined): DataMap | undefined {
  if (completion === undefined) return undefined;
  const { at, by, prUrl } = completion;
  return withoutEmpty({ status: 'completed', completed_at: at, completed_by: by, pr_url: prUrl });
}

function cancellationBlock(cancellation: NewCancellation | undefined): DataMap | undefined {
  if (cancellation === undefined) return undefined;
  return withoutEmpty({ cancelled_at: cancellation.at, cancelled_by: cancellation.by, reason: cancellation.reason });
}

/** The task that reading the file will give. */
export function modelOf(linked: LinkedTask, status: WrittenStatus, authorship: Authorship): Task {
  const { task, key, required, blocks } = linked;
  const metadata: Record<string, Scalar> = { created_by: authorship.by, created_at: authorship.at };
  for (const [name, value] of Object.entries(mapOf(task.rest.metadata))) if (isScalar(value)) metadata[name] = value;
  const batch = batchOf(linked);
  const reason = mapOf(task.rest.task).blocked_reason;
  const needs = linked.needs.flatMap((text) => parseNeeds(text, 1, key.project, key.id).words);
  return {
    declaredId: key.id,
    declaredProject: key.project,
    ...given({ ref: task.ref }),
    title: task.title,
    ...given({ type: task.type }),
    priority: task.priority ?? 0,
    status,
    ...given({ summary: task.summary, details: task.details }),
    acceptanceCriteria: task.criteria,
    required,
    ...(needs.length === 0 ? {} : { needs }),
    blocks,
    labels: { ...metadata, ...task.labels },
    ...given({ batch, holdUntil: task.holdUntil, touches: touchesOf(task), verify: checksOf(task) }),
    ...(isScalar(reason) && reason !== null ? { blockedReason: String(reason) } : {}),
    ...given({ completion: completionModel(task.completion), notes: notesOf(task) }),
    ...given({ cancellation: cancellationModel(task.cancellation) }),
  };
}

function completionModel(completion: NewCompletion | undefined): CompletionBlock | undefined {
  if (completion === undefined) return undefined;
  const { at, by, prUrl } = completion;
  return { status: 'completed', completedAt: at, ...given({ completedBy: by, prUrl }) };
}

function cancellationModel(cancellation: NewCancellation | undefined): CancellationBlock | undefined {
  if (cancellation === undefined) return undefined;
  const { at, by, reason } = cancellation;
  return { cancelledAt: at, ...given({ cancelledBy: by, reason }) };
}

/** Notes in the form of task files, where each is a line `"<time> <author>": text`; undefined: there are none. */
function notesOf({ rest }: NewTask): readonly Note[] | undefined {
  const notes = Object.entries(mapOf(rest.notes)).flatMap(([key, text]): Note[] => {
    const [, at, agent] = NOTE_KEY.exec(key) ?? [];
    return at === undefined || agent === undefined || !isScalar(text) ? [] : [{ at, agent, text: String(text) }];
  });
  return notes.length === 0 ? undefined : notes;
}

/** The globs of the files that the task changes; undefined: it does not say. */
export function touchesOf(task: NewTask): readonly string[] | undefined {
  const globs = globsIn(itemsOf(task, 'touches'));
  return globs.length === 0 ? undefined : globs;
}

/** The commands that must succeed before the task counts as done; undefined: it names none. */
export function checksOf(task: NewTask): readonly string[] | undefined {
  const checks = itemsOf(task, 'verify');
  return checks.length === 0 ? undefined : checks;
}

/** The items of a list at the top of the document, and of the one of that name in its task section. */
function itemsOf({ rest }: NewTask, name: string): readonly string[] {
  return [rest[name], mapOf(rest.task)[name]].flatMap(listAt);
}

/** The batch that the task counts in. */
export function batchOf({ task }: { readonly task: NewTask }): string | undefined {
  const value = task.batch ?? mapOf(task.rest.metadata).batch;
  return isScalar(value) && value !== null ? String(value) : undefined;
}

function mapOf(value: DataValue | undefined): DataMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as DataMap) : {};
}

function isScalar(value: DataValue | undefined): value is Scalar {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

function withoutEmpty(fields: Readonly<Record<string, DataValue | undefined>>): DataMap {
  const kept: [string, DataValue][] = [];
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept.push([key, value]);
  return Object.fromEntries(kept);
}

function emptyToUndefined(map: DataMap): DataMap | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}
