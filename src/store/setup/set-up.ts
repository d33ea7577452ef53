import { Failure } from '../../domain/base/failure.ts';
import type { AgentSetup, Part } from '../../domain/setup/agents.ts';
import { ownFile, ownFileState } from '../../domain/setup/own-file.ts';
import { type Edited, MARKDOWN, type Problem, withoutSection, withSection } from '../../domain/setup/section.ts';
import { withEntries, withoutEntries } from './json-entries.ts';
import { withoutTable, withTable } from './toml-table.ts';
import type { FileChange, WorkingFiles } from './working-files.ts';
import { withItem, withoutItem } from './yaml-item.ts';

/** What is to become of the files: `add` writes our parts or brings them up to date. */
export interface SetUpRequest {
  readonly what: 'add' | 'remove';
  /** What happens to a file of ours that somebody has changed. */
  readonly onChanged: 'keep' | 'overwrite';
}

/** What becomes of one file. */
export interface FilePlan {
  readonly path: string;
  /** `kept`: somebody has changed this file of ours, or it never was ours. */
  readonly action: 'create' | 'update' | 'remove' | 'none' | 'kept';
}

/** What becomes of all files, and what to write for that. */
export interface SetUpPlan {
  readonly files: readonly FilePlan[];
  readonly changes: readonly FileChange[];
}

/**
 * Plans it for the files of some agents. Nothing is written, and nothing planned, if one of them cannot be edited.
 * @throws Failure `config-invalid` with file and line
 */
export function planSetUp(setups: readonly AgentSetup[], working: WorkingFiles, request: SetUpRequest): SetUpPlan {
  const changes = new Map<string, FileChange>();
  const files = new Map<string, FilePlan>();
  for (const part of setups.flatMap(({ parts }) => parts)) {
    const { path } = part;
    const { real, text: there } = working.read(path);
    const known = changes.get(real);
    const before = known === undefined ? there : known.after;
    const edited = edit(part, before, working, request);
    if (edited.kind === 'problem') {
      throw new Failure('config-invalid', `${path}:${edited.line}: ${edited.words}`, {
        hint: 'nothing was changed',
        details: { file: path, line: edited.line },
      });
    }
    const after = edited.kind === 'kept' ? before : edited.text;
    if (after !== before) changes.set(real, { path, real, before: known === undefined ? there : known.before, after });
    if (!files.has(path)) files.set(path, { path, action: edited.kind === 'kept' ? 'kept' : actionOf(before, after) });
  }
  return { files: [...files.values()], changes: [...changes.values()].filter(({ before, after }) => before !== after) };
}

type PartEdit = Edited | Problem | { readonly kind: 'kept' };

function edit(part: Part, text: string | undefined, working: WorkingFiles, request: SetUpRequest): PartEdit {
  const isRemoval = request.what === 'remove';
  if (isRemoval && text === undefined) return { kind: 'text', text };
  switch (part.kind) {
    case 'file':
      return editFile(part, text, request);
    case 'section':
      return isRemoval ? withoutSection(text ?? '', MARKDOWN) : withSection(text, part.body, MARKDOWN);
    case 'json':
      return isRemoval ? withoutEntries(text ?? '', part.wanted) : withEntries(text, part.wanted);
    case 'yaml':
      return isRemoval ? withoutItem(text ?? '', part) : withItem(text, part);
    case 'toml':
      if (isRemoval) return withoutTable(text ?? '', part);
      return text !== undefined || working.has(part.within) ? withTable(text, part) : { kind: 'text', text };
  }
}

function editFile(
  { content, comments }: Extract<Part, { kind: 'file' }>,
  text: string | undefined,
  { what, onChanged }: SetUpRequest,
): PartEdit {
  const wanted = ownFile(content, comments);
  switch (ownFileState(text, wanted, comments)) {
    case 'absent':
      return { kind: 'text', text: what === 'add' ? wanted : undefined };
    case 'current':
      return { kind: 'text', text: what === 'add' ? text : undefined };
    case 'outdated':
      return { kind: 'text', text: what === 'add' ? wanted : undefined };
    case 'changed':
      return onChanged === 'keep' ? { kind: 'kept' } : { kind: 'text', text: what === 'add' ? wanted : undefined };
  }
}

function actionOf(before: string | undefined, after: string | undefined): FilePlan['action'] {
  if (before === after) return 'none';
  if (before === undefined) return 'create';
  return after === undefined ? 'remove' : 'update';
}
