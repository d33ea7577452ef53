import { given } from '../base/given.ts';
import { compareNatural, compareText } from '../queue/ordering.ts';
import { openQuestion } from '../queue/question.ts';
import { formatKey, isCancelled, type Note, type Task, type TaskKey, type TaskState } from '../queue/task.ts';
import { taskAt } from '../queue/task-path.ts';
import { TRAILER } from '../rules/decision.ts';
import { type Activity, activityOf, type CommitFacts, reasonSaid, valuesOf } from './activity.ts';
import { type TaskEvent, type TaskEventKind, trailersByTask } from './task-event.ts';

/** A file that a commit changed, with blob ids. A merge changed what differs from all of its parents. */
export interface FileChange {
  readonly path: string;
  /** undefined: the file is new. */
  readonly before: string | undefined;
  /** undefined: the file is gone. */
  readonly after: string | undefined;
}

/** A commit with what it changed in the folders of the queue. */
export interface CommitChanges extends CommitFacts {
  readonly files: readonly FileChange[];
}

/** What happened to one task in one commit. */
export interface TaskMove {
  readonly key: TaskKey;
  readonly from: PlacedFile | undefined;
  readonly to: PlacedFile | undefined;
}

export interface PlacedFile {
  readonly state: TaskState;
  readonly path: string;
  readonly blob: string;
}

/** Reads a task file; undefined if it cannot be read. */
export type ReadFile = (file: PlacedFile) => Task | undefined;

/**
 * The tasks that a commit touched: moves first, then tasks that stayed in place; each in natural order. None if it
 * only merges branches: a copy that goes is not a task that was removed.
 */
export function movesOf(commit: CommitChanges): TaskMove[] {
  if (valuesOf(commit, TRAILER.branches).length > 0) return [];
  const moves = new Map<string, { key: TaskKey; from?: PlacedFile; to?: PlacedFile }>();
  for (const { path, before, after } of commit.files) {
    const place = taskAt(path);
    if (place === undefined) continue;
    const { key, state } = place;
    const name = formatKey(key);
    const move = moves.get(name) ?? { key };
    moves.set(name, move);
    if (before !== undefined) move.from = further(move.from, { state, path, blob: before });
    if (after !== undefined) move.to = further(move.to, { state, path, blob: after });
  }
  return [...moves.values()]
    .map(({ key, from, to }) => ({ key, from, to }))
    .sort(
      (a, b) =>
        Number(staysWhereItIs(a)) - Number(staysWhereItIs(b)) ||
        compareText(a.key.project, b.key.project) ||
        compareNatural(a.key.id, b.key.id),
    );
}

/** The files that must be read to tell what happened. What a heartbeat says about itself is believed. */
export function filesToRead(commit: CommitFacts, { from, to }: TaskMove): PlacedFile[] {
  const isHeartbeat = activityOf(commit)?.kind === 'heartbeat' && from?.state === to?.state;
  return [...(from === undefined || isHeartbeat ? [] : [from]), ...(to === undefined ? [] : [to])];
}

/**
 * What happened to a task in a commit, judged by where its file was and is, so that what people and older scripts do
 * counts too. The commit message only tells what files do not: whether a task was released or taken back, and by whom.
 */
export function eventOf(commit: CommitFacts, move: TaskMove, read: ReadFile): TaskEvent | undefined {
  const activity = activityOf(commit);
  const note = noteIn(move, read);
  const kind = kindOf(commit, activity, move, read) ?? (note && 'task.noted') ?? editIn(move, read);
  if (kind === undefined) return undefined;
  const { agent, ...said } = trailersByTask(commit).get(formatKey(move.key)) ?? {};
  return {
    kind,
    project: move.key.project,
    task: move.key.id,
    agent: agentOf(
      kind,
      commit,
      move,
      agent ?? (kind === 'task.noted' ? note?.agent : undefined) ?? saidAgent(commit, activity),
      read,
    ),
    commit: commit.oid,
    at: commit.timeMs,
    ...given({ reason: whyOf(kind, commit, activity, move, read), ...moreOf(kind, move, read) }),
    ...said,
    ...(kind === 'task.noted' && note ? { note: note.text } : {}),
    ...saidIn(kind, move, read),
    ...(kind === 'task.taken' ? given({ from: move.from && read(move.from)?.claim?.claimedBy }) : {}),
  };
}

