import { setMaxListeners } from 'node:events';
import { seededRandomness } from '../../../lab/model/seeded-randomness.ts';
import { VirtualTime } from '../../../lab/model/virtual-time.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { given } from '../../../src/domain/base/given.ts';
import type { ClaimedOutcome } from '../../../src/domain/intents/outcome.ts';
import { DEFAULT_POOL_SETTINGS } from '../../../src/domain/queue/snapshot.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';
import { AFTERWARDS, type Answer, type Ending, type History, type Told } from '../history.ts';
import type { MeetServerSpec, ProcessEvent, ProcessSpec, Step, WorldSpec } from '../spec.ts';
import { runCommand } from './commands.ts';
import { nothingSeen } from './evidence.ts';
import { SimMeetServer } from './meet-server.ts';
import { MeetingPlaces } from './meeting.ts';
import { type Machine, SimProcess, type Span, START } from './process.ts';
import { abilitiesOfClone, type MachineState, openSimQueue } from './queue.ts';
import { isHelpRef, SimServer } from './server.ts';
import { strangerAt } from './stranger.ts';
import { isEndless, troublesOf, workMs } from './times.ts';

/** How long (ms) a process lives on when the world is over. */
const LINGERS_MS = 1_500;

/** After the last trouble, everybody must be answered within this long (ms): a hanging connection is cut by then. */
const LIMIT_MS = 20 * 60_000;

/** After this long (ms) what ended processes left on the server may be swept by whoever comes. */
const SWEEP_AFTER_MS = 200_000;

/** Most that all processes together begin to do; a world of chance takes some hundreds. */
const MOST_STEPS = 50_000;

/** A line a step, for `--trace`. */
export type Trace = (at: number, process: string, what: string) => void;

/** Runs the world to its end. The same spec gives the same history. */
export async function runWorld(spec: WorldSpec, trace: Trace = () => undefined): Promise<History> {
  return new World(spec, trace).run();
}

interface Running {
  readonly process: SimProcess;
  readonly interrupt: AbortController;
  readonly urgent: AbortController;
  readonly killed: Promise<Told>;
  /** What it does after its answer: the end of that is the end of the process. */
  closing: Promise<void>;
  interruptedAt: number | undefined;
  urgedAt: number | undefined;
}

