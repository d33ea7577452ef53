import { createHash } from 'node:crypto';
import type { Reading } from '../../domain/queue/snapshot.ts';
import { CODEC_VERSION } from '../codec/codec-version.ts';
import type { FoundTask } from './discovery.ts';
import { KindWriter, LineReader, packReading, renumbered } from './reading-lines.ts';

/**
 * The index as a file: a line that describes the rest (version, length, checksum), the kinds of readings, and for each
 * project `/name count` and one line `<blob id> <reading>` per file. Lines end with LF; all of it is ASCII.
 */

const MAGIC = 'agentq-readings';
/** Begins the line of a project: no id begins with it. */
const PROJECT_MARK = '/';
/** Number of lines to look at, from where the last one was found, before all of them are. */
const NEAR = 16;

/** Readings by project and blob: the meaning of a dependency with a project's name in front depends on the project. */
export class KnownReadings {
  readonly size: number;
  readonly #text: string;
  readonly #lines: LineReader;
  readonly #sections: ReadonlyMap<string, Section>;

  constructor(text: string, kinds: readonly string[], sections: ReadonlyMap<string, Section>) {
    this.#text = text;
    this.#lines = new LineReader(kinds);
    this.#sections = sections;
    this.size = [...sections.values()].reduce((sum, { size }) => sum + size, 0);
  }

  static none(): KnownReadings {
    return new KnownReadings('', [], new Map());
  }

  has(task: FoundTask): boolean {
    return this.#placeOf(task) !== undefined;
  }

  /** What decisions need to know about the task; undefined if nothing is known. */
  reading(task: FoundTask): Reading | undefined {
    const at = this.#placeOf(task);
    return at === undefined ? undefined : this.#lines.unpack(this.#text, at);
  }

  /** The task's line for another index, with the kinds of that index. */
  line(task: FoundTask, kinds: KindWriter): string | undefined {
    const at = this.#placeOf(task);
    if (at === undefined) return undefined;
    const line = this.#text.slice(at, this.#text.indexOf('\n', at));
    return renumbered(line, kinds.numberOf(this.#lines.kindOf(line)));
  }

  #placeOf(task: FoundTask): number | undefined {
    return this.#sections.get(task.location.project)?.find(task.blob);
  }
}

/**
 * The lines of a project. They were written in the order of the tree and are asked for in the same order, so that the
 * next one is nearly always the one that follows: a map of 100,000 ids takes longer to make and to use than everything
 * else.
 */
class Section {
  readonly size: number;
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;
  #next: number;
  #places: ReadonlyMap<string, number> | undefined;

  constructor(text: string, place: { readonly start: number; readonly end: number; readonly size: number }) {
    this.size = place.size;
    this.#text = text;
    this.#start = place.start;
    this.#end = place.end;
    this.#next = place.start;
  }

  /** Offset of the reading of that blob. */
  find(blob: string): number | undefined {
    let line = this.#next < this.#end ? this.#next : this.#start;
    for (let looked = 0; looked < NEAR && line < this.#end; looked++) {
      if (this.#text.startsWith(blob, line)) return this.#found(line + blob.length + 1);
      line = this.#text.indexOf('\n', line) + 1;
    }
    this.#places ??= this.#all();
    const place = this.#places.get(blob);
    return place === undefined ? undefined : this.#found(place);
  }

  #found(place: number): number {
    this.#next = this.#text.indexOf('\n', place) + 1;
    return place;
  }

  #all(): Map<string, number> {
    const places = new Map<string, number>();
    for (let line = this.#start; line < this.#end; ) {
      const space = this.#text.indexOf(' ', line);
      places.set(this.#text.slice(line, space), space + 1);
      line = this.#text.indexOf('\n', space) + 1;
    }
    return places;
  }
}

/** @returns the file for these tasks, from what is known of them and what is new (by position). */
export function formatIndex(
  known: KnownReadings,
  tasks: readonly FoundTask[],
  fresh: ReadonlyMap<number, Reading>,
): Buffer {
  const kinds = new KindWriter();
  const projects = new Map<string, string[]>();
  for (const [index, task] of tasks.entries()) {
    const reading = fresh.get(index);
    const line = reading === undefined ? known.line(task, kinds) : packReading(reading, kinds);
    if (line === undefined) continue;
    const { project } = task.location;
    const lines = projects.get(project);
    if (lines === undefined) projects.set(project, [`${task.blob} ${line}\n`]);
    else lines.push(`${task.blob} ${line}\n`);
  }
  const sections = [...projects].map(
    ([project, lines]) => `${PROJECT_MARK}${project} ${lines.length}\n${lines.join('')}`,
  );
  const body = `${[String(kinds.all.length), ...kinds.all].join('\n')}\n${sections.join('')}`;
  const bytes = Buffer.from(body, 'latin1');
  const head = `${MAGIC} ${CODEC_VERSION} ${bytes.length} ${checksumOf(bytes)}\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}

/** @returns undefined if the file is not whole, or not of this version. */
export function parseIndex(bytes: Buffer): KnownReadings | undefined {
  const start = bytes.indexOf('\n') + 1;
  const [magic, version, length, checksum] = bytes.toString('latin1', 0, Math.max(0, start - 1)).split(' ');
  const body = bytes.subarray(start);
  if (magic !== MAGIC || version !== CODEC_VERSION) return undefined;
  if (length !== String(body.length) || checksum !== checksumOf(body)) return undefined;

  const text = body.toString('latin1');
  let at = 0;
  const takeLine = (): string => {
    const line = text.slice(at, text.indexOf('\n', at));
    at += line.length + 1;
    return line;
  };
  const kinds = Array.from({ length: Number(takeLine()) }, takeLine);
  const sections = new Map<string, Section>();
  while (at < text.length) {
    const [project = '', size] = takeLine().slice(PROJECT_MARK.length).split(' ');
    const following = text.indexOf(`\n${PROJECT_MARK}`, at - 1);
    const end = following < 0 ? text.length : following + 1;
    sections.set(project, new Section(text, { start: at, end, size: Number(size) }));
    at = end;
  }
  return new KnownReadings(text, kinds, sections);
}

/**
 * Detects files that are cut or damaged. Of the checksums that node has, this one is loaded anyway: CRC-32 takes 4 ms
 * for twenty megabytes and this one 10, but loading zlib takes every claim a millisecond.
 */
function checksumOf(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}
