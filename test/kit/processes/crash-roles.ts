import { readFile } from 'node:fs/promises';
import type { CrashPoint } from '../../../src/engine/base/crash-points.ts';
import { readyTasks } from '../queues/queue-files.ts';
import { type Gate, holdPush } from '../remotes/gate.ts';
import type { Files } from '../scene/git-sandbox.ts';
import { type Scene, scene } from '../scene/scene.ts';
import type { AgentqRun, RunningAgentq } from './run-agentq.ts';

/** What the processes of one scene share. */
export class Stage implements AsyncDisposable {
  readonly box: Scene;
  readonly remote: string;
  readonly gate: Gate;
  /** Answers of those who lived, by agent. */
  readonly answers = new Map<string, AgentqRun>();
  readonly #env: Readonly<Record<string, string>>;
  #count = 0;

  private constructor(box: Scene, gate: Gate) {
    this.box = box;
    this.remote = box.remote;
    this.gate = gate;
    this.#env = { XDG_RUNTIME_DIR: box.path('home') };
  }

  /** A queue of this many tasks and three clones of it; the first push to its branch waits at the gate. */
  static async open(tasks: number): Promise<Stage> {
    const box = await scene({ tasks, clones: ['one', 'two', 'three'] });
    return new Stage(box, box.owns(await holdPush(box, box.remote, 'push')));
  }

  /** Ends whoever is still there, and frees what stands at the gate. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.box[Symbol.asyncDispose]();
  }

  /** No push waits any more. */
  async ungate(): Promise<void> {
    await this.box.hook(this.remote, 'pre-receive', 'exit 0');
  }

  start(clone: string, args: readonly string[], crash: Readonly<Record<string, string>> = {}): Started {
    this.#count += 1;
    const steps = this.box.path(`steps-${this.#count}`);
    const env = { ...this.#env, AGENTQ_TEST_STEPS: steps, ...crash };
    return new Started(this.box.start(clone, args, { env }), crash.AGENTQ_TEST_STEPS ?? steps);
  }

  run(clone: string, args: readonly string[]): Promise<AgentqRun> {
    return this.start(clone, args).done;
  }

  /** Somebody else changes the branch, so that the push at the gate loses its race. */
  async moveBranch(files: Files = { 'news.md': 'News\n' }): Promise<void> {
    await this.box.commitTo(this.remote, 'refs/heads/develop', files);
  }

  /** The process, once it stands at the gate; `ended` where it was killed before. */
  async atGate(started: Started): Promise<'at-gate' | 'ended'> {
    const reached = this.gate.reached().then(() => 'at-gate' as const);
    return Promise.race([reached, started.done.then(() => 'ended' as const)]);
  }

  /** Waits for the answer of one that is not to be killed. */
  async answer(agent: string, started: Started): Promise<void> {
    this.answers.set(agent, await started.done);
  }
}

/** A process that tells which steps it has reached. */
export class Started {
  readonly child: RunningAgentq['child'];
  readonly done: Promise<AgentqRun>;
  readonly #steps: string;
  #isOver = false;

  constructor({ child, done }: RunningAgentq, steps: string) {
    this.child = child;
    this.done = done;
    this.#steps = steps;
    void done.then(() => {
      this.#isOver = true;
    });
  }

