import { join } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import type { ForeignTask, Tracker, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import type { SourceText } from '../checked.ts';
import { filesIn, firstFile, firstFolder, readFile } from './files.ts';

/** What is to be moved: one text, or a folder on this machine. */
export type Source =
  | { readonly kind: 'text'; readonly text: SourceText }
  /** `shown` is the folder's name for messages. */
  | { readonly kind: 'folder'; readonly path: string; readonly shown: string };

/** The tasks of another tracker, as it has them. */
export interface ReadSource {
  readonly rules: TrackerRules;
  readonly tasks: readonly ForeignTask[];
  /** Files that were not read, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Reads the tasks of a tracker. Only what this tracker needs is loaded.
 * @throws Failure `task-invalid` that names file and line, or the files that are looked for
 */
export async function readSource(tracker: Tracker, source: Source): Promise<ReadSource> {
  switch (tracker) {
    case 'github': {
      const { githubRules, readGithub } = await import('./github.ts');
      return readOne(source, [], githubRules, readGithub);
    }
    case 'beads': {
      const { BEADS_FILES, beadsRules, readBeads } = await import('./beads.ts');
      return withOwnRules(await readOne(source, BEADS_FILES, beadsRules, readBeads));
    }
    case 'taskmaster': {
      const { TASKMASTER_FILES, readTaskmaster, taskmasterRules } = await import('./taskmaster.ts');
      return readOne(source, TASKMASTER_FILES, taskmasterRules, readTaskmaster);
    }
    case 'markdown': {
      const { markdownRules, readMarkdown } = await import('./markdown.ts');
      return withOwnRules(await readMany(source, ['.'], ['.md', '.markdown'], 0, markdownRules, readMarkdown));
    }
    case 'agentq': {
      const { agentqRules, readAgentq } = await import('./agentq.ts');
      return readOne(source, [], agentqRules, readAgentq);
    }
    case 'backlog':
      return readBacklog(source);
    case 'pm': {
      const { PM_FOLDERS, pmRules, readPmItem } = await import('./pm.ts');
      return readMany(source, PM_FOLDERS, ['.toon', '.md'], 1, pmRules, (text) => readPmItem(text) ?? []);
    }
  }
}

/** Reads one file: the text itself, or the first of the candidates in the folder. */
async function readOne(
  source: Source,
  candidates: readonly string[],
  rules: TrackerRules,
  read: (text: SourceText) => readonly ForeignTask[],
): Promise<ReadSource> {
  if (source.kind === 'text') return { rules, tasks: read(source.text), skipped: [] };
  const found = firstFile(source.path, candidates);
  if (found === undefined) {
    const hint = candidates.length === 0 ? undefined : `looked for ${candidates.join(', ')}`;
    throw new Failure('task-invalid', `${source.shown}: there is no file of ${rules.tracker} in this folder`, {
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return { rules, tasks: read(readFile(join(source.path, found), `${source.shown}/${found}`)), skipped: [] };
}

/** Reads the files of the first of the folders that is there. */
async function readMany(
  source: Source,
  candidates: readonly string[],
  endings: readonly string[],
  depth: number,
  rules: TrackerRules,
  read: (text: SourceText) => ForeignTask | readonly ForeignTask[],
): Promise<ReadSource> {
  if (source.kind === 'text') return { rules, tasks: [read(source.text)].flat(), skipped: [] };
  const found = firstFolder(source.path, candidates) ?? '.';
  const shown = found === '.' ? source.shown : `${source.shown}/${found}`;
  const { texts, skipped } = filesIn(join(source.path, found), shown, endings, depth);
  const tasks = texts.flatMap(read);
  if (tasks.length === 0) throw nothingIn(shown, rules, skipped, `files that end in ${endings.join(' or ')}`);
  return { rules, tasks, skipped };
}

/** Reads what is open, and what was archived as done: open tasks may require it. */
async function readBacklog(source: Source): Promise<ReadSource> {
  const { BACKLOG_FOLDERS, backlogRules, putAway, readBacklogTask } = await import('./backlog.ts');
  const rules = backlogRules;
  if (source.kind === 'text') return { rules, tasks: [readBacklogTask(source.text)], skipped: [] };
  const [tasks = '.', completed = ''] =
    BACKLOG_FOLDERS.find(([folder = '']) => firstFolder(source.path, [folder]) !== undefined) ?? [];
  const open = filesIn(join(source.path, tasks), tasks === '.' ? source.shown : `${source.shown}/${tasks}`, ['.md']);
  const isThere = firstFolder(source.path, [completed]) !== undefined;
  const done = isThere ? filesIn(join(source.path, completed), `${source.shown}/${completed}`, ['.md']) : undefined;
  const isTask = ({ name }: SourceText): boolean => !/(?:^|\/)readme\.md$/i.test(name);
  const all = [
    ...open.texts.filter(isTask).map(readBacklogTask),
    ...(done?.texts ?? []).filter(isTask).map((text) => putAway(readBacklogTask(text))),
  ];
  const skipped = [...open.skipped, ...(done?.skipped ?? [])];
  if (all.length === 0) throw nothingIn(source.shown, rules, skipped, 'backlog/tasks and tasks');
  return { rules, tasks: all, skipped };
}

function nothingIn(shown: string, { tracker }: TrackerRules, skipped: ReadSource['skipped'], looked: string): Failure {
  const links = skipped.length === 0 ? '' : `; ${skipped.length} symbolic links or other files were not read`;
  return new Failure('task-invalid', `${shown}: there is no task of ${tracker} in this folder`, {
    hint: `looked for ${looked}${links}`,
  });
}

/** Tasks that came from a queue of agentq have the names that they have there. */
async function withOwnRules(read: ReadSource): Promise<ReadSource> {
  if (read.tasks.every(({ own }) => own === undefined)) return read;
  const { agentqRules } = await import('./agentq.ts');
  return { ...read, rules: agentqRules };
}