function whyOf(
  kind: TaskEventKind,
  commit: CommitFacts,
  activity: Activity | undefined,
  { to }: TaskMove,
  read: ReadFile,
): string | undefined {
  if (kind === 'task.cancelled') return to && read(to)?.cancellation?.reason;
  if (kind === 'task.blocked') {
    const reason = to && read(to)?.blockedReason;
    const [reopened] = activity?.kind === 'reopened' ? activity.tasks : [];
    return reason ?? (reopened === undefined ? undefined : `${reopened} was reopened`);
  }
  if (kind === 'task.released' || kind === 'task.stalled') return reasonSaid(commit);
  const ended = activity?.kind === 'completed' || activity?.kind === 'cancelled' ? activity : undefined;
  const [task] = kind === 'task.unblocked' ? (ended?.tasks ?? []) : [];
  return task === undefined ? undefined : `${task} was ${ended?.kind}`;
}

function moreOf(kind: TaskEventKind, { to }: TaskMove, read: ReadFile): { readonly prUrl?: string | undefined } {
  if (kind !== 'task.completed' && kind !== 'task.review') return {};
  const task = to && read(to);
  return { prUrl: kind === 'task.completed' ? task?.completion?.prUrl : task?.claim?.prUrl };
}

function kindOf(
  commit: CommitFacts,
  activity: Activity | undefined,
  { key, from, to }: TaskMove,
  read: ReadFile,
): TaskEventKind | undefined {
  if (to === undefined) return 'task.removed';
  if (from === undefined) {
    // A file that first appears in a later state was moved there by a commit that says so, or was added with others.
    if (to.state === 'claimed' && activity?.kind === 'claimed') return 'task.claimed';
    if (to.state === 'completed' && activity?.kind === 'completed') return 'task.completed';
    return 'task.added';
  }
  if (from.state !== to.state) {
    if (to.state === 'claimed') return 'task.claimed';
    if (to.state === 'completed') return 'task.completed';
    if (to.state === 'ready' && isAsked(read(from), read(to))) return 'task.asked';
    if (activity?.kind === 'reopened') return 'task.reopened';
    return activity?.kind === 'stalled' ? 'task.stalled' : 'task.released';
  }
  switch (to.state) {
    case 'claimed':
      if (activity?.kind === 'heartbeat') return 'task.renewed';
      return activity?.kind === 'taken' ? 'task.taken' : renewal(read(from), read(to));
    case 'ready':
      if (isAnswered(read(from), read(to))) return 'task.answered';
      if (isAsked(read(from), read(to))) return 'task.asked';
      if (isGone(read(from)) !== isGone(read(to))) return isGone(read(to)) ? 'task.cancelled' : 'task.reopened';
      if (isOpened(read(from), read(to)) || valuesOf(commit, TRAILER.unblocked).includes(formatKey(key))) {
        return 'task.unblocked';
      }
      return isClosed(read(from), read(to)) ? 'task.blocked' : undefined;
    case 'completed':
      return undefined;
  }
}

/** The last note of a file that stayed where it was, if it is new. */
function noteIn({ from, to }: TaskMove, read: ReadFile): Note | undefined {
  if (from === undefined || to === undefined || from.state !== to.state) return undefined;
  const [before, after] = [read(from)?.notes ?? [], read(to)?.notes ?? []];
  return after.length > before.length ? after.at(-1) : undefined;
}

function isAsked(before: Task | undefined, after: Task | undefined): boolean {
  const isNew = (before?.questions?.length ?? 0) < (after?.questions?.length ?? 0);
  return isNew && after !== undefined && openQuestion(after) !== undefined;
}

function isAnswered(before: Task | undefined, after: Task | undefined): boolean {
  const [asked, last] = [before?.questions?.at(-1), after?.questions?.at(-1)];
  return asked !== undefined && asked.answer === undefined && last?.at === asked.at && last.answer !== undefined;
}

