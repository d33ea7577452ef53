/** Most turns that are waited for: one that never falls silent must not hold us up. */
const MOST_TURNS = 1_000;

/**
 * Lets the event loop turn until a whole turn brought nothing: then everything has been handed over that could be read when
 * this was called, the end of connections included. (A connection whose end follows on data takes two turns, one each.)
 *
 * @param count of what came; it changes with everything that does
 */
export async function untilQuiet(count: () => number): Promise<void> {
  // The turn that is under way may have asked the kernel before we were called.
  await turn();
  for (let turns = 0; turns < MOST_TURNS; turns++) {
    const before = count();
    await turn();
    if (count() === before) return;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
