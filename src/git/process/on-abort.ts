/** What is to be done when a signal is aborted, by signal. */
const LISTENERS = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `act` once when the signal is aborted; at once where it is already. However many ask for one signal, it has one
 * listener: node warns on stderr of an eleventh, and a process that reads eleven tasks at once is no leak.
 * @returns what takes it back
 */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    act();
    return () => {};
  }
  const acts = LISTENERS.get(signal) ?? listen(signal);
  // One of its own for each call: the same function may be given twice.
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
