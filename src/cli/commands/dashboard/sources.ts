import type { Clock } from '../../../domain/base/clock.ts';
import { given } from '../../../domain/base/given.ts';
import type { Board, BoardTaskDetails } from '../../../domain/dashboard/board.ts';
import { MOST_EVENTS } from '../../../domain/dashboard/board.ts';
import { boardOf } from '../../../domain/dashboard/board-of.ts';
import { isSame } from '../../../domain/dashboard/same.ts';
import type { RecentEvent } from '../../../domain/dashboard/sources.ts';
import type { SignedIn } from '../../../domain/leases/sign-in.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Reader, ReadQueue } from '../../../engine/queue/reader.ts';
import { RecordWindow } from '../../../engine/queue/recorded-events.ts';
import type { Tip } from '../../../engine/queue/tips.ts';
import { EVERY_STATE, requireProject } from '../../command/answers.ts';
import { otherBranches } from '../../presence/all-sign-ins.ts';
import { detailsOf } from './details.ts';

/** What a board is about. */
export interface BoardReaderOptions {
  /** Only this project; undefined: the whole queue. */
  readonly project: string | undefined;
  /** Length of the window (ms); undefined: all that is known. */
  readonly sinceMs: number | undefined;
  readonly clock: Clock;
}

/** The queue as it was read for the last board. */
interface LastRead {
  readonly reader: Reader;
  readonly snapshot: ReadQueue;
}

/**
 * Reads the board of a queue again and again. What it has read before is not read again: neither files, nor commits.
 * Read one board at a time.
 */
export class BoardReader {
  readonly #queue: Queue;
  readonly #options: BoardReaderOptions;
  readonly #record = new RecordWindow();
  /** Newest first. */
  #recent: readonly RecentEvent[] = [];
  #last: LastRead | undefined;

  constructor(queue: Queue, options: BoardReaderOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  /**
   * The board at the tip of the queue.
   * @param seen where `Queue.tips` has just seen it: that is not asked again
   * @throws the reason of `signal`; Failure of the remote, or `unknown-project`
   */
  async read(signal: AbortSignal, seen?: Tip): Promise<Board> {
    const { project, sinceMs, clock } = this.#options;
    const now = clock.now();
    const from = sinceMs === undefined ? undefined : now - sinceMs;
    const reader = await this.#queue.read();
    // At the same time as the look at the branch: each of them takes a round trip to the remote.
    const known = this.#otherBranches();
    const asked = this.#signedIn(known);
    asked.catch(() => undefined);
    // Cards have no text: that of a task is read when it is opened.
    const scope = { read: EVERY_STATE, witnesses: { now }, use: 'showing' } as const;
    const snapshot = await reader.snapshot(scope, { unreadable: 'leave', ...given({ seen }) });
    signal.throwIfAborted();
    const tips = [...(snapshot.branches?.tips.values() ?? [snapshot.tip])];
    const { events, knownFrom, queue, reading } = await this.#record.read(reader, { tip: snapshot.tip, tips }, from);
    signal.throwIfAborted();
    const isSingle = snapshot.branches === undefined;
    this.#recent = await this.#recentEvents(reader, snapshot.tip, isSingle && reading === 'continued');
    this.#last = { reader, snapshot };
    const others = this.#otherBranches();
    const signIns = await (isSame(others, known) ? asked : this.#signedIn(others));
    signal.throwIfAborted();
    const { branch, remote } = this.#queue.place;
    const board = boardOf({
      branch,
      remote,
      snapshot,
      events,
      recent: this.#recent,
      signIns,
      from,
      now,
      knownFrom,
      queue,
      project,
    });
    // A project that is gone may still have a history.
    if (board.projects.length === 0 && board.events.length === 0) requireProject(snapshot, project);
    return board;
  }

  /**
   * A task of the last board, with its text and its log.
   * @returns undefined if there is no such task, or no board was read yet
   */
  async details(name: { readonly project: string; readonly task: string }): Promise<BoardTaskDetails | undefined> {
    if (this.#last === undefined) return undefined;
    const { reader, snapshot } = this.#last;
    return detailsOf(reader, snapshot, { project: name.project, id: name.task });
  }

  /** Of the queue as it was read last, the branches besides the main one. */
  #otherBranches(): readonly string[] {
    return otherBranches(this.#queue, this.#last?.snapshot.branches);
  }

  async #signedIn(others: readonly string[]): Promise<readonly SignedIn[]> {
    return (await this.#queue.registry()).read(others);
  }

  async #recentEvents(reader: Reader, tip: string, isContinued: boolean): Promise<readonly RecentEvent[]> {
    const { project } = this.#options;
    const last = this.#last?.snapshot.tip;
    if (isContinued && last === tip) return this.#recent;
    const fresh: RecentEvent[] = [];
    const after = isContinued ? last : undefined;
    const past = reader.past({ tip, limit: MOST_EVENTS, ...given({ project, after }), onNotice: () => undefined });
    for await (const { event, task } of past) fresh.push({ event, title: task?.title });
    return after === undefined ? fresh : [...fresh, ...this.#recent].slice(0, MOST_EVENTS);
  }
}
