import { constants, type Stats } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../../../../domain/base/failure.ts';
import type { Board, BoardTask, BoardTaskDetails } from '../../../../domain/dashboard/board.ts';
import type { CommandContext } from '../../../command/context.ts';
import { usage } from '../../../command/usage.ts';
import { sanitizeLine } from '../../../output/sanitize.ts';
import { ownVersion } from '../../../presence/own-presence.ts';
import type { Boards } from './boards.ts';
import { pageFiles } from './page-files.ts';
import { reportOf } from './report.ts';

/** Most texts of tasks in a report, and how much of them (characters). */
const MOST_DETAILS = { tasks: 2_000, characters: 5_000_000 } as const;

/**
 * Writes the report: the board, the texts of its open tasks, and of those that were completed in its window.
 * @param path relative to the folder of the command
 * @returns the file
 * @throws Failure if it cannot be written; then nothing is there that was not there before
 */
export async function exportReport(
  path: string,
  boards: Boards,
  { config, signal, log, random }: Pick<CommandContext, 'config' | 'signal' | 'log' | 'random'>,
): Promise<string> {
  const page = pageFiles();
  const file = resolve(config.dir, path);
  // What cannot be written is said before the queue is read.
  const place = await placeOf(file);
  const board = await boards.read(signal);
  const { details, left } = await detailsOf(board, boards, signal);
  if (left > 0) {
    log.warning(
      `the report has the texts of ${Object.keys(details).length} tasks, and not those of ${left} others: it would be too large`,
    );
  }
  const html = reportOf(page, { board, details, version: ownVersion() });
  await write(place, html, random.id()).catch((error: unknown) => {
    throw cannotWrite(file, error);
  });
  return file;
}

/** What a person may open in the report: what is open first. */
function wanted({ tasks, window }: Board): readonly BoardTask[] {
  const isOpen = ({ state }: BoardTask): boolean => state !== 'completed' && state !== 'cancelled';
  const isRecent = ({ state, since }: BoardTask): boolean =>
    state === 'completed' && since !== null && since >= window.from;
  return [...tasks.filter(isOpen), ...tasks.filter(isRecent)];
}

async function detailsOf(
  board: Board,
  boards: Boards,
  signal: AbortSignal,
): Promise<{ readonly details: Readonly<Record<string, BoardTaskDetails>>; readonly left: number }> {
  const tasks = wanted(board);
  const details = new Map<string, BoardTaskDetails>();
  let room: number = MOST_DETAILS.characters;
  let done = 0;
  for (const { project, task } of tasks.slice(0, MOST_DETAILS.tasks)) {
    signal.throwIfAborted();
    const one = await boards.details({ project, task });
    room -= one === undefined ? 0 : JSON.stringify(one).length;
    if (room < 0) break;
    done += 1;
    if (one !== undefined) details.set(`${project}/${task}`, one);
  }
  return { details: Object.fromEntries(details), left: tasks.length - done };
}

/** `replace`: a file, or nothing yet. `write`: a pipe or a device, which a file must not take the place of. */
type WritePlace = { readonly kind: 'replace' | 'write'; readonly file: string; readonly mode: number | undefined };

async function placeOf(file: string): Promise<WritePlace> {
  const there = await stat(file).catch((error: unknown): Stats | undefined => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw cannotWrite(file, error);
  });
  if (there?.isDirectory() === true) throw usage(`${sanitizeLine(file)} is a folder`, 'name a file for the report');
  if (there !== undefined && !there.isFile()) return { kind: 'write', file, mode: undefined };
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (folder?.isDirectory() !== true) throw usage(`${sanitizeLine(dirname(file))} is no folder`, 'make it first');
  // A link stays, and what it leads to is replaced.
  return { kind: 'replace', file: there === undefined ? file : await realpath(file), mode: there?.mode };
}

/** A reader of the file finds the old report or the new one, whole. */
async function write({ kind, file, mode }: WritePlace, text: string, id: string): Promise<void> {
  if (kind === 'write') {
    const target = await open(file, constants.O_WRONLY);
    await target.writeFile(text).finally(() => target.close());
    return;
  }
  const draft = join(dirname(file), `.${basename(file).slice(0, 100)}.${id}`);
  const target = await open(draft, 'wx', 0o666);
  try {
    await target.writeFile(text);
    if (mode !== undefined) await target.chmod(mode & 0o777);
    await target.close();
    await rename(draft, file);
  } catch (error) {
    await target.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
}

function cannotWrite(file: string, cause: unknown): Failure {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Failure('machine-unusable', `the report cannot be written to ${sanitizeLine(file)}: ${why}`, { cause });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
