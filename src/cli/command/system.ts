import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Clock, Randomness } from '../../domain/base/clock.ts';

/** Time as this machine has it. */
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

/** Chance as this machine has it; ids come from the cryptographic source. */
export const systemRandomness: Randomness = {
  next: () => Math.random(),
  id() {
    const bytes = randomBytes(17);
    // 32 divides 256, so the 15 letters after the first are uniform: 75 bits, and the first adds almost 5.
    const first = LETTERS[(((bytes[0] ?? 0) << 8) | (bytes[16] ?? 0)) % LETTERS.length] ?? 'a';
    return first + Array.from(bytes.subarray(1, 16), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  },
};

/** Wall time over processor time since the process began, from which the machine counts as crowded. */
const CROWDED_FROM = 4;

/**
 * How busy the machine is, told by this process's own start: it has done nothing yet but compute, so that wall time
 * beyond its processor time was spent waiting for a core. Idle machines give 1.0 to 1.3, 100 starts on 2 cores over 20.
 */
export function hostLoad(): 'free' | 'crowded' {
  const { user, system } = process.cpuUsage();
  const cpuMs = (user + system) / 1000;
  return process.uptime() * 1000 > CROWDED_FROM * cpuMs ? 'crowded' : 'free';
}

/**
 * How long (ms), since the machine was started, something on it was waiting for a core: Linux's pressure stall information.
 * Undefined where the system does not tell (macOS, kernels without it).
 */
export function cpuPressureMs(): number | undefined {
  try {
    // "some avg10=1.83 avg60=18.59 avg300=22.65 total=217189540", the last in microseconds and always up to date.
    const total = /^some .*\btotal=(\d+)/.exec(readFileSync('/proc/pressure/cpu', 'latin1'))?.[1];
    return total === undefined ? undefined : Number(total) / 1000;
  } catch {
    return undefined;
  }
}

/** How many tasks of others run on this machine, or wait for a core; undefined where the system does not tell (macOS). */
export function othersRunning(): number | undefined {
  try {
    // "0.20 0.18 0.12 1/80 11206": one of 80 runs, which is us.
    const running = /^(?:\S+ ){3}(\d+)\//.exec(readFileSync('/proc/loadavg', 'latin1'))?.[1];
    return running === undefined ? undefined : Math.max(0, Number(running) - 1);
  } catch {
    return undefined;
  }
}
