import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { AgentqRun, RunningAgentq, RunOptions } from '../processes/run-agentq.ts';
import { auditQueue, type QueueAudit } from '../queues/queue-audit.ts';
import type { Files } from './git-sandbox.ts';
import { type Scene, scene } from './scene.ts';

/** A task of a queue that a pool is to work off. */
export interface PoolTask {
  readonly project?: string;
  readonly id: string;
  readonly status?: string;
  readonly priority?: number;
  readonly required?: readonly string[];
}

/** The file of a task, as `agents` layout has it. */
export function poolTaskText({
  project = 'shop',
  id,
  status = 'ready',
  priority = 5,
  required = [],
}: PoolTask): string {
  const dependencies =
    required.length === 0 ? [] : ['dependencies:', `  required[${required.length}]: ${required.join(',')}`];
  const head = ['task:', `  id: ${id}`, `  project: ${project}`, `  title: Title of ${id}`];
  return [...head, `  priority: ${priority}`, `  status: ${status}`, ...dependencies, ''].join('\n');
}

/**
 * A queue on a bare remote, a clone to work in, and a folder `meet` in which commands and tests wait for each other.
 */
export class WorkSession {
  readonly box: Scene;

  private constructor(box: Scene) {
    this.box = box;
    // After the agentq that would start others in their place.
    box.owns({
      close: async () => {
        for (const pid of await this.pids()) kill(pid, 'SIGKILL');
      },
    });
  }

  static async create(tasks: readonly PoolTask[], files: Files = {}): Promise<WorkSession> {
    const all: Record<string, string | null> = { ...files };
    for (const task of tasks) {
      const home = `.agents/${task.project ?? 'shop'}`;
      all[`${home}/tasks/${task.id}.toon`] = poolTaskText(task);
      all[`${home}/completed/.gitkeep`] = '';
    }
    const box = await scene({ files: all, clones: ['clone'] });
    await box.folder('meet');
    return new WorkSession(box);
  }

  /** Ends whatever a test has left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.box[Symbol.asyncDispose]();
  }

  get clone(): string {
    return this.box.path('clone');
  }

  /** Starts `agentq work` with a shell script as its command; `$MEET` is the folder to meet in. */
  work(args: readonly string[], script: string, options: RunOptions = {}): RunningAgentq {
    return this.box.start('clone', ['work', ...args, '--', 'sh', '-c', script], this.#options(options));
  }

  /** Runs another agentq in the clone, to its end. */
  agentq(...args: readonly string[]): Promise<AgentqRun> {
    return this.box.start('clone', args, this.#options()).done;
  }

  audit(): Promise<QueueAudit> {
    return auditQueue(this.box.path('remote.git'));
  }

  /** Subjects of the branch's commits, newest first. */
  async subjects(): Promise<string[]> {
    return (await this.box.git('remote.git', 'log', '--format=%s', 'develop')).split('\n');
  }

  /** Waits until a command has made this file in the folder to meet in. @returns what is in it */
  async met(name: string): Promise<string> {
    const path = this.box.path('meet', name);
    await until(() => existsSync(path));
    return readFile(path, 'utf8');
  }

  /** Makes this file: a command that waits for it goes on. See {@link WAIT}. */
  async meet(name: string): Promise<void> {
    await writeFile(this.box.path('meet', name), '');
  }

  /** Lets the remote go away, or come back. */
  async remote(state: 'away' | 'back'): Promise<void> {
    const [here, away] = [this.box.path('remote.git'), this.box.path('elsewhere.git')];
    await (state === 'away' ? rename(here, away) : rename(away, here));
  }

  /** Lets every claim look as if nothing had been heard of it for years: no test waits for a claim to stall. */
  async backdate(): Promise<void> {
    const files = await this.box.files('remote.git', 'develop');
    const old = Object.entries(files)
      .filter(([path]) => path.includes('/claimed/'))
      .map(([path, text]) => [path, text.replace(/last_heartbeat: .*/, 'last_heartbeat: 2020-01-01T00:00:00Z')]);
    await this.box.commitTo('remote.git', 'refs/heads/develop', Object.fromEntries(old), 'Let time pass');
  }

  /** Process ids that commands have noted in `meet/pids`, one per line. */
  async pids(): Promise<number[]> {
    const text = await readFile(this.box.path('meet', 'pids'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).map(Number);
  }

  #options(options: RunOptions = {}): RunOptions {
    return { ...options, env: { MEET: this.box.path('meet'), ...options.env } };
  }
}

/** Part of a script: notes its own process id, so that the test can see it end. */
export const NOTE_PID = 'echo $$ >> "$MEET/pids"; ';

/** Part of a script: waits for a file that the test makes with {@link WorkSession.meet}. */
export function waitFor(name: string): string {
  return `while ! [ -e "$MEET/${name}" ]; do sleep 0.05; done; `;
}

/** Resolves when stderr has said this. */
export function said({ child, done }: RunningAgentq, words: string | RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk;
      if (typeof words === 'string' ? text.includes(words) : words.test(text)) resolve();
    });
    done.then(({ stderr }) => reject(new Error(`it ended without saying ${words}: ${stderr}`)), reject);
  });
}

/** Waits for a condition that another process will make true. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Whether a process is still there; one that only its parent has not heard of yet is not. */
export async function isAlive(pid: number): Promise<boolean> {
  if (!kill(pid, 0)) return false;
  // The process may end while its file is read.
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (text === undefined) return existsSync('/proc/self') ? false : kill(pid, 0);
  return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3) !== 'Z';
}

/** @returns whether there was such a process */
export function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Waits until a signal is a second one, and not the repetition of the first: the rule of `src/main.ts` is one of time.
 */
export async function laterThanRepetition(): Promise<void> {
  const from = performance.now();
  await until(async () => performance.now() - from > 100);
}