class World {
  readonly #spec: WorldSpec;
  readonly #trace: Trace;
  readonly #time = new VirtualTime(START, 2);
  readonly #server: SimServer;
  readonly #meet: SimMeetServer | undefined;
  readonly #machines: readonly (MachineState & { readonly machine: Machine })[];
  readonly #first;
  readonly #over = new AbortController();
  readonly #answers: Answer[] = [];
  readonly #endings: Ending[] = [];
  readonly #announced: { at: number; processes: readonly string[] }[] = [];
  #steps = 0;
  #giveUp: (error: Error) => void = () => undefined;
  /** Rejects when somebody goes on forever. */
  readonly #endless = new Promise<never>((_, reject) => {
    this.#giveUp = reject;
  });
  readonly #ended = new Map<string, Promise<void>>();
  readonly #claimed = new Map<string, ClaimedOutcome>();

  constructor(spec: WorldSpec, trace: Trace) {
    this.#spec = spec;
    // Every process listens to it: node takes more than ten for a leak.
    setMaxListeners(0, this.#over.signal);
    this.#trace = (at, process, what) => trace(at - START, process, what);
    const { stalledAfterMs = DEFAULT_POOL_SETTINGS.stalledAfterMs, heartbeat = 'commit' } = spec;
    const ids = Array.from({ length: spec.tasks }, (_, index) => `TASK-${index + 1}`);
    const settings = { ...DEFAULT_POOL_SETTINGS, stalledAfterMs, heartbeat };
    this.#first = { ...snapshotOf(ids.map((id) => ({ id }))), settings };
    this.#server = new SimServer(this.#time, spec.server, this.#first, this.#chance('server').next, (process, what) =>
      this.#trace(this.#time.now(), process, what),
    );
    // The last one is for whoever comes after everybody.
    const { meet } = spec;
    this.#meet = meet && new SimMeetServer(this.#time, meet, this.#chance('meet').next);
    this.#machines = [...spec.machines, {}].map((machine, index) => ({
      machine: {
        name: `m${index + 1}`,
        offsetMs: machine.offsetMs ?? 0,
        rate: machine.rate ?? 1,
        diskFull: machine.diskFull ?? [],
        meets: machine.meets ?? true,
      },
      places: new MeetingPlaces(this.#time),
      abilities: abilitiesOfClone(),
      sightings: nothingSeen(),
    }));
  }

  async run(): Promise<History> {
    const all = this.#spec.processes.map((process) => {
      const ended = this.#life(process);
      this.#ended.set(process.name, ended);
      return ended;
    });
    const troubles = troublesOf(this.#spec);
    const last = Math.max(0, ...troubles.map(({ to }) => to), ...this.#spec.processes.map(({ startMs }) => startMs));
    const work = async (): Promise<void> => {
      const finite = all.filter((_, index) => !isEndless(this.#spec.processes[index]));
      await Promise.race([Promise.all(finite), this.#time.sleep(last + LIMIT_MS + workMs(this.#spec))]);
      this.#over.abort();
      await this.#time.sleep(2 * LINGERS_MS);
      for (const name of AFTERWARDS) {
        await this.#time.sleep(SWEEP_AFTER_MS);
        const command = { kind: 'claim', agent: name } as const;
        await this.#life({ name, machine: this.#machines.length - 1, startMs: 0, command });
      }
    };
    await this.#time.run(Promise.race([work(), this.#endless]));
    return this.#history(troubles);
  }

  async #life(spec: ProcessSpec): Promise<void> {
    if (spec.after !== undefined) await this.#ended.get(spec.after);
    await this.#time.sleep(spec.startMs);
    const machine = this.#machines[spec.machine];
    if (machine === undefined) throw new Error(`there is no machine ${spec.machine}`);
    const process = new SimProcess(spec.name, machine.machine, this.#time, this.#chance(spec.name));
    const killed = new Promise<Told>((resolve) => process.onDeath(() => resolve({ kind: 'killed' })));
    const running: Running = {
      process,
      killed,
      closing: Promise.resolve(),
      interrupt: new AbortController(),
      urgent: new AbortController(),
      interruptedAt: undefined,
      urgedAt: undefined,
    };
    const startedAt = this.#time.now();
    this.#trace(startedAt, spec.name, `starts: ${JSON.stringify(spec.command)}`);
    for (const event of spec.events ?? []) if ('ms' in event.at) void this.#later(event.at.ms, event, running);
    const told = await this.#command(spec, running, machine);
    const endedAt = this.#time.now();
    this.#trace(endedAt, spec.name, `told ${JSON.stringify(told).slice(0, 400)}`);
    if (told.kind === 'done' && told.outcome.kind === 'claimed') this.#claimed.set(spec.name, told.outcome);
    const { interruptedAt, urgedAt } = running;
    this.#answers.push({
      process: spec.name,
      command: spec.command,
      ids: process.ids,
      startedAt,
      endedAt,
      told,
      ...(interruptedAt === undefined || interruptedAt > endedAt ? {} : { interruptedAt }),
      ...(urgedAt === undefined || urgedAt > endedAt ? {} : { urgedAt }),
      suspensions: process.suspensions.map(({ from, to }) => ({ from, to: Math.min(to ?? endedAt, endedAt) })),
    });
    void this.#end(running, endedAt);
  }

  /** A process ends when it has seen through what it does for others; and with the world, soon. */
  async #end(running: Running, answeredAt: number): Promise<void> {
    const { process, closing } = running;
    const closed = closing.then(() => {
      if (process.state === 'dead') return;
      const to = this.#time.now();
      this.#trace(to, process.name, 'ends');
      const { interruptedAt } = running;
      this.#endings.push({
        process: process.name,
        waitedMs: process.runningIn({ from: answeredAt, to }),
        ...(interruptedAt === undefined
          ? {}
          : { afterInterruptMs: process.runningIn({ from: Math.max(answeredAt, interruptedAt), to }) }),
      });
    });
    const over = aborted(this.#over.signal).then(() => this.#time.sleep(LINGERS_MS));
    await Promise.race([closed, over]);
    process.end();
  }

  async #command(spec: ProcessSpec, running: Running, machine: MachineState): Promise<Told> {
    const { process, killed, interrupt, urgent } = running;
    const { command, version = 'this' } = spec;
    if (command.kind === 'stranger') {
      await strangerAt(process, machine.places, command.says, this.#meet);
      return Promise.race([killed, aborted(this.#over.signal).then((): Told => ({ kind: 'stopped' }))]);
    }
    const steps = new Map<Step, number>();
    const queue = openSimQueue({
      process,
      machine,
      server: this.#server,
      meet: this.#meet,
      time: this.#time,
      latencyMs: this.#spec.latencyMs / 2,
      // As `work` has it: after the first signal the queue is still needed, for everything that has to be given back.
      signal: command.kind === 'work' ? new AbortController().signal : interrupt.signal,
      timeoutMs: 'timeoutMs' in command ? command.timeoutMs : undefined,
      maxRetries: 'maxRetries' in command && command.maxRetries !== undefined ? command.maxRetries : 8,
      version,
      onAnnounced: () => {
        const here = this.#spec.processes.filter((other) => other.machine === spec.machine);
        this.#announced.push({ at: this.#time.now(), processes: here.map(({ name }) => name) });
      },
      onStep: (step) => {
        if (++this.#steps > MOST_STEPS) this.#giveUp(new Error(`${spec.name} goes on for ever, with ${step}`));
        const number = (steps.get(step) ?? 0) + 1;
        steps.set(step, number);
        this.#trace(this.#time.now(), spec.name, `${step} ${number}`);
        for (const event of spec.events ?? []) {
          if ('step' in event.at && event.at.step === step && event.at.number === number) this.#do(event, running);
        }
      },
    });
    const around = {
      process,
      queue,
      interrupt: interrupt.signal,
      urgent: urgent.signal,
      claimed: (name: string) => this.#claimed.get(name),
      over: this.#over.signal,
    };
    const told = runCommand(command, around);
    // The caller has its answer: what the process does from then on is for others.
    running.closing = told.then(() => queue.close(interrupt.signal));
    // Those that go on until then are told by themselves, and who comes after everybody begins after that.
    if (command.kind === 'watch' || this.#over.signal.aborted) return Promise.race([told, killed]);
    return Promise.race([told, killed, aborted(this.#over.signal).then((): Told => ({ kind: 'nothing' }))]);
  }

  async #later(ms: number, event: ProcessEvent, running: Running): Promise<void> {
    await this.#time.sleep(ms);
    this.#do(event, running);
  }

  #do(event: ProcessEvent, running: Running): void {
    const { process, interrupt, urgent } = running;
    if (process.state === 'dead') return;
    this.#trace(this.#time.now(), process.name, `-- ${event.do}`);
    switch (event.do) {
      case 'kill':
        process.end();
        return;
      case 'suspend':
        process.suspend();
        void this.#time.sleep(event.forMs ?? 60_000).then(() => {
          if (process.state === 'suspended') this.#trace(this.#time.now(), process.name, '-- resumed');
          process.resume();
        });
        return;
      case 'interrupt':
        running.interruptedAt ??= this.#time.now();
        process.deliver(() => interrupt.abort(interrupted('SIGINT')));
        return;
      case 'interrupt-again':
        // Two signals, whatever came before.
        running.interruptedAt ??= this.#time.now();
        running.urgedAt ??= this.#time.now();
        process.deliver(() => interrupt.abort(interrupted('SIGINT')));
        process.deliver(() => urgent.abort(interrupted('SIGTERM')));
    }
  }

  #history(trouble: readonly Span[]): History {
    const server = this.#server;
    return {
      answers: this.#answers,
      endings: this.#endings,
      commits: server.commits,
      machines: this.#spec.machines.length,
      stalledAfterMs: this.#first.settings.stalledAfterMs,
      firstTasks: new Map(
        [...this.#first.projects.values()].flatMap(({ entries }) =>
          entries.map(({ key, path }): [string, string] => [formatKey(key), path]),
        ),
      ),
      pushes: server.pushes,
      hangs: server.hangs,
      beats: server.beats,
      looks: server.looks,
      refsLeft: [...server.refs.keys()].filter(isHelpRef),
      server: {
        deletes: this.#spec.server.deleting === undefined || this.#spec.server.deleting === 'taken',
        hides: this.#spec.server.making === 'hidden',
        // A fault without a number is there forever.
        neverCalm: this.#spec.server.scripted?.some(({ number }) => number === undefined) === true,
        trouble: [...trouble, ...server.away].map(({ from, to }) => ({ from: from + START, to: to + START })),
      },
      announced: this.#announced,
      ...(isSteady(this.#spec.meet) ? given({ pushLimit: this.#spec.meet?.pushLimit }) : {}),
      meetings: new Map(this.#machines.flatMap(({ places }) => [...places.meetings])),
      endedAt: this.#time.now(),
    };
  }

  #chance(name: string): ReturnType<typeof seededRandomness> {
    let hash = this.#spec.seed >>> 0;
    for (const char of name) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
    return seededRandomness(hash);
  }
}

/** Whether everybody could always reach the server where machines meet, which forgot nothing. */
function isSteady({ away = [], cut = [], forgets = [] }: MeetServerSpec = { latencyMs: 0 }): boolean {
  return away.length === 0 && cut.length === 0 && forgets.length === 0;
}

function interrupted(signal: string): Failure {
  return new Failure('interrupted', `interrupted by ${signal}`, { details: { signal } });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
