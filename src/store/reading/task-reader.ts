import { mentionsBatch } from '../../domain/queue/batches.ts';
import type { QueueSnapshot, Reading } from '../../domain/queue/snapshot.ts';
import type { BlobReading, ObjectReader } from '../../git/objects/objects.ts';
import { MAX_TASK_BYTES, readTask } from '../codec/read-task.ts';
import type { FoundTask } from './discovery.ts';
import type { IndexCache } from './index-cache.ts';
import type { SnapshotScope } from './snapshot-scope.ts';

/**
 * From this many files, the index is used: reading it costs as much as parsing five files, and the first parsed ones
 * are the most expensive, since their code runs for the first time (80 of them: 14 ms of a claim's 130).
 */
const FEWEST_FOR_INDEX = 32;

const UNREAD: Reading = { kind: 'unread' };

/** The reading of a file whose object is not here. It is not remembered, since the object may come. */
export const MISSING: Reading = {
  kind: 'unreadable',
  message: 'its object is missing from this clone and could not be fetched',
};

/** Lists the tasks of the queue that are not among those to read. */
export type ListOthers = () => readonly FoundTask[];

/** What was read at one tip, in the order of the tasks. */
interface Look {
  readonly tasks: readonly FoundTask[];
  readonly readings: readonly (Reading | undefined)[];
  /** Whether some readings hold only what decisions and boards ask for. */
  readonly isBrief: boolean;
}

/** Reads the task files of a queue, as few as the scope allows, and none twice. */
export class TaskReader {
  readonly #objects: Pick<ObjectReader, 'readBlobs'>;
  readonly #index: IndexCache;
  readonly #shown: IndexCache;
  readonly #fewestForIndex: number;
  /**
   * So a retry, or the next look of a waiting process, parses only what is new; what the last tip no longer held is
   * gone.
   */
  #last: Look | undefined;
  /**
   * The last one that was not for a decision, which does not list completed tasks: a dashboard that also acts would read all
   * of them again after each action.
   */
  #lastWhole: Look | undefined;

  /**
   * @param index for decisions
   * @param shown for who shows the whole queue. It is another one, since it has every completed task, and each decision
   * would load them.
   */
  constructor(
    objects: Pick<ObjectReader, 'readBlobs'>,
    index: IndexCache,
    shown: IndexCache = index,
    fewestForIndex: number = FEWEST_FOR_INDEX,
  ) {
    this.#objects = objects;
    this.#index = index;
    this.#shown = shown;
    this.#fewestForIndex = fewestForIndex;
  }