/** The question, and the answer to it. */
function saidIn(kind: TaskEventKind, { to }: TaskMove, read: ReadFile): Pick<TaskEvent, 'question' | 'answer'> {
  if (kind !== 'task.asked' && kind !== 'task.answered') return {};
  const last = to && read(to)?.questions?.at(-1);
  return given({ question: last?.text, answer: kind === 'task.answered' ? last?.answer?.text : undefined });
}

/** A claim that was edited in place: by an older heartbeat, or by another agent that took it over. */
function renewal(before: Task | undefined, after: Task | undefined): TaskEventKind | undefined {
  const [old, now] = [before?.claim, after?.claim];
  if (now === undefined) return undefined;
  if (old?.claimedBy !== now.claimedBy || old?.claimId !== now.claimId) return 'task.claimed';
  if (now.reviewSince !== undefined && now.reviewSince !== old?.reviewSince) return 'task.review';
  return old?.lastHeartbeat === now.lastHeartbeat ? undefined : 'task.renewed';
}

/** Of a task in the ready folder. */
function isGone(task: Task | undefined): boolean {
  return task !== undefined && isCancelled(task);
}

function isOpened(before: Task | undefined, after: Task | undefined): boolean {
  return after?.status === 'ready' && before !== undefined && before.status !== 'ready';
}

function isClosed(before: Task | undefined, after: Task | undefined): boolean {
  if (before === undefined || after === undefined || after.status === 'ready') return false;
  const isSaid = after.blockedReason !== undefined && after.blockedReason !== before.blockedReason;
  return before.status === 'ready' || isSaid;
}

/** What a task is about has changed in place: by `agentq add --upsert`, or by a person. */
function editIn({ from, to }: TaskMove, read: ReadFile): TaskEventKind | undefined {
  if (from === undefined || to === undefined || from.state !== to.state || from.blob === to.blob) return undefined;
  const [before, after] = [read(from), read(to)];
  return before !== undefined && after !== undefined && aboutOf(before) !== aboutOf(after) ? 'task.updated' : undefined;
}

/** What its author says about the task, without what becomes of it. */
function aboutOf(task: Task): string {
  const { status: _, blockedReason: _b, claim: _c, completion: _d, notes: _n, questions: _q, ...rest } = task;
  const { cancellation: _x, ...about } = rest;
  const texts = (entries: Task['required']): string[] => entries.map(({ text }) => text);
  return JSON.stringify({ ...about, required: texts(about.required), blocks: texts(about.blocks) });
}

function agentOf(
  kind: TaskEventKind,
  commit: CommitFacts,
  { from, to }: TaskMove,
  said: string | undefined,
  read: ReadFile,
): string {
  if (kind === 'task.stalled') return (from && read(from)?.claim?.claimedBy) ?? said ?? commit.authorName;
  if (said !== undefined) return said;
  const after = to && read(to);
  const owner = after?.claim?.claimedBy;
  const inFile = kind === 'task.completed' ? (after?.completion?.completedBy ?? owner) : owner;
  return (
    (kind === 'task.claimed' ||
    kind === 'task.taken' ||
    kind === 'task.renewed' ||
    kind === 'task.review' ||
    kind === 'task.completed'
      ? inFile
      : undefined) ?? commit.authorName
  );
}

/** Who acted, according to the commit's own words. The author's name alone does not count. */
function saidAgent(commit: CommitFacts, activity: Activity | undefined): string | undefined {
  if (activity === undefined) return undefined;
  return activity.agent === commit.authorName ? undefined : activity.agent;
}

const ORDER: Readonly<Record<TaskState, number>> = { ready: 0, claimed: 1, completed: 2 };

/** If a task is in two folders at once, the later state counts. */
function further(known: PlacedFile | undefined, file: PlacedFile): PlacedFile {
  return known === undefined || ORDER[file.state] >= ORDER[known.state] ? file : known;
}

function staysWhereItIs({ from, to }: TaskMove): boolean {
  return from?.state === to?.state;
}
