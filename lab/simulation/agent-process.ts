import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../src/domain/base/clock.ts';

/** A program with its arguments. */
export type Argv = readonly [program: string, ...args: string[]];

/** What one process of an agent did. Times are those of the clock. */
export interface AgentRun {
  readonly startedAt: number;
  readonly endedAt: number;
  /** null if a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface AgentRunOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Ends the process gracefully (SIGTERM). */
  readonly signal: AbortSignal;
  /** Ends it like a crash (SIGKILL), at any moment. */
  readonly crash?: AbortSignal;
}

/** Runs processes of agents, and knows when nothing of them is left. */
export class AgentProcesses {
  readonly #groups = new Set<number>();

  /** Runs one process to its end, however it ends. */
  async run([program, ...args]: Argv, options: AgentRunOptions): Promise<AgentRun> {
    const { cwd, env, clock, signal, crash } = options;
    const startedAt = clock.now();
    // A process group of its own, so that we can wait for what a killed agent leaves running, for example a push.
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    if (child.pid !== undefined) this.#groups.add(child.pid);
    const interrupt = (): void => void child.kill('SIGTERM');
    const kill = (): void => void child.kill('SIGKILL');
    for (const [when, end] of [[signal, interrupt] as const, [crash, kill] as const]) {
      if (when?.aborted) end();
      else when?.addEventListener('abort', end, { once: true });
    }
    try {
      const { exitCode, stdout, stderr } = await ended(child);
      return { startedAt, endedAt: clock.now(), exitCode, stdout, stderr };
    } finally {
      signal.removeEventListener('abort', interrupt);
      crash?.removeEventListener('abort', kill);
    }
  }

  /** Waits until everything that agents have started has ended too; kills it after `limitMs`. */
  async settle(limitMs: number): Promise<void> {
    for (let waited = 0; this.#alive().length > 0; waited += 20) {
      if (waited >= limitMs) {
        for (const group of this.#alive()) signalGroup(group, 'SIGKILL');
        return;
      }
      await sleep(20);
    }
  }

  #alive(): number[] {
    for (const group of this.#groups) if (!signalGroup(group, 0)) this.#groups.delete(group);
    return [...this.#groups];
  }
}

/** @returns whether anything of the group is left */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

type Ended = Pick<AgentRun, 'exitCode' | 'stdout' | 'stderr'>;

function ended(child: ChildProcess): Promise<Ended> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Not `close`: processes that a killed agent leaves running hold its pipes open as long as they live.
    child.once('exit', (exitCode) => {
      const end = (): void => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ exitCode, stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)) });
      };
      if (exitCode === null) end();
      else child.once('close', end);
    });
  });
}
