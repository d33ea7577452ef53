import { constants, type Stats } from 'node:fs';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Failure } from '../../../../domain/base/failure.ts';
import type { Board, BoardTask, BoardTaskDetails } from '../../../../domain/dashboard/board.ts';
import { isOpen, taskName } from '../../../../domain/queue/task.ts';
import type { CommandContext } from '../../../command/context.ts';
import { usage } from '../../../command/usage.ts';
import { checkoutName } from '../../../naming/checkout-name.ts';
import { sanitizeLine } from '../../../output/sanitize.ts';
import { ownVersion } from '../../../presence/own-presence.ts';
import type { Boards } from './boards.ts';
import { type PageFiles, pageFiles } from './page-files.ts';
import { reportOf } from './report.ts';

/** Most texts of tasks in a report, and how much of them (characters). */
const MOST_DETAILS = { tasks: 2_000, characters: 5_000_000 } as const;

/** Texts that are read at the same time. */
const AT_ONCE = 8;

/** From this many texts on, the user is told that it takes a while. */
const MANY = 100;

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
  page: PageFiles = pageFiles(),
): Promise<string> {
  const file = resolve(config.dir, path);
  // A file that cannot be written is reported before the queue is read.
  const place = await placeOf(file);
  const board = await boards.read(signal);
  const tasks = wanted(board);
  // Each has a log of its own, which git looks up.
  if (tasks.length > MANY)
    log.info(`reading the texts and logs of ${Math.min(tasks.length, MOST_DETAILS.tasks)} tasks`);
  const read = await detailsOf(tasks, boards, signal);
  const left = tasks.length - read.size;
  if (left > 0) {
    log.warning(
      `the report has the texts of ${read.size} tasks, but not those of ${left} others: it would be too large otherwise`,
    );
  }
  const details = Object.fromEntries([...read].flatMap(([name, one]) => (one === undefined ? [] : [[name, one]])));
  const html = reportOf(page, { board, details, name: checkoutName(config.dir), version: ownVersion() });
  await write(place, html, random.id()).catch((error: unknown) => {
    throw cannotWrite(file, error);
  });
  return file;
}

/** The tasks whose texts are in the report, open ones first. */
function wanted({ tasks, window }: Board): readonly BoardTask[] {
  const isRecent = ({ state, since }: BoardTask): boolean =>
    state === 'completed' && since !== null && since >= window.from;
  return [...tasks.filter(isOpen), ...tasks.filter(isRecent)];
}

/** The texts of as many tasks as there is room for, in the order of `wanted`. */
async function detailsOf(
  tasks: readonly BoardTask[],
  boards: Boards,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BoardTaskDetails | undefined>> {
  const details = new Map<string, BoardTaskDetails | undefined>();
  let room: number = MOST_DETAILS.characters;
  const asked = tasks.slice(0, MOST_DETAILS.tasks);
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    signal.throwIfAborted();
    const group = asked.slice(at, at + AT_ONCE);
    const read = await Promise.all(group.map(({ project, task }) => boards.details({ project, task })));
    for (const [index, task] of group.entries()) {
      const one = read[index];
      room -= one === undefined ? 0 : JSON.stringify(one).length;
      if (room < 0) return details;
      details.set(taskName(task), one);
    }
  }
  return details;
}

/** `replace`: a file, or nothing yet. `write`: a pipe or a device, which must not be replaced by a file. */
type WritePlace = { readonly kind: 'replace' | 'write'; readonly file: string; readonly mode: number | undefined };

async function placeOf(file: string): Promise<WritePlace> {
  const there = await stat(file).catch((error: unknown): Stats | undefined => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw cannotWrite(file, error);
  });
  if (there?.isDirectory() === true) throw usage(`${sanitizeLine(file)} is a folder`, 'name a file for the report');
  if (there !== undefined && !there.isFile()) return { kind: 'write', file, mode: undefined };
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (folder?.isDirectory() !== true) throw usage(`${sanitizeLine(dirname(file))} is not a folder`, 'make it first');
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
