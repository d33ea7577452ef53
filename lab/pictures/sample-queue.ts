import { mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AGENTQ_BIN, type AgentqRun, type RunOptions, runAgentq } from '../../test/kit/processes/run-agentq.ts';
import { Scene, scene } from '../../test/kit/scene/scene.ts';
import { FailingWorker } from './failing-worker.ts';
import { SAMPLE_TASKS } from './sample-tasks.ts';

/** The time on all pictures, so that they change only if what they show does. */
export const SAMPLE_NOW: number = Date.parse('2026-03-12T15:42:00Z');

const SHIFT = fileURLToPath(new URL('shifted-clock.mjs', import.meta.url));

/**
 * A queue on a bare remote with a day of history, made by the real binary under a clock that we set. It has as many
 * clones as machines, and agents on different machines do not meet: they race, as machines do.
 */
export class SampleQueue implements AsyncDisposable {
  readonly box: Scene;
  readonly #machines: number;
  #workers = 0;

  private constructor(box: Scene, machines: number) {
    this.box = box;
    this.#machines = machines;
  }

  static async create(machines: number): Promise<SampleQueue> {
    const clones = Array.from({ length: machines }, (_, index) => nameOf(index));
    const box = await scene({ files: { '.agents-core/config/agentq.toon': SETTINGS }, clones });
    for (const name of clones) await box.folder(`${name}-meets`);
    return new SampleQueue(box, machines);
  }

  /** One that was made before, in this folder. */
  static at(root: string): SampleQueue {
    return new SampleQueue(new Scene(root), readdirSync(root).filter((name) => /^shop(-\d+)?$/.test(name)).length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.box[Symbol.asyncDispose]();
  }

  /** Where the pictures are taken. */
  get clone(): string {
    return this.box.path(nameOf(0));
  }

  /** The environment of an agentq of a machine that believes that this is the time. */
  at(time: number, machine = 0): RunOptions {
    const name = nameOf(machine % this.#machines);
    return {
      ...this.box.in(name),
      env: {
        ...this.box.env,
        LC_ALL: 'C.UTF-8',
        XDG_RUNTIME_DIR: this.box.path(`${name}-meets`),
        NODE_OPTIONS: `--import=${SHIFT}`,
        SAMPLE_TIME: String(time),
      },
    };
  }

  /** Runs agentq at this time. @throws if it fails, unless nothing was there to claim */
  async run(time: number, machine: number, args: readonly string[], input?: string): Promise<AgentqRun> {
    const options = this.at(time, machine);
    const answer = await runAgentq(args, input === undefined ? options : { ...options, input });
    if (answer.code !== 0 && answer.code !== 1) throw new Error(`${AGENTQ_BIN} ${args.join(' ')}: ${answer.stderr}`);
    return answer;
  }

  /** Starts a worker of this agent whose command fails when it is told to. */
  startFailing(time: number, machine: number, agent: string): FailingWorker {
    const { box } = this;
    const folder = box.path(`worker-${this.#workers++}`);
    mkdirSync(folder);
    const { env, ...options } = this.at(time, machine);
    // Nobody meets it: what it does for others would have the time at which it began.
    return new FailingWorker(
      folder,
      (args, ownEnv) => box.start(nameOf(machine % this.#machines), args, { ...options, env: { ...env, ...ownEnv } }),
      agent,
    );
  }

  /** Adds the tasks of these projects. */
  async add(time: number, fits: (project: string, priority: number) => boolean, by: string): Promise<void> {
    const lines = SAMPLE_TASKS.filter(({ project, priority }) => fits(project, priority));
    const input = lines.map((task) => JSON.stringify(task)).join('\n');
    await this.run(time, 0, ['add', '--file', '-', '--agent', by], input);
  }
}

/** The page is named after the folder of the clone that serves it. */
function nameOf(machine: number): string {
  return machine === 0 ? 'shop' : `shop-${machine}`;
}

const SETTINGS = 'agentq:\n  backoff_base: 20ms\n  combine: local\n  stalled_after: 2h\n  reclaim: off\n';
