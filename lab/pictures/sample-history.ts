import type { FailingWorker } from './failing-worker.ts';
import { SAMPLE_NOW, SampleQueue } from './sample-queue.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGIN = SAMPLE_NOW - 11 * HOUR;
const MACHINES = 4;

/** When each begins to work, in hours after the beginning. Those of a machine are every fourth. */
const AGENTS: readonly (readonly [name: string, fromHours: number])[] = [
  ...(['claude-1', 'claude-2', 'codex-1', 'gemini-1'] as const).map((name) => [name, 0.1] as const),
  ...(['claude-3', 'codex-2'] as const).map((name) => [name, 2] as const),
  ...(['claude-4', 'gemini-2'] as const).map((name) => [name, 4.5] as const),
  ...(['claude-5', 'claude-6', 'codex-3', 'aider-1'] as const).map((name) => [name, 7.5] as const),
  ...(['cursor-1', 'claude-7', 'codex-4'] as const).map((name) => [name, 9.8] as const),
];

const QUESTIONS: readonly (readonly [question: string, answer: string | undefined])[] = [
  [
    'Two records say different things. Keep the newer one, or ask the customer?',
    'Keep the newer one, as the app does.',
  ],
  ['Staging has no data of Austria. Shall I invent some, or does somebody have a dump?', undefined],
  ['May I add a library for this (550 kB), or shall I write it by hand?', 'By hand, please.'],
  ['The spec says 30 days, the tests expect 14. Which one is right?', undefined],
];
/** Last words of commands. */
const FAILURES = [
  'the integration suite ran out of memory',
  '3 of 214 tests fail',
  'the staging database is read-only',
  'the linter found 12 problems',
];
const GIVEN_BACK = ['needs a decision about the schema first', 'the sandbox of the bank is down until noon'];

/** What an agent does next. */
interface Turn {
  at: number;
  readonly agent: string;
  readonly machine: number;
  readonly holds: string | undefined;
  /** Has the task instead, and will fail. */
  readonly worker: FailingWorker | undefined;
}

/**
 * Makes the queue of the pictures: 112 tasks, 15 agents on four machines, and a day in which they claim, fail, ask and
 * complete. It takes a minute or two.
 */
export async function sampleHistory(): Promise<SampleQueue> {
  const queue = await SampleQueue.create(MACHINES);
  await new History(queue).play();
  return queue;
}

class History {
  readonly #queue: SampleQueue;
  readonly #chance = chances(20);
  #turns: Turn[];
  #asked = 0;
  #ends = 0;
  #claims = 0;
  #failed = 0;

