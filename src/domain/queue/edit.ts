import type { DataMap } from './new-task.ts';
import { ASKING, withAnswer } from './question.ts';
import type { TaskEntry, TaskFailures } from './snapshot.ts';
import type { ClaimBlock, DependencyEntry, Note, Scalar, Task, TaskKey, TaskState } from './task.ts';

/** A claim as agentq writes it (CONTRACT 3). Times are ISO 8601 UTC in whole seconds. */
export interface ClaimRecord {
  readonly claimedBy: string;
  readonly claimedAt: string;
  readonly lastHeartbeat: string;
  readonly attempt: number;
  readonly claimId: string;
}

/** What a cancellation says. Its time is ISO 8601 UTC in whole seconds; the reason is one line. */
export interface CancellationRecord {
  readonly cancelledAt: string;
  readonly cancelledBy: string;
  readonly reason: string;
}

export interface CompletionRecord {
  readonly completedAt: string;
  /** Absent only if a task was completed elsewhere, and it is not known by whom. */
  readonly completedBy?: string;
  readonly prUrl?: string;
}

/**
 * One change to the text of a task file. Each touches a known span and nothing else: the bytes of a task file are the
 * user's.
 */
export type TaskEdit =
  | { readonly kind: 'append-claim'; readonly claim: ClaimRecord }
  /** Rewrites the (last) `last_heartbeat` line of the last claim block; adds one if an older script left it out. */
  | { readonly kind: 'set-heartbeat'; readonly at: string }
  /** Sets one line of the last claim block, at its end if it is new. It goes away with the block. */
  | { readonly kind: 'set-in-claim'; readonly field: 'review_since' | 'pr_url'; readonly value: string }
  /** Removes the last claim block and what `append-claim` put in front of it. */
  | { readonly kind: 'remove-claim' }
  | { readonly kind: 'append-completion'; readonly completion: CompletionRecord }
  /** Removes every claim and every completion, of older scripts too: the task is as if nobody had worked on it. */
  | { readonly kind: 'remove-endings' }
  /** Appends the cancellation, with the status that the file has until then. `set-status` follows. */
  | { readonly kind: 'append-cancellation'; readonly cancellation: CancellationRecord }
  /** Writes the status as it was when the cancellation was appended. */
  | { readonly kind: 'restore-status' }
  /** Removes the cancellation and what `append-cancellation` put in front of it. */
  | { readonly kind: 'remove-cancellation' }
  /** Takes entries out of every list that makes the task wait, and leaves the other entries as they are written. */
  | { readonly kind: 'drop-requirements'; readonly ids: readonly string[] }
  /**
   * Adds a line to the `notes:` block. A new block goes in front of the claim: what removes the claim leaves it, and so
   * do older scripts, which cut the file at the claim.
   */
  | { readonly kind: 'append-note'; readonly note: Note }
  /** Adds a line to the `questions:` block, by the same rules. */
  | { readonly kind: 'append-question'; readonly question: Note }
  /** Adds the answer to the last question, as a line after it. */
  | { readonly kind: 'append-answer'; readonly answer: Note }
  /** Rewrites the `task.status` scalar, and no other line that has the word in it. */
  | { readonly kind: 'set-status'; readonly status: string }
  /** Sets `task.blocked_reason`, or removes the line. */
  | { readonly kind: 'set-blocked-reason'; readonly reason: string | undefined }
  /** Replaces all of the file. It comes first: what follows edits the new text. `task` is what that says. */
  | { readonly kind: 'replace-text'; readonly text: string; readonly task: Task }
  /** Replaces all that the field says, in whatever lines, with one line; adds the field if it is new. */
  | SetField;

/** Fields that `agentq add` writes and may write again. Lists whose key is empty are sections by themselves. */
export type SetField = { readonly kind: 'set-field' } & (
  | {
      readonly section: 'task';
      readonly key: 'title' | 'type' | 'ref' | 'batch' | 'hold_until';
      readonly value: string;
    }
  | { readonly section: 'task'; readonly key: 'priority'; readonly value: number }
  | { readonly section: 'description'; readonly key: 'summary' | 'details'; readonly value: string }
  | { readonly section: 'criteria' | 'verify' | 'touches'; readonly key: ''; readonly value: readonly string[] }
  | { readonly section: 'needs'; readonly key: ''; readonly value: readonly DependencyEntry[] }
  | {
      readonly section: 'dependencies';
      readonly key: 'required' | 'blocks';
      readonly value: readonly DependencyEntry[];
    }
  | { readonly section: 'labels'; readonly key: string; readonly value: Scalar }
);

