/**
 * What takes minutes runs whole with `npm run test:full`; `npm test` takes a sample of it, so that it stays one that is
 * run before every commit.
 */
export const isFull: boolean = process.env.FULL_TESTS === '1';

/** All of the cases, or every so many of them. */
export function sampleOf<T>(all: readonly T[], few: number): readonly T[] {
  if (isFull) return all;
  const step = Math.max(1, Math.ceil(all.length / few));
  // One further from row to row: of a list in pairs it is not always the first of the pair.
  return all.filter((_, index) => index % step === Math.floor(index / step) % step);
}

/** The size for `npm run test:full`, or the smaller one. */
export function sized(full: number, small: number): number {
  return isFull ? full : small;
}

/**
 * For tests that run in each of several modes: asked once for each test of a mode, whether it runs in this one. Each test
 * does so in one mode, and each mode in its turn; with `npm run test:full` all do in all.
 */
export function turnsOf<M>(modes: readonly M[], mode: M): () => boolean {
  let test = 0;
  return () => isFull || test++ % modes.length === modes.indexOf(mode);
}
