import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a run of agentq gave. */
export interface OwnRun {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OwnRunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Interrupts the run, which then cleans up behind itself. */
  readonly signal: AbortSignal;
  /** `inherit`: stderr is this process's own, for what is drawn on a terminal. A function gets each line as it comes. */
  readonly stderr?: 'inherit' | ((line: string) => void);
}

/** How to start this very agentq: the same node, the same file that was started. */
export function ownProgram(): readonly [program: string, ...args: string[]] {
  const file = process.argv[1];
  if (file === undefined) throw new Error('this process was not started from a file');
  return [process.execPath, ...process.execArgv, file];
}

/**
 * Runs this very agentq in a process of its own, to its end. For commands that show what several agents do at once.
 * @throws what the signal was aborted with, when the process is gone
 */
export async function runOwnProcess(args: readonly string[], options: OwnRunOptions): Promise<OwnRun> {
  options.signal.throwIfAborted();
  const [program, ...own] = ownProgram();
  const child = spawn(program, [...own, ...args], {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', options.stderr === 'inherit' ? 'inherit' : 'pipe'],
    windowsHide: true,
  });
  const interrupt = (): void => void child.kill('SIGTERM');
  options.signal.addEventListener('abort', interrupt, { once: true });
  try {
    const run = await ended(child, options.stderr);
    options.signal.throwIfAborted();
    return run;
  } finally {
    options.signal.removeEventListener('abort', interrupt);
  }
}

function ended(child: ChildProcess, onStderr: OwnRunOptions['stderr']): Promise<OwnRun> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  if (child.stderr && typeof onStderr === 'function') {
    createInterface({ input: child.stderr, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onStderr);
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)) });
    });
  });
}
