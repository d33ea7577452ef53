import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../../../domain/base/clock.ts';
import type { CommandEnd, RunningCommand } from '../../../engine/work/workspace.ts';
import { descendants } from '../../../git/process/kill-tree.ts';
import { machineTrouble } from '../../../git/process/local-trouble.ts';
import { withRoomForProcess } from '../../../git/process/room-for-process.ts';
import { LineReader } from './line-reader.ts';

export interface CommandProcessOptions {
  /** Program and arguments; no shell is put in between. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** For stdin; undefined: it has none. */
  readonly input: Uint8Array | undefined;
  readonly clock: Clock;
  /** A line that the command said, on either stream. */
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
  /** Everything that it said, as it came. */
  onBytes(bytes: Uint8Array): void;
  /** Settles when those who are told have caught up; undefined where they are not behind. The command waits for it. */
  drained?(): Promise<void> | undefined;
}

/** Last lines that are kept for the commit of a task that fails. */
const KEPT_LINES = 20;

/** What a command left running gets to end by itself (ms), when the command itself is done. */
const SWEEP_MS = 2_000;
const POLL_MS = 50;

/** Commands that run: none of them may outlive this process, however it ends. */
const running = new Set<CommandProcess>();
process.on('exit', () => {
  for (const command of running) command.kill();
});

/**
 * Starts the command in a process group of its own: Ctrl-C reaches agentq alone, which decides what becomes of it. One that
 * cannot be started has ended.
 */
export function startCommand(options: CommandProcessOptions): RunningCommand {
  try {
    return new CommandProcess(options);
  } catch (error) {
    return { ended: Promise.resolve(notStarted(error)), stop: () => undefined };
  }
}

function notStarted(error: unknown): CommandEnd {
  const message = error instanceof Error ? error.message : String(error);
  // The command's own file may lack permission: that is not this machine's trouble.
  const trouble = machineTrouble(error);
  const isLimit = trouble?.details.passing === true;
  return { kind: 'not-started', message, ...(isLimit ? { failure: trouble } : {}) };
}

class CommandProcess implements RunningCommand {
  readonly ended: Promise<CommandEnd>;
  readonly #options: CommandProcessOptions;
  readonly #child: ChildProcess;
  readonly #last: string[] = [];
  readonly #over = new AbortController();
  /** While it is held back, because those who are told are behind. */
  #isHeld = false;
  #hasExited = false;
  /** What was seen to run below the command when it was stopped: who has left its group is found no other way. */
  #below: readonly number[] = [];

  constructor(options: CommandProcessOptions) {
    this.#options = options;
    const [program = '', ...args] = options.command;
    this.#child = withRoomForProcess(() =>
      spawn(program, args, {
        cwd: options.cwd,
        env: options.env,
        stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        detached: true,
        windowsHide: true,
      }),
    );
    running.add(this);
    this.ended = this.#run().finally(() => {
      this.#over.abort();
      running.delete(this);
    });
  }

  stop(graceMs: number): void {
    if (this.#over.signal.aborted) return;
    this.#lookBelow();
    if (graceMs <= 0) {
      this.kill();
      return;
    }
    this.#signal('SIGTERM');
    this.#options.clock.sleep(graceMs, this.#over.signal).then(
      () => this.kill(),
      () => undefined,
    );
  }

  /** Kills it and all that it started. */
  kill(): void {
    this.#lookBelow();
    this.#signal('SIGKILL');
  }

  async #run(): Promise<CommandEnd> {
    const child = this.#child;
    const readers = (['stdout', 'stderr'] as const).map((stream) => {
      const reader = new LineReader((line) => this.#line(line, stream));
      child[stream]?.on('data', (chunk: Buffer) => {
        this.#options.onBytes(chunk);
        reader.add(chunk);
        this.#holdBack();
      });
      return reader;
    });
    // A command that does not want its task closes its input.
    child.stdin?.on('error', () => undefined);
    if (this.#options.input !== undefined) child.stdin?.end(this.#options.input);
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const end = await new Promise<CommandEnd>((resolve) => {
      child.once('error', (error) => resolve(notStarted(error)));
      child.once('exit', (code, signal) => {
        if (code === null) resolve({ kind: 'signalled', signal: signal ?? 'a signal', output: this.#last });
        else resolve({ kind: 'exited', code, output: this.#last });
      });
    });
    if (end.kind === 'not-started') return end;
    // What is left in the pipes is little, and is not to be lost.
    this.#hasExited = true;
    this.#goOn();
    await this.#sweep();
    // Who has left the group may hold the pipes open for as long as it likes.
    await Promise.race([closed, this.#options.clock.sleep(SWEEP_MS)]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    for (const reader of readers) reader.end();
    return end;
  }

  /** Ends what the command has left running: the task is over, and its worktree may be removed. */
  async #sweep(): Promise<void> {
    const { clock } = this.#options;
    if (!this.#isGroupAlive()) return;
    this.#signal('SIGTERM');
    for (let waited = 0; this.#isGroupAlive(); waited += POLL_MS) {
      if (waited >= SWEEP_MS) this.#signal('SIGKILL');
      // A process that cannot even be killed hangs in the kernel.
      if (waited >= 2 * SWEEP_MS) return;
      await clock.sleep(POLL_MS);
    }
  }

  #line(line: string, stream: 'stdout' | 'stderr'): void {
    this.#last.push(line);
    if (this.#last.length > KEPT_LINES) this.#last.shift();
    this.#options.onLine(line, stream);
  }

  /** A command that says more than its readers take waits, as it would if it wrote to them itself. */
  #holdBack(): void {
    if (this.#isHeld || this.#hasExited) return;
    const drained = this.#options.drained?.();
    if (drained === undefined) return;
    this.#isHeld = true;
    this.#child.stdout?.pause();
    this.#child.stderr?.pause();
    void drained.then(() => {
      this.#isHeld = false;
      this.#goOn();
      // Of several who are told, another may be behind.
      this.#holdBack();
    });
  }

  #goOn(): void {
    this.#child.stdout?.resume();
    this.#child.stderr?.resume();
  }

  #lookBelow(): void {
    const { pid } = this.#child;
    if (pid !== undefined) this.#below = [...new Set([...this.#below, ...descendants(pid)])];
  }

  #isGroupAlive(): boolean {
    return this.#child.pid !== undefined && send(-this.#child.pid, 0);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    send(-pid, signal);
    for (const below of this.#below) send(below, signal);
  }
}

/** @returns whether there is such a process, or group */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
