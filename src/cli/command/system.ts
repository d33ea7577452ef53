import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Clock, Randomness } from '../../domain/base/clock.ts';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sinceStart: () => Math.round(uptime() * 1000),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { once: true });
    });
  },
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const ALPHABET = `${LETTERS}234567`;

/** The randomness of this machine; ids come from the cryptographic source. */
export const systemRandomness: Randomness = {
  next: () => Math.random(),
  id() {
    const bytes = randomBytes(17);
    // 32 divides 256, so the 15 letters after the first are uniform: 75 bits, and the first adds almost 5.
    const first = LETTERS[(((bytes[0] ?? 0) << 8) | (bytes[16] ?? 0)) % LETTERS.length] ?? 'a';
    return first + Array.from(bytes.subarray(1, 16), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  },
};

/** From this ratio of wall time to processor time since its start, a process takes the machine for crowded. */
const CROWDED_FROM = 4;

/**
 * How busy the machine is, judged by the start of this process: so far it has only computed, so that wall time beyond
 * its processor time was spent waiting for a core. Idle machines give 1.0 to 1.3, 100 starts on 2 cores over 20.
 */
export function hostLoad(): 'free' | 'crowded' {
  const { user, system } = process.cpuUsage();
  const cpuMs = (user + system) / 1000;
  return process.uptime() * 1000 > CROWDED_FROM * cpuMs ? 'crowded' : 'free';
}

/**
 * How long (ms) something on this machine has waited for a core since boot: Linux's pressure stall information.
 * Undefined if the system does not say (macOS, kernels without it).
 */
export function cpuPressureMs(): number | undefined {
  try {
    // "some avg10=1.83 avg60=18.59 avg300=22.65 total=217189540". The total is in microseconds and always up to date.
    const total = /^some .*\btotal=(\d+)/.exec(readFileSync('/proc/pressure/cpu', 'latin1'))?.[1];
    return total === undefined ? undefined : Number(total) / 1000;
  } catch {
    return undefined;
  }
}

/** How many other tasks run on this machine or wait for a core; undefined if the system does not say (macOS). */
export function othersRunning(): number | undefined {
  try {
    // "0.20 0.18 0.12 1/80 11206": 1 of 80 tasks runs, which is this one.
    const running = /^(?:\S+ ){3}(\d+)\//.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1];
    return running === undefined ? undefined : Math.max(0, Number(running) - 1);
  } catch {
    return undefined;
  }
}
