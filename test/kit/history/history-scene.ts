import { Readable } from 'node:stream';
import type { Io, Sink } from '../../../src/cli/output/io.ts';
import { runCommandLine } from '../../../src/cli/run.ts';
import type { Queue } from '../../../src/engine/queue/queue.ts';
import { TestClock } from '../engine/test-clock.ts';
import { openedBranches } from '../scene/branch-scene.ts';
import type { Files } from '../scene/git-sandbox.ts';
import { type Scene, scene } from '../scene/scene.ts';

/** A day in the life of a queue, in a time that only the test moves: real git, a real remote, and the real engine. */
export class HistoryScene implements AsyncDisposable {
  readonly box: Scene;
  readonly clock: TestClock;
  readonly queue: Queue;
  readonly #branches: Readonly<Record<string, string>>;
  readonly #close: () => Promise<void>;
  #requests = 0;

  private constructor(
    box: Scene,
    clock: TestClock,
    queue: Queue,
    branches: Readonly<Record<string, string>>,
    close: () => Promise<void>,
  ) {
    this.box = box;
    this.clock = clock;
    this.queue = queue;
    this.#branches = branches;
    this.#close = close;
  }

  /** @param branches the branches of projects that do not live on develop; @param startMs ms since the epoch */
  static async open(files: Files, branches: Readonly<Record<string, string>>, startMs: number): Promise<HistoryScene> {
    const box = await scene({ files, clones: ['clone'] });
    for (const branch of new Set(Object.values(branches))) await box.git(box.remote, 'branch', branch, 'develop');
    const clock = new TestClock('standing', startMs);
    const opened = await openedBranches(box, 'clone', { clock, combine: 'none' });
    return new HistoryScene(box, clock, opened.queue, branches, async () => opened[Symbol.asyncDispose]());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.box[Symbol.asyncDispose]();
  }

  /** An id for an intent. */
  request(): string {
    this.#requests++;
    return `h${String(this.#requests).padStart(15, '0')}`;
  }

  branchOf(project: string): string {
    return this.#branches[project] ?? 'develop';
  }

  /** Every branch of the queue. */
  get branches(): readonly string[] {
    return [...new Set(['develop', ...Object.values(this.#branches)])];
  }

  /** Runs a command line as the binary does, in this process and at this scene's time. @returns stdout, or undefined if it failed */
  async run(...argv: readonly string[]): Promise<string | undefined> {
    const [stdout, stderr] = [new Text(), new Text()];
    const stdin = { isTerminal: false, read: async () => new Uint8Array(), stream: () => Readable.from([]) };
    const io: Io = { stdin, stdout, stderr, cwd: this.box.path('clone'), signal: new AbortController().signal };
    const queue = unclosed(this.queue);
    const code = await runCommandLine(argv, io, this.box.env, '0.0.0', {
      openQueue: async () => queue,
      clock: this.clock,
      random: { next: () => 0.5, id: () => this.request() },
    });
    return code === 0 ? stdout.text : undefined;
  }

  /** The document of a command. */
  async answer(...argv: readonly string[]): Promise<unknown> {
    const text = await this.run(...argv, '--json');
    if (text === undefined) throw new Error(`agentq ${argv.join(' ')} failed`);
    return JSON.parse(text);
  }

  /** The files at the tip of a branch of the remote. */
  files(branch: string): Promise<Record<string, string>> {
    return this.box.files(this.box.remote, branch);
  }

  /**
   * Somebody's commit, made elsewhere, at this scene's time.
   * @param files null deletes
   * @param from the commit that it follows; absent: the tip of the branch
   */
  async commit(branch: string, files: Files, message: string, author: string, from?: string): Promise<void> {
    const { box } = this;
    const parent = from ?? (await box.git(box.remote, 'rev-parse', branch));
    const lines = [`commit refs/heads/${branch}`];
    lines.push(`committer ${author} <${author}@example.com> ${Math.floor(this.clock.now() / 1000)} +0000`);
    lines.push(`data ${Buffer.byteLength(message)}`, message, `from ${parent}`);
    for (const [path, content] of Object.entries(files)) {
      if (content === null) lines.push(`D ${path}`);
      else lines.push(`M 100644 inline ${path}`, `data ${Buffer.byteLength(content)}`, content);
    }
    const result = await box.run(
      box.path(box.remote),
      'git',
      ['fast-import', '--quiet', '--force'],
      `${lines.join('\n')}\n`,
    );
    if (result.exitCode !== 0) throw new Error(result.stderr);
  }
}

class Text implements Sink {
  readonly isTerminal = false;
  readonly columns = undefined;
  text = '';
  write(chunk: string | Uint8Array): void {
    this.text += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
  }
}

/** The queue for one command: it outlives that. */
function unclosed(queue: Queue): Queue {
  return new Proxy(queue, {
    get(target, name) {
      if (name === 'close') return async () => undefined;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
