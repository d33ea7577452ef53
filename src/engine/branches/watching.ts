import { type Cursor, formatCursor, parseCursor } from '../../domain/past/cursor.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { GitSide } from '../open/git-side.ts';
import type { WatchedEvent, WatchOptions } from '../queue/reader.ts';
import type { Tips } from '../queue/tips.ts';
import { watchQueue } from '../waiting/watching.ts';
import { only } from './merging.ts';
import { type Branches, type BranchReading, eventsOf } from './reading.ts';

/**
 * The events of all branches from a given point on, each exactly once: of a project, those on the branch that it lives
 * on. Events of one branch are in order. Branches that the settings name later are watched from the next start on.
 * @param tipsOf waits for one branch to move
 */
export async function* watchBranches(
  branches: Branches,
  reading: BranchReading,
  tipsOf: (branch: string) => Tips,
  options: WatchOptions,
): AsyncGenerator<WatchedEvent, void, void> {
  const { map } = branches;
  const { clock, signal } = branches.options;
  const main = await branches.side(map.main);
  const events = eventsOf(main);
  const from = await resolvedFirst(events, options.from);
  const own = tipsOf(map.main);
  if (map.known === undefined) {
    // There is mostly only one branch: then this is the only look.
    const tip = await own.look();
    if (tip !== undefined) {
      await events.fetch(tip);
      map.learn(tip, await main.parts.store.ownershipAt(tip));
    }
    if (map.ownership.isSingle) {
      const watching = { events, tips: beginningWith(tip, own), clock, signal, branch: map.main };
      yield* watchQueue(watching, { ...options, from });
      return;
    }
  }
  const { ownership, tips } = await reading.look();
  const stop = new AbortController();
  const positions = new Map<string, Cursor>();
  const streams: AsyncIterator<WatchedEvent>[] = [];
  for (const [branch, tip] of tips) {
    const side = await branches.side(branch);
    const position = await startOf(side, { ...options, from }, { branch, tip, main: map.main, now: clock.now() });
    positions.set(branch, position);
    const watching = { events: eventsOf(side), tips: until(stop.signal, tipsOf(branch)), clock, signal, branch };
    const watched = watchQueue(watching, {
      ...options,
      from: { kind: 'cursor', cursor: position },
      until: options.until === 'told' ? 'told' : 'stopped',
    });
    streams.push(
      placed(
        branch,
        only(watched, ({ event }) => ownership.owns(branch, event.project ?? '')),
      ),
    );
  }

  async function* placed(branch: string, stream: AsyncIterable<WatchedEvent>): AsyncGenerator<WatchedEvent> {
    for await (const watched of stream) {
      const position = parseCursor(watched.cursor);
      if (position !== undefined) positions.set(branch, position);
      const { [map.main]: first = { done: undefined }, ...others } = Object.fromEntries(positions);
      yield { ...watched, cursor: formatCursor({ ...first, branches: new Map(Object.entries(others)) }) };
    }
  }

  const idleMs = typeof options.until === 'object' ? options.until.idleMs : undefined;
  try {
    yield* asTheyCome(streams, (over) => (idleMs === undefined ? undefined : clock.sleep(idleMs, over)));
  } finally {
    stop.abort();
  }
}

/** The items of all streams, each as soon as it comes, until all have ended or it has been idle for long enough. */
async function* asTheyCome<T>(
  streams: readonly AsyncIterator<T>[],
  idle: (over: AbortSignal) => Promise<void> | undefined,
): AsyncGenerator<T, void, void> {
  const next = new Map(streams.map((stream, at) => [at, ask(stream, at)]));
  const silence = Symbol('silence');
  while (next.size > 0) {
    const over = new AbortController();
    const silent = idle(over.signal)?.then(() => silence);
    silent?.catch(() => undefined);
    const first = await Promise.race([...next.values(), ...(silent === undefined ? [] : [silent])]);
    over.abort();
    if (typeof first === 'symbol') break;
    const stream = streams[first.at];
    if (first.item.done === true || stream === undefined) next.delete(first.at);
    else {
      next.set(first.at, ask(stream, first.at));
      yield first.item.value;
    }
  }
  // What is still awaited ends with the streams.
  for (const one of next.values()) one.catch(() => undefined);
}

async function ask<T>(stream: AsyncIterator<T>, at: number) {
  return { at, item: await stream.next() };
}

/** A commit that is named is resolved before the look, see `watching.ts` of `waiting`. */
async function resolvedFirst(events: EventStore, from: WatchOptions['from']): Promise<WatchOptions['from']> {
  if (from.kind !== 'revision') return from;
  const commit = await events.resolve(from.revision).catch(() => undefined);
  return commit === undefined ? from : { kind: 'revision', revision: commit };
}

/** Where to begin on one of several branches. */
async function startOf(
  side: GitSide,
  { from }: WatchOptions,
  {
    branch,
    tip,
    main,
    now,
  }: { readonly branch: string; readonly tip: string; readonly main: string; readonly now: number },
): Promise<Cursor> {
  const events = eventsOf(side);
  await events.fetch(tip);
  const since = async (commit: string | undefined): Promise<Cursor> => {
    if (commit === undefined || branch === main) return { done: commit };
    const relation = await events.relation(tip, commit);
    if (relation === 'same' || relation === 'ahead') return { done: commit };
    // Another branch does not have the commit: events newer than it are reported.
    for await (const { timeMs } of side.parts.store.history(commit, 1)) {
      return { done: await events.lastBefore(tip, timeMs + 1_000) };
    }
    return { done: tip };
  };
  switch (from.kind) {
    case 'beginning':
      return { done: undefined };
    case 'now':
      return { done: tip };
    case 'ago':
      return { done: await events.lastBefore(tip, now - from.ms) };
    case 'revision':
      return since(await events.resolve(from.revision));
    case 'cursor': {
      const { branches, ...own } = from.cursor;
      if (branch === main) return own;
      return branches?.get(branch) ?? (await since(own.done));
    }
  }
}

/** The same tips, except that waiting for them ends with the signal. */
function until(signal: AbortSignal, tips: Tips): Tips {
  const both = (own: AbortSignal | undefined) => (own === undefined ? signal : AbortSignal.any([own, signal]));
  return {
    look: (own) => tips.look(both(own)),
    lookAlone: (own) => tips.lookAlone(both(own)),
    changed: (known, own) => tips.changed(known, both(own)),
  };
}

/** The same tips, except that the first look has been taken. */
function beginningWith(tip: string | undefined, tips: Tips): Tips {
  let isTaken = false;
  return {
    look(signal) {
      if (isTaken) return tips.look(signal);
      isTaken = true;
      return Promise.resolve(tip);
    },
    lookAlone: (signal) => tips.lookAlone(signal),
    changed: (known, signal) => tips.changed(known, signal),
  };
}
