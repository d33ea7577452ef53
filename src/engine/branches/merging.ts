/**
 * Merges streams that are sorted newest first into one such stream. Of each stream, one item more is read than was
 * taken.
 * @param keyOf of items with the same key, only one is yielded
 */
export async function* newestFirst<T>(
  streams: readonly AsyncIterable<T>[],
  timeOf: (item: T) => number,
  keyOf: ((item: T) => string) | undefined,
  limit: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<T, void, void> {
  const open = streams.map((stream) => stream[Symbol.asyncIterator]());
  const told = new Set<string>();
  try {
    const heads = await Promise.all(open.map((stream) => stream.next()));
    for (let left = limit; left > 0; ) {
      let newest: { readonly at: number; readonly value: T } | undefined;
      for (const [at, head] of heads.entries()) {
        if (head.done === true) continue;
        if (newest === undefined || timeOf(head.value) > timeOf(newest.value)) newest = { at, value: head.value };
      }
      if (newest === undefined) return;
      const { at, value } = newest;
      const key = keyOf?.(value);
      if (key === undefined || !told.has(key)) {
        if (key !== undefined) told.add(key);
        yield value;
        left--;
      }
      const stream = open[at];
      if (stream !== undefined) heads[at] = await stream.next();
    }
  } finally {
    await Promise.all(open.map((stream) => stream.return?.()));
  }
}

/** The items that fit. */
export async function* only<T>(stream: AsyncIterable<T>, fits: (item: T) => boolean): AsyncGenerator<T, void, void> {
  for await (const item of stream) if (fits(item)) yield item;
}
