/** What to do when a signal is aborted, by signal. */
const LISTENERS = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `act` once when the signal is aborted; at once if it already is. However many calls there are for one signal,
 * it has one listener: node warns on stderr about an eleventh, but a process that reads eleven tasks at once is not a
 * leak.
 * @returns a function that cancels this
 */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    act();
    return () => {};
  }
  const acts = LISTENERS.get(signal) ?? listen(signal);
  // A separate function for each call: the same `act` may be given twice.
  const own = (): void => act();
  acts.add(own);
  return () => acts.delete(own);
}

function listen(signal: AbortSignal): Set<() => void> {
  const acts = new Set<() => void>();
  LISTENERS.set(signal, acts);
  signal.addEventListener(
    'abort',
    () => {
      for (const act of acts) act();
      acts.clear();
    },
    { once: true },
  );
  return acts;
}