  constructor(queue: SampleQueue) {
    this.#queue = queue;
    this.#turns = AGENTS.map(([agent, fromHours], index) => ({
      at: BEGIN + fromHours * HOUR + 40_000 * index,
      agent,
      machine: index % MACHINES,
      holds: undefined,
      worker: undefined,
    }));
  }

  async play(): Promise<void> {
    const queue = this.#queue;
    await queue.add(BEGIN, (project, priority) => isOfMorning(project) && priority > 4, 'anna');
    const later: (readonly [hours: number, act: (at: number) => Promise<unknown>])[] = [
      [3, (at) => queue.add(at, (project) => project === 'platform', 'ben')],
      [4, (at) => this.#answer(at)],
      [6.5, (at) => queue.add(at, (project, priority) => isOfMorning(project) && priority <= 4, 'anna')],
      [6.5, (at) => this.#block(at)],
      [9, (at) => this.#answer(at)],
      [9.2, (at) => queue.add(at, (project) => project === 'loyalty', 'ben')],
      // Shortly before the picture, so that something is ready: agents come for it one after the other.
      [10.85, (at) => queue.add(at, (project) => project === 'accounts', 'ben')],
    ];
    for (;;) {
      const at = Math.min(...this.#turns.map((turn) => turn.at));
      const [next] = later;
      if (next !== undefined && BEGIN + next[0] * HOUR <= Math.min(at, SAMPLE_NOW)) {
        later.shift();
        await next[1](BEGIN + next[0] * HOUR);
      } else if (at > SAMPLE_NOW) return this.#beat();
      else await this.#step(at);
    }
  }

  /** What is due within 3 s happens at once: agents of different machines race then. */
  async #step(at: number): Promise<void> {
    const due = this.#turns.filter((turn) => turn.at <= at + 3_000);
    this.#turns = this.#turns.filter((turn) => !due.includes(turn));
    const next = await Promise.all(due.map((turn) => this.#take(turn)));
    for (const turn of next) if (turn !== undefined) this.#turns.push(turn);
    this.#turns.sort((a, b) => a.at - b.at);
  }

  #take(turn: Turn): Promise<Turn | undefined> {
    if (turn.worker !== undefined) return this.#fail(turn, turn.worker);
    return turn.holds === undefined ? this.#claim(turn) : this.#go(turn);
  }

  /** @returns undefined for an agent that is never heard of again */
  async #claim(turn: Turn): Promise<Turn | undefined> {
    const { at, agent, machine } = turn;
    const end = at + (24 + 85 * this.#chance() ** 1.6) * MINUTE;
    // Who is still at work in the end has not failed.
    if (end < SAMPLE_NOW && agent !== LOST && FAILS_AT.has(this.#claims++)) {
      const worker = this.#queue.startFailing(at, machine, agent);
      return (await worker.hasBegun()) ? { ...turn, worker, at: end } : { ...turn, at: at + 15 * MINUTE };
    }
    const { code, stdout } = await this.#queue.run(at, machine, ['claim', agent]);
    if (code === 1) return { ...turn, at: at + 15 * MINUTE };
    if (agent === LOST && SAMPLE_NOW - at < 4 * HOUR) return undefined;
    return { ...turn, holds: stdout.trim(), at: end };
  }

  async #fail(turn: Turn, worker: FailingWorker): Promise<Turn> {
    await worker.fail(turn.at, FAILURES[this.#failed++ % FAILURES.length] ?? '');
    return { ...turn, worker: undefined, at: turn.at + 5 * MINUTE };
  }

  /** Ends its task. */
  async #go(turn: Turn): Promise<Turn> {
    const { at, agent, machine, holds = '' } = turn;
    const run = (...args: readonly string[]): Promise<unknown> => this.#queue.run(at, machine, args);
    const left = SAMPLE_NOW - at;
    this.#ends++;
    const asks = ASKED_AT.has(this.#ends);
    const givesBack = this.#ends % 31 === 12;
    if (asks) await run('ask', holds, agent, QUESTIONS[this.#asked++ % QUESTIONS.length]?.[0] ?? '');
    else if (givesBack) await run('release', holds, agent, '--reason', GIVEN_BACK[this.#ends % 2] ?? '');
    else if (left < 3 * HOUR && this.#ends % 3 === 0) {
      await run('review', holds, agent, `https://github.com/acme/shop/pull/${1200 + this.#ends}`);
    } else {
      if (this.#ends % 9 === 0) await run('note', holds, 'The fixtures of staging were enough.', '--agent', agent);
      await run('complete', holds, agent, `https://github.com/acme/shop/pull/${1200 + this.#ends}`);
    }
    // Schedulers look every five minutes: so agents meet.
    const next = Math.ceil((at + MINUTE) / (5 * MINUTE)) * 5 * MINUTE;
    return { ...turn, holds: undefined, at: next };
  }

  /** Those who work are heard of shortly before the picture is taken. */
  async #beat(): Promise<void> {
    for (const { agent, machine, holds } of this.#turns) {
      if (holds === undefined) continue;
      await this.#queue.run(SAMPLE_NOW - 5 * MINUTE * this.#chance(), machine, ['heartbeat', holds, agent]);
    }
  }

  /** Answers the oldest question, as people do when they come to work. */
  async #answer(at: number): Promise<void> {
    const { stdout } = await this.#queue.run(at, 0, ['list', '--asking', '--json']);
    const [task] = (JSON.parse(stdout) as { tasks: { project: string; task: string }[] }).tasks;
    if (task === undefined) return;
    const answer = QUESTIONS.find(([, text]) => text !== undefined)?.[1] ?? 'Yes.';
    await this.#queue.run(at, 0, ['answer', `${task.project}/${task.task}`, answer, '--agent', 'anna']);
  }

  async #block(at: number): Promise<void> {
    const reason = 'waits for legal to approve the wording';
    await this.#queue.run(at, 0, ['block', 'payments/TASK-016', '--reason', reason, '--agent', 'ben']);
  }
}

function isOfMorning(project: string): boolean {
  return !['platform', 'loyalty', 'accounts'].includes(project);
}

/** Its machine is switched off while it has a task. */
const LOST = 'gemini-2';

/** After so many ends, an agent asks instead. */
const ASKED_AT: ReadonlySet<number> = new Set([6, 19, 44, 57]);

/** The claims whose tasks fail: more of them in the evening, when the tests' database was full. */
const FAILS_AT: ReadonlySet<number> = new Set([5, 16, 28, 37, 45, 49, 52, 58, 71]);

/** Chances between 0 and 1, the same ones each time (mulberry32). */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