/** Fields of a task with what they are to say; what is absent stays. */
export interface TaskEdits {
  readonly title?: string;
  readonly type?: string;
  readonly priority?: number;
  readonly batch?: string;
  readonly details?: string;
  /** Ids, with remarks or not. */
  readonly requires?: ListEdit;
  readonly criteria?: ListEdit;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A list as it is to be, or what is put into it and taken out. */
export interface ListEdit {
  readonly set?: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** What happens to one task in one commit. */
export interface TaskChange {
  readonly key: TaskKey;
  readonly from: TaskState;
  readonly to: TaskState;
  readonly fromPath: string;
  readonly toPath: string;
  /** Applied in order; empty for a plain move. */
  readonly edits: readonly TaskEdit[];
  /** The task's count of stalled releases from now on; absent if it does not change. */
  readonly stalls?: number;
  /** The task's failures from now on; absent if they do not change. */
  readonly failures?: TaskFailures;
}

export interface TaskCreation {
  /** As it will be in the tree; its blob does not exist yet. */
  readonly entry: TaskEntry;
  /** The file's content. */
  readonly document: DataMap;
}

/** A file other than a task: a ledger, or a file that `init` installs. */
export interface FileWrite {
  readonly path: string;
  /** undefined deletes the file. */
  readonly content: string | undefined;
  readonly executable?: true;
}

export interface Trailer {
  readonly key: string;
  readonly value: string;
}

/** One commit that a decision asks for; the store turns it into bytes. */
export interface CommitDraft {
  readonly subject: string;
  /** Paragraphs between subject and trailers. */
  readonly body?: string;
  readonly trailers: readonly Trailer[];
  /** Agent id: the author's name and, with `@agentq.invalid`, the author's e-mail address. */
  readonly author: string;
  readonly tasks: readonly TaskChange[];
  readonly created?: readonly TaskCreation[];
  readonly files: readonly FileWrite[];
}

/** The task as its file says it after the edit. */
export function withEdit(task: Task, edit: TaskEdit): Task {
  switch (edit.kind) {
    case 'append-claim':
      return { ...task, claim: edit.claim };
    case 'set-heartbeat':
      return { ...task, claim: { ...task.claim, lastHeartbeat: edit.at } satisfies ClaimBlock };
    case 'set-in-claim': {
      const field = edit.field === 'pr_url' ? 'prUrl' : 'reviewSince';
      return { ...task, claim: { ...task.claim, [field]: edit.value } satisfies ClaimBlock };
    }
    case 'remove-claim': {
      const { claim: _, ...rest } = task;
      return rest;
    }
    case 'append-note':
      return { ...task, notes: [...(task.notes ?? []), edit.note] };
    case 'append-question':
      return { ...task, questions: [...(task.questions ?? []), edit.question] };
    case 'append-answer':
      return { ...task, questions: withAnswer(task.questions ?? [], edit.answer) };
    case 'append-completion':
      return { ...task, completion: { status: 'completed', ...edit.completion } };
    case 'remove-endings': {
      const { claim: _, completion: __, ...rest } = task;
      return rest;
    }
    case 'append-cancellation':
      return { ...task, cancellation: { ...edit.cancellation, before: statusBefore(task.status) } };
    case 'restore-status':
      return { ...task, status: task.cancellation?.before ?? 'ready' };
    case 'remove-cancellation': {
      const { cancellation: _, ...rest } = task;
      return rest;
    }
    case 'drop-requirements':
      return withoutRequirements(task, new Set(edit.ids));
    case 'set-status':
      return { ...task, status: edit.status };
    case 'set-blocked-reason': {
      const { blockedReason: _, ...rest } = task;
      return edit.reason === undefined ? rest : { ...rest, blockedReason: edit.reason };
    }
    case 'replace-text':
      return edit.task;
    case 'set-field':
      return withField(task, edit);
  }
}

/** Words that a status may have again after a cancellation. Any other one keeps a task from being claimed forever. */
const RESTORED: ReadonlySet<string | undefined> = new Set(['ready', 'blocked', 'pending', ASKING]);

/** The word of the status that `restore-status` writes if the task is cancelled now. */
export function statusBefore(status: string | undefined): string {
  return status !== undefined && RESTORED.has(status) ? status : 'ready';
}

function withoutRequirements(task: Task, ids: ReadonlySet<string | undefined>): Task {
  const { needs, ...rest } = task;
  const kept = needs?.filter(({ id }) => !ids.has(id)) ?? [];
  const required = task.required.filter(({ id }) => !ids.has(id));
  return { ...rest, required, ...(kept.length === 0 ? {} : { needs: kept }) };
}

/** The entry after the change: moved, and edited as its text will be. */
export function entryAfter(entry: TaskEntry, change: TaskChange): TaskEntry {
  // What was known of a claim's silence was about the heartbeat before this change.
  const { evidence: _, stallsAt: __, ...kept } = entry;
  const { reading } = entry;
  return {
    ...kept,
    state: change.to,
    path: change.toPath,
    reading: reading.kind === 'read' ? { ...reading, task: change.edits.reduce(withEdit, reading.task) } : reading,
  };
}

/** The task after one field was set, as its file says it. */
export function withField(task: Task, edit: SetField): Task {
  switch (edit.section) {
    case 'task':
      if (edit.key === 'priority') return { ...task, priority: edit.value };
      return edit.key === 'hold_until' ? { ...task, holdUntil: edit.value } : { ...task, [edit.key]: edit.value };
    case 'description':
      return { ...task, [edit.key]: edit.value };
    case 'criteria':
      return { ...task, acceptanceCriteria: edit.value };
    case 'verify':
    case 'touches':
    case 'needs':
      return { ...task, [edit.section]: edit.value };
    case 'dependencies':
      return { ...task, [edit.key]: edit.value };
    case 'labels':
      return { ...task, labels: { ...task.labels, [edit.key]: edit.value } };
  }
}
