import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The result of a run of agentq. */
export interface OwnRun {
  /** null if a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OwnRunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Interrupts the run, which then cleans up after itself. */
  readonly signal: AbortSignal;
  /** `inherit`: the run writes to this process's stderr. A function gets each line as it comes. */
  readonly stderr?: 'inherit' | ((line: string) => void);
}

/** How to start this same agentq: the same node, and the file that was started. */
export function ownProgram(): readonly [program: string, ...args: string[]] {
  const file = process.argv[1];
  if (file === undefined) throw new Error('this process was not started from a file');
  return [process.execPath, ...process.execArgv, file];
}

/**
 * Runs this same agentq in a process of its own, to its end. For commands that show what several agents do at once.
 * @throws the reason of the signal, once the process has ended
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
