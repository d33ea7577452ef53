import { eventView, saidWith } from '../../../../domain/past/event-view.ts';
import { taskPaths } from '../../../../domain/past/task-paths.ts';
import { QueueState } from '../../../../domain/queue/queue-state.ts';
import { formatKey } from '../../../../domain/queue/task.ts';
import type { Queue } from '../../../../engine/queue/queue.ts';
import { RecordWindow } from '../../../../engine/queue/recorded-events.ts';
import { wordsOf } from '../../../../engine/work/faults.ts';
import { requireProject } from '../../../command/answers.ts';
import type { CommandContext } from '../../../command/context.ts';
import type { Key, OpenScreen, Screen } from '../../../output/screen.ts';
import { frameOf, type Surroundings, taskFrame } from './frame.ts';
import { nextChange } from './next-change.ts';
import { type Picture, pictureOf, readSources, type Sources } from './picture.ts';
import { AT_START, afterKey, type ScreenState } from './screen-state.ts';

/** Durations on the screen are computed again this often (ms). */
const TICK_MS = 1_000;

/**
 * Shows the queue on the terminal until the user has seen enough.
 * @throws Failure if the first read fails, or `interrupted`; later ones are tried again, and said so on the screen
 */
export async function showLive(
  queue: Queue,
  context: CommandContext,
  openScreen: OpenScreen,
  project: string | undefined,
): Promise<void> {
  const { clock } = context;
  const record = new RecordWindow();
  const sources = await readSources(queue, record, clock.now(), (message) => context.log.warning(message));
  requireProject(sources.snapshot, project);
  await new Live(queue, context, { record, sources, project }).run(openScreen);
}

/** What was read before the screen opens. */
interface FirstRead {
  readonly record: RecordWindow;
  readonly sources: Sources;
  readonly project: string | undefined;
}

class Live {
  readonly #queue: Queue;
  readonly #context: CommandContext;
  /** Aborted when the user has seen enough. */
  readonly #quit = new AbortController();
  readonly #record: RecordWindow;
  #sources: Sources;
  #picture: Picture;
  #state: ScreenState;
  #tasks: readonly string[] = [];
  #opened: readonly string[] = [];
  #notice: string | undefined;
  #screen: Screen | undefined;

  constructor(queue: Queue, context: CommandContext, { record, sources, project }: FirstRead) {
    this.#queue = queue;
    this.#context = context;
    this.#record = record;
    this.#sources = sources;
    this.#state = { ...AT_START, project };
    this.#picture = pictureOf(sources, project);
  }

  async run(openScreen: OpenScreen): Promise<void> {
    const { signal, stderr } = this.#context;
    const ended = AbortSignal.any([signal, this.#quit.signal]);
    this.#screen = await openScreen({
      onKey: (key) => this.#onKey(key),
      onRedraw: () => this.#draw(),
    });
    // Messages would be written over the picture meanwhile.
    const release = stderr.sink.hold((line) => this.#tell(line));
    try {
      this.#draw();
      await Promise.all([this.#follow(ended), this.#tick(ended)]);
    } catch (error) {
      if (!this.#quit.signal.aborted) throw error;
    } finally {
      this.#quit.abort();
      this.#screen.close();
      release();
    }
    signal.throwIfAborted();
  }

  async #tick(ended: AbortSignal): Promise<void> {
    for (;;) {
      await this.#context.clock.sleep(TICK_MS, ended);
      this.#draw();
    }
  }

  /** Reads the queue whenever the branch moves, and from time to time. */
  async #follow(ended: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const { tips } = this.#queue;
    let tip = await tips.look(ended);
    for (;;) {
      tip = await nextChange(tips, tip, clock, ended).catch((error: unknown) => {
        ended.throwIfAborted();
        this.#tell(wordsOf(error));
        return tip;
      });
      try {
        this.#sources = await readSources(this.#queue, this.#record, clock.now(), (message) => this.#tell(message));
        this.#notice = undefined;
      } catch (error) {
        ended.throwIfAborted();
        this.#tell(wordsOf(error));
        continue;
      }
      this.#picture = pictureOf(this.#sources, this.#state.project);
      this.#draw();
    }
  }

  #tell(notice: string): void {
    this.#notice = notice;
    this.#draw();
  }

  #onKey(key: Key): void {
    const after = afterKey(this.#state, key, {
      tasks: this.#tasks,
      projects: this.#picture.projects,
      lines: this.#opened.length,
      rows: this.#screen?.rows ?? 0,
    });
    if (after === 'quit') {
      this.#quit.abort();
      return;
    }
    const before = this.#state;
    this.#state = after;
    if (after.project !== before.project) this.#picture = pictureOf(this.#sources, after.project);
    if (after.open !== undefined && after.open !== before.open) void this.#open(after.open);
    this.#draw();
  }

  /** Reads the task's file and its log. */
  async #open(name: string): Promise<void> {
    this.#opened = ['reading...'];
    const lines = await this.#read(name).catch((error: unknown) => [wordsOf(error)]);
    if (this.#state.open !== name) return;
    this.#opened = lines;
    this.#draw();
  }

  async #read(name: string): Promise<readonly string[]> {
    const reader = await this.#queue.read('clone');
    const slash = name.indexOf('/');
    const key = { project: name.slice(0, slash), id: name.slice(slash + 1) };
    const [entry] = new QueueState(this.#sources.snapshot).entriesNow(key);
    if (entry === undefined) return [`${name} is gone`];
    const text = new TextDecoder().decode(await reader.taskBytes(entry));
    const lines = [...text.replaceAll('\t', '    ').split(/\r?\n/)];
    const log: string[] = [];
    const { tip } = this.#sources.snapshot;
    for await (const { event, task } of reader.past({
      tip,
      limit: 100,
      task: { key, paths: taskPaths(entry) },
      onNotice: () => undefined,
    })) {
      const { time, event: kind, agent } = eventView(event, task);
      log.push([time, kind.replace('task.', ''), agent, saidWith(event) ?? ''].join('  ').trimEnd());
    }
    return [...lines, '', `LOG of ${formatKey(key)}`, ...log.reverse()];
  }

  #draw(): void {
    const screen = this.#screen;
    if (screen === undefined || this.#quit.signal.aborted) return;
    const { place } = this.#queue;
    const around: Surroundings = {
      place: `${place.branch} of ${place.remote ?? 'this repository'}`,
      now: this.#context.clock.now(),
      notice: this.#notice,
      columns: screen.columns,
      rows: screen.rows,
      style: this.#context.style,
    };
    if (this.#state.open !== undefined) {
      screen.draw(taskFrame(this.#opened, this.#state, around));
      return;
    }
    const { lines, tasks } = frameOf(this.#picture, this.#state, around);
    this.#tasks = tasks;
    screen.draw(lines);
  }
}
