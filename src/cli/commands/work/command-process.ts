import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Clock } from '../../../domain/base/clock.ts';
import { MOST_LAST_WORDS } from '../../../engine/work/last-words.ts';
import type { CommandEnd, RunningCommand } from '../../../engine/work/workspace.ts';
import { descendants } from '../../../git/process/kill-tree.ts';
import { machineTrouble } from '../../../git/process/local-trouble.ts';
import { withRoomForProcess } from '../../../git/process/room-for-process.ts';
import type { MarkedProcesses } from '../../../machine/marked-processes.ts';
import { LineReader } from './line-reader.ts';

export interface CommandProcessOptions {
  /** Program and arguments; no shell is involved. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Bytes for stdin; undefined: no stdin. */
  readonly input: Uint8Array | undefined;
  readonly clock: Clock;
  /**
   * Finds what the command started by a value in the environment that no other command has: also what made a session of
   * its own. Absent: nothing is found that way.
   */
  readonly marked?: { readonly processes: MarkedProcesses; readonly value: string } | undefined;
  /** Called for each line of output. */
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
  /** Called for all output, as it comes. */
  onBytes(bytes: Uint8Array): void;
  /** Settles when the readers have caught up; undefined if they are not behind. The command waits for it. */
  drained?(): Promise<void> | undefined;
}

/** What could not be started, and where. */
type Started = Pick<CommandProcessOptions, 'command' | 'cwd'>;

/** Last lines of output to keep, for the commit of a failed task: more than it may get, since a key has several. */
const KEPT_LINES = 2 * MOST_LAST_WORDS;

/** How long (ms) processes that a command left running may take to end, once the command itself has ended. */
const SWEEP_MS = 2_000;
const POLL_MS = 50;

/** Running commands: none may outlive this process, however it ends. */
const running = new Set<CommandProcess>();
process.on('exit', () => {
  for (const command of running) command.kill();
});

/**
 * Starts the command in a process group of its own: Ctrl-C reaches agentq alone, which decides what happens to the
 * command. A command that cannot be started counts as ended.
 */
export function startCommand(options: CommandProcessOptions): RunningCommand {
  try {
    return new CommandProcess(options);
  } catch (error) {
    return { ended: Promise.resolve(notStarted(error, options)), stop: () => undefined };
  }
}

/** Program and arguments that run a shell command. */
export function shellCommand(text: string): readonly string[] {
  return ['sh', '-c', text];
}

/** The end of a command that could not be started; without `started`, of what had to be done before it. */
export function notStarted(error: unknown, started?: Started): CommandEnd {
  const message = (started && whyNoFile(error, started)) ?? (error instanceof Error ? error.message : String(error));
  // The file of the command may lack permission: that is not a problem of this machine.
  const trouble = machineTrouble(error);
  const isLimit = trouble?.details.passing === true;
  return { kind: 'not-started', message, ...(isLimit ? { failure: trouble } : {}) };
}

/** Node says ENOENT and a name: a script that was not committed is in the checkout, and in no worktree. */
function whyNoFile(error: unknown, { command: [program = ''], cwd }: Started): string | undefined {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  // Without its folder, no program can be started, and node says the same.
  if (!isMissing || !program.includes('/') || isAbsolute(program) || !existsSync(cwd)) return undefined;
  // A script is missing too if the interpreter in its first line is.
  if (existsSync(join(cwd, program))) return `the interpreter of ${program} is not on this machine`;
  return `there is no ${program} in the folder where it runs; a worktree has only what is committed`;
}

class CommandProcess implements RunningCommand {
  readonly ended: Promise<CommandEnd>;
  readonly #options: CommandProcessOptions;
  readonly #child: ChildProcess;
  readonly #last: string[] = [];
  readonly #over = new AbortController();
  /** Whether the command is held back because its readers are behind. */
  #isHeld = false;
  #hasExited = false;
  /** Descendants seen when the command was stopped: where no mark shows, those that left its group are found no other way. */
  #below: readonly number[] = [];
  /** Processes with the command's mark at the last look. */
  #marked: readonly number[] = [];

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

  notify(): void {
    // Not its group: what it started may not expect the signal, which ends most programs.
    if (!this.#hasExited) this.#child.kill('SIGUSR1');
  }

  /** Kills the command and everything it started. */
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
    // A command that does not read its task closes its input.
    child.stdin?.on('error', () => undefined);
    if (this.#options.input !== undefined) child.stdin?.end(this.#options.input);
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const end = await new Promise<CommandEnd>((resolve) => {
      child.once('error', (error) => resolve(notStarted(error, this.#options)));
      child.once('exit', (code, signal) => {
        if (code === null) resolve({ kind: 'signalled', signal: signal ?? 'a signal', output: this.#last });
        else resolve({ kind: 'exited', code, output: this.#last });
      });
    });
    if (end.kind === 'not-started') return end;
    // What is left in the pipes is little, and must not be lost.
    this.#hasExited = true;
    this.#goOn();
    await this.#sweep();
    // A process that left the group may hold the pipes open for any time.
    await Promise.race([closed, this.#options.clock.sleep(SWEEP_MS)]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    for (const reader of readers) reader.end();
    return end;
  }

  /** Ends what the command left running: the task has ended, and its worktree may be removed. */
  async #sweep(): Promise<void> {
    const { clock, marked } = this.#options;
    this.#marked = (await marked?.processes.soon(marked.value)) ?? [];
    if (!this.#isAnythingLeft()) return;
    this.#signal('SIGTERM');
    for (let waited = 0; this.#isAnythingLeft(); waited += POLL_MS) {
      if (waited >= SWEEP_MS) this.#signal('SIGKILL');
      // A process that survives SIGKILL hangs in the kernel.
      if (waited >= 2 * SWEEP_MS) return;
      await clock.sleep(POLL_MS);
    }
  }

  #isAnythingLeft(): boolean {
    if (this.#isGroupAlive()) return true;
    const { marked } = this.#options;
    if (marked === undefined || this.#marked.length === 0) return false;
    if (this.#marked.some((pid) => marked.processes.has(pid, marked.value))) return true;
    // Those that have ended may have started others.
    this.#marked = marked.processes.now(marked.value);
    if (this.#marked.length === 0) return false;
    this.#signal('SIGTERM');
    return true;
  }

  #line(line: string, stream: 'stdout' | 'stderr'): void {
    this.#last.push(line);
    if (this.#last.length > KEPT_LINES) this.#last.shift();
    this.#options.onLine(line, stream);
  }

  /** A command that writes more than its readers take must wait, as if it wrote to them directly. */
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
      // Another reader may be behind.
      this.#holdBack();
    });
  }

  #goOn(): void {
    this.#child.stdout?.resume();
    this.#child.stderr?.resume();
  }

  #lookBelow(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const { marked } = this.#options;
    this.#below = [...new Set([...this.#below, ...descendants(pid)])];
    if (marked !== undefined) this.#marked = marked.processes.now(marked.value);
  }

  #isGroupAlive(): boolean {
    return this.#child.pid !== undefined && send(-this.#child.pid, 0);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    send(-pid, signal);
    const { marked } = this.#options;
    const others = this.#marked.filter((each) => marked?.processes.has(each, marked.value));
    for (const each of new Set([...this.#below, ...others])) send(each, signal);
  }
}

/** @returns whether there is such a process or group */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
