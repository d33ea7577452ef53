import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AgentqRun } from '../processes/run-agentq.ts';
import type { Scene } from '../scene/scene.ts';
import { kill } from '../scene/work-session.ts';
import { AGENT_SCRIPT, KEYS, MARK } from './agent.ts';

/** A supervisor gives up on a worker that ends so often: something is broken. */
const MOST_STARTS = 60;

/** One machine of the day: a clone, a folder of its own to meet in, and a supervisor that starts its worker again. */
export class DayMachine {
  readonly name: string;
  /** What each worker of this machine said until it ended. */
  readonly runs: AgentqRun[] = [];
  readonly #box: Scene;
  readonly #options: readonly string[];
  #isOver = false;
  #running: { readonly pid: number | undefined; end(): void } | undefined;

  constructor(box: Scene, name: string, options: readonly string[]) {
    this.#box = box;
    this.name = name;
    this.#options = options;
  }

  /** Starts workers, one after the other, until the day is over. */
  async supervise(): Promise<void> {
    for (let starts = 0; !this.#isOver; starts++) {
      if (starts === MOST_STARTS)
        throw new Error(`${this.name} started ${starts} workers: ${this.runs.at(-1)?.stderr}`);
      const command = ['work', this.name, '--concurrency', '3', '--wait', '--worktree', ...this.#options];
      const { child, done } = this.#box.start(this.name, [...command, '--', 'sh', '-c', AGENT_SCRIPT], {
        env: {
          DAY: this.#box.path('day'),
          DAY_MACHINE: this.name,
          [MARK]: this.#mark,
          KEY_A: KEYS[0],
          KEY_B: KEYS[1],
          HOME: this.#box.path('home'),
          XDG_RUNTIME_DIR: this.#box.path(`run-${this.name}`),
        },
        group: 'own',
      });
      this.#running = { pid: child.pid, end: () => child.kill('SIGTERM') };
      this.runs.push(await done);
    }
  }

  /** Switches the machine off, if an agent has asked for that: nothing on it lives on. */
  switchOffIfAsked(): void {
    const asked = this.#box.path('day', `crash-${this.name}`);
    if (!existsSync(asked)) return;
    rmSync(asked);
    for (const pid of marked(this.#mark)) kill(pid, 'SIGKILL');
  }

  /** Tells the worker to end, and starts no other. */
  end(): void {
    this.#isOver = true;
    this.#running?.end();
  }

  /** Processes that were started for this machine and still live. */
  left(): number[] {
    return marked(this.#mark);
  }

  get #mark(): string {
    return `${this.#box.root}:${this.name}`;
  }
}

/** Processes that have this mark in their environment. */
function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${MARK}=${mark}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}
