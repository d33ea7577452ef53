import type { Finding } from '../../domain/base/finding.ts';
import { given } from '../../domain/base/given.ts';
import type { TaskLines } from '../../domain/queue/snapshot.ts';
import type { CancellationBlock, ClaimBlock, CompletionBlock, Scalar, Task } from '../../domain/queue/task.ts';
import { checksOf } from './checks.ts';
import { type Dependencies, dependenciesOf } from './dependencies.ts';
import { FindingList } from './findings.ts';
import { inspect } from './inspect.ts';
import { type TaskDocument, taskSchema } from './task-schema.ts';
import {
  blockEntry,
  cancellationBlockOf,
  claimBlockOf,
  completionBlockOf,
  criteriaOf,
  lineValueOf,
  scalarsOf,
  type TaskPath,
  textOf,
  touchesOf,
  wordOf,
} from './text/document.ts';
import { notesOf, questionsOf } from './text/notes.ts';
import { findAll, findFirst } from './text/path.ts';
import type { Source } from './text/source.ts';
import type { TreeNode } from './text/tree.ts';

/** Which file is read: its path, and the key that its place and name give it. */
export interface Where {
  readonly path: string;
  readonly project: string;
  readonly id: string;
}

/** The model of a task file, and the defects that do not make it unreadable. */
export function interpret(
  source: Source,
  tree: readonly TreeNode[],
  taskPath: TaskPath,
  where: Where,
): { task: Task; findings: readonly Finding[]; lines: TaskLines } {
  const findings = new FindingList(where.path);
  const field = (name: string): TreeNode | undefined => findFirst(tree, ...taskPath, name);
  const dependencies = dependenciesOf(source, tree, where);
  const checks = checksOf(source, tree);
  const raw = rawDocument(source, tree, taskPath, checks.usable);

  let parsed = taskSchema.safeParse(raw);
  if (!parsed.success && parsed.error.issues.some((issue) => issue.path[1] === 'priority')) {
    const written = wordOf(source, field('priority')) ?? '';
    findings.add(
      'invalid-priority',
      'warning',
      field('priority')?.line,
      `priority ${JSON.stringify(written)} is not a number`,
    );
    delete raw.task.priority;
    parsed = taskSchema.safeParse(raw);
  }
  // Everything else was taken from the file as text: a failure here is a bug in agentq.
  if (!parsed.success) throw new TypeError(parsed.error.message);

  const notes = notesOf(source, tree);
  const questions = questionsOf(source, tree);
  const touches = touchesOf(source, tree);
  const task: Task = {
    ...toTask(parsed.data, dependencies, touches),
    ...(notes.length > 0 ? { notes } : {}),
    ...(questions.length > 0 ? { questions } : {}),
  };
  inspect({ source, tree, taskPath, where, task, dependencies, checks }, findings);
  return { task, findings: findings.all, lines: linesOf(tree, taskPath) };
}

function linesOf(tree: readonly TreeNode[], taskPath: TaskPath): TaskLines {
  const line = (node: TreeNode | undefined): number | undefined => (node === undefined ? undefined : node.line + 1);
  const claim = claimBlockOf(tree);
  const completion = completionBlockOf(tree);
  return given({
    task: line(findFirst(tree, 'task')),
    status: line(findFirst(tree, ...taskPath, 'status')),
    holdUntil: line(findFirst(tree, ...taskPath, 'hold_until')),
    claim: line(claim),
    claimedAt: line(claim && blockEntry(claim, 'claimed_at')),
    lastHeartbeat: line(claim && blockEntry(claim, 'last_heartbeat')),
    reviewSince: line(claim && blockEntry(claim, 'review_since')),
    completedAt: line(completion && blockEntry(completion, 'completed_at')),
  });
}

interface RawDocument {
  readonly task: Record<string, unknown>;
  readonly [section: string]: unknown;
}

