import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clock } from '../domain/base/clock.ts';

const PAUSE_MS = 50;

/** Shared looks take at most this part of a core: a look at 600 processes takes 12 ms. */
const PART_OF_A_CORE = 0.1;

/** Bytes of an environment that are read: at first, and at most. Linux passes on up to 6 MB, and up to 2 MB by default. */
const USUAL_BYTES = 64 * 1024;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Programs that serve all of a user's processes and whichever needed one first has started: the other tasks of a pool
 * need their keys and connections.
 */
const OF_THE_USER = /^(?:(?:ssh|gpg)-agent|keyboxd|scdaemon|dirmngr|git-credential-cache--daemon)$/;

/** ssh changes its title when it becomes the connection that others share. */
const SHARED_CONNECTION = /^ssh: .*\[mux\]/;

/**
 * Finds processes by a variable in the environment that they were started with. It is the only trace of where a process
 * came from that neither a session of its own nor the end of its parent takes away. Only Linux shows it, and only of
 * this user's processes: elsewhere none is found.
 *
 * Servers of keys and connections that belong to the user as a whole, such as `ssh-agent`, are not among them.
 */
export class MarkedProcesses {
  readonly #name: Buffer;
  readonly #clock: Clock;
  readonly #pauseMs: number;
  #buffer: Buffer | undefined;
  /** The look of this turn. */
  #seen: ReadonlyMap<string, readonly number[]> | undefined;
  #next: Promise<ReadonlyMap<string, readonly number[]>> | undefined;
  #notBefore = 0;

  /**
   * @param variable its name; its value is what processes are asked for by
   * @param pauseMs least time (ms) between the beginnings of two shared looks
   */
  constructor(variable: string, clock: Clock, pauseMs = PAUSE_MS) {
    this.#name = Buffer.from(`${variable}=`);
    this.#clock = clock;
    this.#pauseMs = pauseMs;
  }

  /**
   * The processes that have this value now. All who ask in one turn of the event loop share a look: when a pool is told to
   * end at once, each of its 200 commands asks.
   */
  now(value: string): readonly number[] {
    if (this.#seen === undefined) {
      this.#seen = this.#look();
      setImmediate(() => (this.#seen = undefined));
    }
    return this.#seen.get(value) ?? [];
  }

  /**
   * The processes that have this value at a moment after the call. Those who ask at nearly the same time share one look:
   * at the end of each task of a large pool, looks of their own would take half as much time as everything else.
   */
  async soon(value: string): Promise<readonly number[]> {
    this.#next ??= this.#sharedLook();
    return (await this.#next).get(value) ?? [];
  }

  /** Whether the process still runs. A zombie does not: what it was started with is gone. */
  has(pid: number, value: string): boolean {
    return this.#valueOf(pid) === value;
  }

  async #sharedLook(): Promise<ReadonlyMap<string, readonly number[]>> {
    const wait = this.#notBefore - performance.now();
    // Also without a pause, the look comes after this call: who asks in the same turn shares it.
    await (wait > 0 ? this.#clock.sleep(wait) : undefined);
    this.#next = undefined;
    const from = performance.now();
    const found = this.#look();
    const took = performance.now() - from;
    this.#notBefore = from + Math.max(this.#pauseMs, took / PART_OF_A_CORE);
    return found;
  }

  #look(): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, number[]>();
    for (const name of processNames()) {
      const pid = Number(name);
      const value = this.#valueOf(pid);
      if (value === undefined || pid === process.pid || isOfTheUser(pid)) continue;
      const pids = found.get(value);
      if (pids === undefined) found.set(value, [pid]);
      else pids.push(pid);
    }
    return found;
  }

  #valueOf(pid: number): string | undefined {
    let file: number | undefined;
    try {
      file = openSync(`/proc/${pid}/environ`, 'r');
      return this.#valueIn(this.#read(file));
    } catch {
      // It has ended, or is not ours.
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** Without `readFileSync`, which takes a buffer for each file. @returns bytes that the next call overwrites */
  #read(file: number): Buffer {
    for (;;) {
      this.#buffer ??= Buffer.allocUnsafe(USUAL_BYTES);
      const size = readSync(file, this.#buffer, 0, this.#buffer.length, 0);
      if (size < this.#buffer.length || size >= MOST_BYTES) return this.#buffer.subarray(0, size);
      this.#buffer = Buffer.allocUnsafe(2 * this.#buffer.length);
    }
  }

  #valueIn(environment: Buffer): string | undefined {
    for (let at = environment.indexOf(this.#name); at >= 0; at = environment.indexOf(this.#name, at + 1)) {
      if (at > 0 && environment[at - 1] !== 0) continue;
      const from = at + this.#name.length;
      const end = environment.indexOf(0, from);
      return environment.toString('latin1', from, end < 0 ? environment.length : end);
    }
    return undefined;
  }
}

function processNames(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function isOfTheUser(pid: number): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    const words = line.split('\0');
    const isCache = words.slice(0, 3).some((word) => word === 'credential-cache--daemon');
    return isCache || OF_THE_USER.test(basename(words[0] ?? '')) || SHARED_CONNECTION.test(line);
  } catch {
    return false;
  }
}
