import type { VirtualTime } from '../../../lab/model/virtual-time.ts';
import type { Clock, Randomness } from '../../../src/domain/base/clock.ts';

/** A machine: its clock may be off, and its disk may be full for a while. Times are ms of true time. */
export interface Machine {
  readonly name: string;
  readonly offsetMs: number;
  /** 1 is exact; 1.001 gains a millisecond in every second. */
  readonly rate: number;
  readonly diskFull: readonly Span[];
  /** Whether processes can meet here. */
  readonly meets: boolean;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** When true time begins; any time will do, but the same each time. */
export const START: number = Date.UTC(2026, 0, 1);

/**
 * A simulated process. All that reaches it from outside (a timer, an answer, a message) passes through {@link deliver}:
 * so a suspended one neither reads nor acts, and one that was killed never does anything again.
 */
export class SimProcess {
  readonly name: string;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly random: Randomness;
  /** Ids that it drew: every request of its own is among them. */
  readonly ids: string[] = [];
  readonly suspensions: { from: number; to: number | undefined }[] = [];
  readonly #time: VirtualTime;
  #state: 'running' | 'suspended' | 'dead' = 'running';
  #held: (() => void)[] = [];
  readonly #onDeath: (() => void)[] = [];

  constructor(name: string, machine: Machine, time: VirtualTime, random: Randomness) {
    this.name = name;
    this.machine = machine;
    this.#time = time;
    this.random = {
      next: () => random.next(),
      id: () => {
        const id = random.id();
        this.ids.push(id);
        return id;
      },
    };
    this.clock = {
      now: () => Math.round(START + machine.offsetMs + (time.now() - START) * machine.rate),
      sleep: (ms, signal) => this.#sleep(ms / machine.rate, signal),
    };
  }

  get state(): 'running' | 'suspended' | 'dead' {
    return this.#state;
  }

  /** Does this in the process: now, or when it is resumed, or never. */
  deliver(action: () => void): void {
    if (this.#state === 'running') action();
    else if (this.#state === 'suspended') this.#held.push(action);
  }

  /** What outside resolves to, as the process comes to know it. */
  receive<T>(outside: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      outside.then(
        (value) => this.deliver(() => resolve(value)),
        (error: unknown) => this.deliver(() => reject(error)),
      );
    });
  }

  suspend(): void {
    if (this.#state !== 'running') return;
    this.#state = 'suspended';
    this.suspensions.push({ from: this.#time.now(), to: undefined });
  }

  /** Everything that came meanwhile is handed over, in order. */
  resume(): void {
    if (this.#state !== 'suspended') return;
    this.#state = 'running';
    const last = this.suspensions.at(-1);
    if (last) last.to = this.#time.now();
    const held = this.#held;
    this.#held = [];
    for (const action of held) this.deliver(action);
  }

  /** As `kill -9` does, and as every process ends: what it holds is let go of by the machine. */
  end(): void {
    if (this.#state === 'dead') return;
    const last = this.suspensions.at(-1);
    if (last && last.to === undefined) last.to = this.#time.now();
    this.#state = 'dead';
    this.#held = [];
    for (const action of this.#onDeath.splice(0)) action();
  }

  /** What the machine does when the process is gone. */
  onDeath(action: () => void): void {
    if (this.#state === 'dead') action();
    else this.#onDeath.push(action);
  }

  /** How long (ms) of a stretch of true time the process could run. */
  runningIn({ from, to }: Span): number {
    const idle = this.suspensions.map((one) => Math.max(0, Math.min(to, one.to ?? to) - Math.max(from, one.from)));
    return to - from - idle.reduce((sum, ms) => sum + ms, 0);
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = (): void => reject(signal?.reason);
      signal?.addEventListener('abort', stop, { once: true });
      // A timer of node is never early.
      void this.#time.sleep(Math.max(1, Math.ceil(ms))).then(() =>
        this.deliver(() => {
          signal?.removeEventListener('abort', stop);
          resolve();
        }),
      );
    });
  }
}
