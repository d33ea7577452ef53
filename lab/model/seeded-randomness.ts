import type { Randomness } from '../../src/domain/base/clock.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The same sequence for the same seed: for repeatable simulations, and for nothing else. */
export function seededRandomness(seed: number): Randomness {
  let state = seed >>> 0;
  // mulberry32, by Tommy Ettinger (public domain): one word of state is plenty for a simulation.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const letter = (among: number): string => ALPHABET[Math.floor(next() * among)] ?? 'a';
  return { next, id: () => letter(26) + Array.from({ length: 15 }, () => letter(32)).join('') };
}