  /**
   * @param others called only if the index is written
   * @returns a reading for each task, in order.
   */
  async read(
    tasks: readonly FoundTask[],
    scope: SnapshotScope,
    signal?: AbortSignal,
    others: ListOthers = () => [],
  ): Promise<readonly Reading[]> {
    const isForDecision = scope.use === 'deciding';
    const fitting = (one: Look | undefined) => (one?.isBrief && scope.use === undefined ? undefined : one);
    const last = fitting(this.#last);
    const look = { tasks, readings: remembered(last, tasks), isBrief: last?.isBrief === true };
    const lastWhole = isForDecision ? undefined : fitting(this.#lastWhole);
    if (lastWhole !== undefined && lastWhole !== last) {
      const older = remembered(lastWhole, tasks);
      for (const [at, reading] of older.entries()) look.readings[at] ??= reading;
      look.isBrief ||= lastWhole.isBrief;
    }
    const how = { use: scope.use, signal, others };
    const { ids, paths } = scope;
    const isNamed = (task: FoundTask): boolean => ids?.has(task.id) === true || paths?.has(task.path) === true;
    const isWanted = (task: FoundTask): boolean => scope.read.has(task.state) || isNamed(task);
    const { whole } = scope;
    if (whole !== undefined) {
      // What is known of them may lack what no decision asks for.
      const known = look.readings;
      if (look.isBrief) for (const [at, { id }] of tasks.entries()) if (whole.has(id)) known[at] = undefined;
      await this.#fill(look, { ...how, use: undefined }, (task) => whole.has(task.id) && isWanted(task));
    }
    await this.#fill(look, how, isWanted);
    if (asksForBatches(look, scope)) await this.#fill(look, how, () => true);
    this.#last = look;
    if (!isForDecision) this.#lastWhole = look;
    return look.readings.map((reading) => reading ?? UNREAD);
  }

  async #fill(
    look: { readonly tasks: readonly FoundTask[]; readonly readings: (Reading | undefined)[]; isBrief: boolean },
    { use, signal, others }: { use: SnapshotScope['use']; signal: AbortSignal | undefined; others: ListOthers },
    isWanted: (task: FoundTask) => boolean,
  ): Promise<void> {
    const { tasks, readings } = look;
    const unknown: number[] = [];
    for (let index = 0; index < tasks.length; index++) {
      const task = tasks[index];
      if (task === undefined || readings[index] !== undefined || !isWanted(task)) continue;
      if (task.mode === '120000') {
        readings[index] = { kind: 'unreadable', message: 'is a symbolic link, not a task file' };
      } else unknown.push(index);
    }
    if (use === undefined || unknown.length < this.#fewestForIndex) {
      await this.#parse(look, unknown, signal);
      return;
    }

    const cache = use === 'showing' ? this.#shown : this.#index;
    const index = cache.load();
    const absent: number[] = [];
    for (const position of unknown) {
      const task = tasks[position];
      const reading = task && index.readings.reading(task);
      if (reading === undefined) absent.push(position);
      else readings[position] = reading;
    }
    const used = unknown.length - absent.length;
    look.isBrief ||= used > 0;
    await cache.keep(index, tasks, await this.#parse(look, absent, signal), used, others);
  }

  /** @returns what the files say, by position; without defects of the clone, which may be repaired. */
  async #parse(
    { tasks, readings }: { readonly tasks: readonly FoundTask[]; readonly readings: (Reading | undefined)[] },
    positions: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<number, Reading>> {
    const parsed = new Map<number, Reading>();
    const wanted = positions.flatMap((position) => {
      const task = tasks[position];
      return task === undefined ? [] : [{ position, task }];
    });
    const blobs = await this.#objects.readBlobs(
      wanted.map(({ task }) => task.blob),
      { maxBytes: MAX_TASK_BYTES, signal },
    );
    for (const [index, { position, task }] of wanted.entries()) {
      const blob = blobs[index];
      if (blob === undefined) continue;
      const reading = readBlob(task, blob);
      readings[position] = reading;
      if (blob.kind === 'content') parsed.set(position, reading);
    }
    return parsed;
  }
}

function remembered(last: Look | undefined, tasks: readonly FoundTask[]): (Reading | undefined)[] {
  if (last === undefined) return new Array<Reading | undefined>(tasks.length).fill(undefined);
  const positions = new Map(last.tasks.map(({ path }, index) => [path, index]));
  return tasks.map(({ path, blob }) => {
    const position = positions.get(path);
    if (position === undefined || last.tasks[position]?.blob !== blob) return undefined;
    const reading = last.readings[position];
    return reading === MISSING ? undefined : reading;
  });
}

function readBlob(task: FoundTask, blob: BlobReading): Reading {
  switch (blob.kind) {
    case 'content':
      return readTask(blob.bytes, { path: task.path, project: task.location.project, id: task.id });
    case 'too-large':
      return { kind: 'unreadable', message: `is ${blob.size} bytes long, the limit is ${MAX_TASK_BYTES}` };
    case 'missing':
      return MISSING;
  }
}

/** Whether the scope asks for the files of all tasks because an open task, among these, is about a batch. */
export function asksForBatches(
  { tasks, readings }: Pick<Look, 'tasks' | 'readings'>,
  { batches: mention }: SnapshotScope,
): boolean {
  if (mention === undefined) return false;
  return tasks.some((task, index) => {
    const reading = readings[index];
    return reading !== undefined && mentionsBatch({ state: task.state, reading }, mention);
  });
}

/** Whether the clone had every file that was to be read. */
export function isWhole({ projects }: QueueSnapshot): boolean {
  return [...projects.values()].every(({ entries }) => entries.every(({ reading }) => reading !== MISSING));
}
