/** Most turns to wait: a peer that never falls silent must not hold us up. */
const MOST_TURNS = 1_000;

/**
 * Lets the event loop turn until a whole turn brings nothing. Then everything has been handed over that could be read
 * when this was called, including the end of connections. (A connection whose end follows data takes two turns, one for
 * each.)
 *
 * @param count counts what came; it changes with everything that comes
 */
export async function untilQuiet(count: () => number): Promise<void> {
  // The current turn may have asked the kernel before we were called.
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