  /** Resolves when it has reached one of the steps, or has ended. */
  async reached(...wanted: readonly CrashPoint[]): Promise<void> {
    const isReached = async (): Promise<boolean> => {
      const steps = await stepsIn(this.#steps);
      return wanted.some((step) => steps.includes(step));
    };
    while (!this.#isOver && !(await isReached())) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The steps that were noted in the file. */
export async function stepsIn(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

/** One way of meeting others, played by a process that is killed in it. */
export interface Role {
  /** The command that is killed, and that is run once more after that. */
  readonly command: readonly string[];
  /** Exit codes of the same command when it is run once more: the first one may have been carried out. */
  readonly again: readonly number[];
  /** Exit codes of a victim that has not come to the step that it was to be killed at; absent: 0. */
  readonly ends?: readonly number[];
  /** Steps that it is certain to pass, and that only this role is killed at where each is tried once. */
  readonly steps: readonly CrashPoint[];
  /** Ready tasks at the beginning, where they are not eight. */
  readonly tasks?: number;
  /** Plays it to the end: everybody has ended, except what is not waited for. */
  play(stage: Stage, crash: Readonly<Record<string, string>>): Promise<AgentqRun>;
}

const CLAIM = ['claim', 'a1'];

/** By SIGTERM, unless it was done when that came. */
const INTERRUPTED = [0, 143];

/** Publishes, and is killed: its request lies there as that of a dead agent. */
async function leaveRequest(stage: Stage, agent: string): Promise<void> {
  const dead = stage.start('three', ['claim', agent, '--combine', 'remote'], { AGENTQ_TEST_CRASH: 'published' });
  if ((await stage.atGate(dead)) === 'at-gate') {
    await stage.moveBranch();
    await stage.gate.open();
  }
  await dead.done;
  // It may have ended before it came to the gate.
  await stage.ungate();
}

/** An agent that has claimed, and ends its claim. */
function oneThatEnds(command: 'complete' | 'release'): Role {
  return {
    command: [command, 'TASK-1', 'a1'],
    again: [0, 3],
    steps: [],
    async play(stage, crash) {
      await stage.ungate();
      await stage.run('one', CLAIM);
      return stage.start('one', this.command, crash).done;
    },
  };
}

/** The one that meets nobody. */
export const alone: Role = {
  command: [...CLAIM, '--combine', 'none'],
  again: [0],
  steps: ['looked', 'joined', 'read', 'built', 'announced', 'pushing', 'pushed', 'settled', 'following', 'followed'],
  async play(stage, crash) {
    await stage.ungate();
    return stage.start('one', this.command, crash).done;
  },
};

export const ROLES: Readonly<Record<string, Role>> = {
  'an agent that claims alone': alone,
  'an agent that loses a race, alone': {
    command: [...CLAIM, '--combine', 'none', '--backoff-base', '1ms'],
    again: [0],
    steps: [],
    async play(stage, crash) {
      const victim = stage.start('one', this.command, crash);
      if ((await stage.atGate(victim)) === 'at-gate') {
        await stage.moveBranch();
        await stage.gate.open();
      }
      return victim.done;
    },
  },
  'the leader of a machine': {
    command: [...CLAIM],
    again: [0],
    steps: ['elected', 'accepted', 'answering', 'answered'],
    async play(stage, crash) {
      const victim = stage.start('one', this.command, crash);
      const state = await stage.atGate(victim);
      const follower = stage.start('one', ['claim', 'a2', '--no-sync']);
      if (state === 'at-gate') {
        await victim.reached('accepted');
        await stage.gate.open();
      } else await stage.ungate();
      await stage.answer('a2', follower);
      return victim.done;
    },
  },
  'the follower of a machine': {
    command: [...CLAIM],
    again: [0],
    steps: ['submitted', 'taken', 'told'],
    async play(stage, crash) {
      const leader = stage.start('one', ['claim', 'a2']);
      await stage.atGate(leader);
      const victim = stage.start('one', this.command, crash);
      await Promise.race([leader.reached('accepted'), victim.done]);
      await stage.gate.open();
      await stage.answer('a2', leader);
      return victim.done;
    },
  },
  'the leader of several machines': {
    command: [...CLAIM, '--combine', 'remote'],
    again: [0],
    steps: ['publishing', 'published', 'waiting', 'leading'],
    async play(stage, crash) {
      await leaveRequest(stage, 'a3');
      return stage.start('one', this.command, crash).done;
    },
  },
  'one that is helped by another machine': {
    command: [...CLAIM, '--combine', 'remote'],
    again: [0],
    steps: ['adopted'],
    async play(stage, crash) {
      await leaveRequest(stage, 'a3');
      const leader = stage.start('two', ['claim', 'a2', '--combine', 'remote']);
      await leader.reached('published');
      const victim = stage.start('one', this.command, crash);
      await stage.answer('a2', leader);
      return victim.done;
    },
  },
  'one that takes its request back': {
    command: [...CLAIM, '--combine', 'remote'],
    again: [0],
    ends: INTERRUPTED,
    steps: ['withdrawing', 'withdrawn'],
    async play(stage, crash) {
      await leaveRequest(stage, 'a3');
      const victim = stage.start('one', this.command, crash);
      await victim.reached('waiting');
      victim.child.kill('SIGTERM');
      return victim.done;
    },
  },
  'one that gives back what it claimed when it is interrupted': {
    command: [...CLAIM, '--combine', 'none'],
    again: [0],
    ends: INTERRUPTED,
    steps: ['giving-back'],
    async play(stage, crash) {
      const victim = stage.start('one', this.command, crash);
      if ((await stage.atGate(victim)) === 'at-gate') {
        victim.child.kill('SIGTERM');
        await stage.gate.open();
      }
      return victim.done;
    },
  },
  'one that completes': oneThatEnds('complete'),
  'one that releases': oneThatEnds('release'),
  'one that renews by refs': {
    command: ['heartbeat', 'TASK-1', 'a1'],
    again: [0],
    steps: ['beating', 'beaten'],
    async play(stage, crash) {
      await stage.ungate();
      await stage.moveBranch({ '.agents-core/config/agentq.toon': 'agentq:\n  heartbeat: ref\n' });
      await stage.run('one', CLAIM);
      return stage.start('one', this.command, crash).done;
    },
  },
  'the one that looks for all who wait': {
    command: [...CLAIM, '--wait', '120s'],
    again: [0],
    steps: ['watching', 'seen'],
    tasks: 0,
    async play(stage, crash) {
      await stage.ungate();
      const victim = stage.start('one', this.command, crash);
      await victim.reached('watching');
      const other = stage.start('one', ['claim', 'a2', '--wait', '120s']);
      // Where nobody looks for it any more, it looks itself.
      await other.reached('listening', 'watching');
      await stage.moveBranch(readyTasks(6));
      await stage.answer('a2', other);
      return victim.done;
    },
  },
  'one of those who wait': {
    command: [...CLAIM, '--wait', '120s'],
    again: [0],
    steps: ['listening'],
    tasks: 0,
    async play(stage, crash) {
      await stage.ungate();
      const other = stage.start('one', ['claim', 'a2', '--wait', '120s']);
      await other.reached('watching');
      const victim = stage.start('one', this.command, crash);
      await victim.reached('listening');
      await stage.moveBranch(readyTasks(6));
      await stage.answer('a2', other);
      return victim.done;
    },
  },
  'a worker': {
    command: ['work', 'a1', '--max-tasks', '1', '--', 'true'],
    again: [0],
    steps: ['working', 'worked'],
    async play(stage, crash) {
      await stage.ungate();
      return stage.start('one', this.command, crash).done;
    },
  },
};
