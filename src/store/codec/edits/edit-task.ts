import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import type { TaskEdit } from '../../../domain/queue/edit.ts';
import { isSameList } from '../../../domain/resolving/same-list.ts';
import type { Where } from '../interpret.ts';
import { outlineOf } from '../outline.ts';
import { MAX_TASK_BYTES, type ParsedFile, parseFile, parseText } from '../read-task.ts';
import { type Source, unitOf } from '../text/source.ts';
import { decodeToon } from '../text/toon.ts';
import { type Change, EditRefusal, texts } from './change.ts';
import { appendClaim, appendCompletion, removeClaim } from './edit-blocks.ts';
import { appendCancellation, removeCancellation, removeEndings, restoreStatus } from './edit-cancellation.ts';
import { setBlockedReason, setHeartbeat, setInClaim, setStatus } from './edit-fields.ts';
import { appendAnswer, appendNote, appendQuestion } from './edit-notes.ts';
import { dropRequirements, setRequirements } from './edit-requirements.ts';
import { setField } from './set-field.ts';

const utf8 = new TextEncoder();

/**
 * Applies the edits in order, each at its own span: every byte elsewhere stays. After each edit the text is read again,
 * and only the intended entry may have another meaning. A file that the TOON library decodes strictly still does.
 *
 * @throws Failure `task-unreadable` if the file cannot be read, or an edit cannot be made without touching more.
 */
export function editTask(bytes: Uint8Array, edits: readonly TaskEdit[], where: Where): Uint8Array {
  const [first, ...rest] = edits;
  if (first?.kind === 'replace-text') return editTask(utf8.encode(first.text), rest, where);
  const parsing = parseFile(bytes);
  if (parsing.kind === 'defect') throw failure(where, parsing.defect.message, parsing.defect.line);
  let file = parsing.parsed;
  for (const edit of edits) file = applied(file, edit, where);
  const result = utf8.encode(file.source.text);
  if (result.length > MAX_TASK_BYTES) {
    throw failure(where, `task file would be ${result.length} bytes, the limit is ${MAX_TASK_BYTES}`);
  }
  return result;
}

function applied(file: ParsedFile, edit: TaskEdit, where: Where): ParsedFile {
  let change: Change;
  try {
    change = changeFor(file, edit, where);
  } catch (error) {
    if (error instanceof EditRefusal) throw failure(where, `${edit.kind}: ${error.message}`, error.line);
    throw error;
  }
  const after = parseText(change.text);
  if (!isSameList(texts(outlineOf(after)), change.outline) || !staysCanonical(file, after, edit)) {
    throw failure(where, `${edit.kind}: the change would alter more of the file than it should`);
  }
  return after;
}

function changeFor(file: ParsedFile, edit: TaskEdit, where: Where): Change {
  switch (edit.kind) {
    case 'append-claim':
      return appendClaim(file, edit.claim);
    case 'append-completion':
      return appendCompletion(file, edit.completion);
    case 'append-note':
      return appendNote(file, edit.note);
    case 'append-question':
      return appendQuestion(file, edit.question);
    case 'append-answer':
      return appendAnswer(file, edit.answer);
    case 'remove-claim':
      return removeClaim(file);
    case 'remove-endings':
      return removeEndings(file);
    case 'append-cancellation':
      return appendCancellation(file, edit.cancellation);
    case 'restore-status':
      return restoreStatus(file);
    case 'remove-cancellation':
      return removeCancellation(file);
    case 'drop-requirements':
      return dropRequirements(file, edit.ids, where);
    case 'set-heartbeat':
      return setHeartbeat(file, edit.at);
    case 'set-in-claim':
      return setInClaim(file, edit.field, edit.value);
    case 'set-status':
      return setStatus(file, edit.status);
    case 'set-blocked-reason':
      return setBlockedReason(file, edit.reason);
    case 'replace-text':
      throw new EditRefusal('a text is replaced before it is edited');
    case 'set-field':
      return edit.section === 'dependencies' && edit.key === 'required'
        ? setRequirements(file, edit, where)
        : setField(file, edit);
  }
}

/**
 * Whether a file that the TOON library decodes strictly still does. The outline has already shown that nothing else
 * changed its meaning. The library decodes the text before only if it refuses the one after, which is next to never:
 * decoding both took 9 of the 108 ms of 100 claims.
 *
 * A second block of the same name is no longer strict TOON, but must not keep a left-over task from being claimed.
 */
function staysCanonical(before: ParsedFile, after: ParsedFile, edit: TaskEdit): boolean {
  // Removing a whole section breaks nothing, and restoring the bytes from before the claim comes first.
  if (edit.kind === 'remove-claim' || edit.kind === 'remove-endings' || edit.kind === 'remove-cancellation')
    return true;
  const key = APPENDED[edit.kind];
  const now = strictValue(after.source);
  if (now !== undefined && (key === undefined || key in now)) return true;
  const old = strictValue(before.source);
  return old === undefined || (key !== undefined && key in old);
}

/** The block that an edit appends, even if the file has one of that name. */
const APPENDED: Readonly<Partial<Record<TaskEdit['kind'], string>>> = {
  'append-claim': 'claim',
  'append-completion': 'completion',
  'append-cancellation': 'cancellation',
};

/** What the library decodes strictly, if that is a map. */
function strictValue(source: Source): Readonly<Record<string, unknown>> | undefined {
  const unit = unitOf(source);
  // The library takes half a newline at the very end for a newline, but for text as soon as a line follows.
  if (unit.includes('\t') || source.text.endsWith('\r')) return undefined;
  try {
    const value = decodeToon(source.text, { indentSize: unit.length });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function failure(where: Where, message: string, line?: number): Failure {
  const place = line === undefined ? where.path : `${where.path}:${line}`;
  return new Failure('task-unreadable', `${place}: ${message}`, {
    hint: 'correct the file by hand, then try again',
    details: { file: where.path, ...given({ line }) },
  });
}