function rawDocument(
  source: Source,
  tree: readonly TreeNode[],
  taskPath: TaskPath,
  checks: readonly string[],
): RawDocument {
  const claim = claimBlockOf(tree);
  const completion = completionBlockOf(tree);
  const cancellation = cancellationBlockOf(tree);
  const value = (name: string): string | undefined => lineValueOf(source, findFirst(tree, ...taskPath, name));
  const word = (name: string): string | undefined => wordOf(source, findFirst(tree, ...taskPath, name));
  return {
    task: {
      id: value('id'),
      project: value('project'),
      ref: value('ref'),
      title: textOf(source, findFirst(tree, ...taskPath, 'title')),
      type: word('type'),
      priority: word('priority'),
      status: word('status'),
      batch: value('batch'),
      hold_until: value('hold_until'),
      blocked_reason: textOf(source, findFirst(tree, ...taskPath, 'blocked_reason')),
      labels: scalarsOf(source, findAll(tree, ...taskPath, 'labels')),
    },
    description: describe(source, tree),
    acceptance_criteria: criteriaOf(source, tree),
    ...(checks.length === 0 ? {} : { verify: checks }),
    metadata: scalarsOf(source, [...findAll(tree, 'metadata'), ...findAll(tree, 'task', 'metadata')]),
    ...(claim === undefined ? {} : { claim: blockValues(source, claim) }),
    ...(completion === undefined ? {} : { completion: blockValues(source, completion) }),
    ...(cancellation === undefined ? {} : { cancellation: blockValues(source, cancellation) }),
  };
}

function describe(source: Source, tree: readonly TreeNode[]): { summary?: string; details?: string } {
  const inDescription = (name: string): string | undefined =>
    textOf(source, findFirst(tree, 'description', name) ?? findFirst(tree, 'task', 'description', name));
  const summary = inDescription('summary');
  const details = inDescription('details');
  if (summary !== undefined || details !== undefined) {
    return { ...given({ summary, details }) };
  }
  const whole = findFirst(tree, 'description') ?? findFirst(tree, 'task', 'description');
  if (whole?.children.some((child) => child.kind !== 'loose') === true) return {};
  const text = textOf(source, whole);
  if (text === undefined) return {};
  return whole?.kind === 'scalar' ? { summary: text } : { details: text };
}

function blockValues(source: Source, block: TreeNode): Record<string, string> {
  // If a key occurs twice, the last one counts, as in `blockEntry`.
  const nodes = new Map(block.children.map((child) => [child.key, child]));
  const entries: [string, string][] = [];
  for (const [key, node] of nodes) {
    const text = lineValueOf(source, node);
    if (text !== undefined) entries.push([key, text]);
  }
  return Object.fromEntries(entries);
}

function toTask(
  document: TaskDocument,
  { required, needs, blocks }: Dependencies,
  touches: readonly string[] | undefined,
): Task {
  const { task, description, claim, completion, cancellation } = document;
  const labels: Record<string, Scalar> = { ...document.metadata, ...task.labels };
  const batch = task.batch ?? labelText(document.metadata, 'batch');
  return given({
    declaredId: task.id,
    declaredProject: task.project,
    ref: task.ref,
    title: task.title,
    type: task.type,
    priority: task.priority ?? 0,
    status: task.status,
    summary: description?.summary,
    details: description?.details,
    acceptanceCriteria: document.acceptance_criteria,
    verify: document.verify,
    required,
    needs: needs.length === 0 ? undefined : needs,
    blocks,
    labels,
    touches,
    batch,
    holdUntil: task.hold_until,
    blockedReason: task.blocked_reason,
    claim: claim === undefined ? undefined : toClaim(claim),
    completion: completion === undefined ? undefined : toCompletion(completion),
    cancellation: cancellation === undefined ? undefined : toCancellation(cancellation),
  });
}

function toClaim(claim: NonNullable<TaskDocument['claim']>): ClaimBlock {
  return given({
    claimedBy: claim.claimed_by,
    claimedAt: claim.claimed_at,
    lastHeartbeat: claim.last_heartbeat,
    attempt: claim.claim_attempt,
    claimId: claim.claim_id,
    reviewSince: claim.review_since,
    prUrl: claim.pr_url,
  });
}

function toCompletion(completion: NonNullable<TaskDocument['completion']>): CompletionBlock {
  return given({
    status: completion.status,
    completedAt: completion.completed_at,
    completedBy: completion.completed_by,
    prUrl: completion.pr_url,
  });
}

function toCancellation(cancellation: NonNullable<TaskDocument['cancellation']>): CancellationBlock {
  return given({
    cancelledAt: cancellation.cancelled_at,
    cancelledBy: cancellation.cancelled_by,
    reason: cancellation.reason,
    before: cancellation.was,
  });
}

function labelText(labels: Readonly<Record<string, Scalar>> | undefined, key: string): string | undefined {
  const value = labels?.[key];
  return value === undefined || value === null ? undefined : String(value);
}
