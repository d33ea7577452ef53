import type { Clock } from '../../domain/base/clock.ts';
import { Failure } from '../../domain/base/failure.ts';
import { segmentsOf } from '../../domain/past/commit-order.ts';
import { type Cursor, formatCursor } from '../../domain/past/cursor.ts';
import type { CommitChanges } from '../../domain/past/task-changes.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { WatchedEvent, WatchOptions } from '../queue/reader.ts';
import type { Tips } from '../queue/tips.ts';
import { type Told, tell } from './told.ts';

/** What watching works with. */
export interface Watching {
  readonly events: EventStore;
  readonly tips: Tips;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly branch: string;
}

/** Commits that are read at once: few enough for an early first event, many enough for few git processes. */
const AT_ONCE = 200;

/** Pauses (ms) before another try to fetch a tip. */
const RETRY = { first: 1_000, most: 30_000 } as const;

/**
 * The events of the queue from a given point on, in order, each exactly once. It ends when the options say so, and
 * otherwise never. If the remote stops answering meanwhile, it waits.
 * @throws Failure, also if the remote does not answer at the start
 */
export async function* watchQueue(watching: Watching, options: WatchOptions): AsyncGenerator<WatchedEvent, void, void> {
  const { tips, events } = watching;
  const named = await commitNamed(watching, options);
  let tip: string | undefined = await tips.look();
  if (tip === undefined) throw branchMissing(watching.branch);
  await events.fetch(tip);
  let cursor = await startOf(watching, options, tip, named);
  for (;;) {
    if (tip !== undefined) {
      cursor = yield* eventsUpTo(watching, options, cursor, tip);
    }
    if (options.until === 'told') return;
    const next = await nextTip(watching, options, tip);
    if (next === 'idle') return;
    tip = next.tip;
    if (tip === undefined) options.onNotice(`the branch ${watching.branch} is gone; waiting for it to come back`);
    else cursor = await connected(watching, options, cursor, tip);
  }
}

/**
 * The commit from which the user wants to know, resolved before the look. The look may take long, and a claim meanwhile
 * moves HEAD if the branch is checked out here: if the commit were resolved after it, that claim would never be
 * reported.
 * @returns undefined if none is named, or if it is not here yet: it may come with the branch
 */
async function commitNamed({ events }: Watching, { from }: WatchOptions): Promise<string | undefined> {
  return from.kind === 'revision' ? events.resolve(from.revision).catch(() => undefined) : undefined;
}

async function startOf(
  watching: Watching,
  options: WatchOptions,
  tip: string,
  named: string | undefined,
): Promise<Cursor> {
  const { events, clock } = watching;
  const { from } = options;
  switch (from.kind) {
    case 'beginning':
      return { done: undefined };
    case 'now':
      return { done: tip };
    case 'ago':
      return { done: await events.lastBefore(tip, clock.now() - from.ms) };
    case 'revision':
      return connected(watching, options, { done: named ?? (await events.resolve(from.revision)) }, tip);
    case 'cursor':
      return connected(watching, options, from.cursor, tip);
  }
}

/**
 * The cursor, if the branch still continues from it. If it does not (a forced push, a branch that was re-created),
 * nobody can tell what happened in between: watching goes on from the tip, and says so.
 */
async function connected(
  { events, tips, branch }: Watching,
  options: WatchOptions,
  cursor: Cursor,
  tip: string,
): Promise<Cursor> {
  const reached = cursor.within?.end ?? cursor.done;
  if (reached === undefined) return cursor;
  const leadsOn = async (at: string): Promise<boolean> => {
    const relation = await events.relation(at, reached);
    return relation === 'same' || relation === 'ahead';
  };
  const isKnown = cursor.done === undefined || (await events.relation(tip, cursor.done)) !== 'unknown';
  if (isKnown && (await leadsOn(tip))) return cursor;
  // A remote may have several servers, and one of them may answer without knowing the latest commits.
  const again = await tips.look();
  if (isKnown && again !== undefined && again !== tip) {
    await events.fetch(again);
    if (await leadsOn(again)) return cursor;
  }
  options.onNotice(
    `${branch} no longer continues from ${reached.slice(0, 10)} (it was rewritten, or this clone lacks its history); going on from ${tip.slice(0, 10)}`,
  );
  return { done: tip };
}

/** The events from the cursor to the tip. @returns the cursor after them */
async function* eventsUpTo(
  watching: Watching,
  options: WatchOptions,
  from: Cursor,
  tip: string,
): AsyncGenerator<WatchedEvent, Cursor, void> {
  const { events } = watching;
  let { done } = from;
  if (from.within !== undefined) {
    const { end, told } = from.within;
    let count = 0;
    for await (const watched of eventsBetween(events, options, done, end)) {
      count += 1;
      if (count > told) yield watched;
    }
    done = end;
  }
  // A tip that is behind the cursor has nothing new to tell.
  if (done !== undefined && (await events.relation(tip, done)) !== 'ahead') return { done };
  yield* eventsBetween(events, options, done, tip);
  return { done: tip };
}

async function* eventsBetween(
  store: EventStore,
  options: WatchOptions,
  done: string | undefined,
  tip: string,
): AsyncGenerator<WatchedEvent, void, void> {
  const { nodes, cuts } = await store.graph(tip, done);
  const [cut] = cuts;
  if (cut !== undefined) {
    // All files of such a commit look new.
    options.onNotice(`the history of this clone begins at ${cut.slice(0, 10)}: what happened before is not known`);
  }
  let last = done;
  const segments = segmentsOf(nodes, tip, done);
  for (let at = 0; at < segments.length; ) {
    const next = [];
    for (let size = 0; at < segments.length && size < AT_ONCE; at++) {
      const segment = segments[at];
      if (segment === undefined) break;
      next.push(segment);
      size += segment.commits.length;
    }
    const told = await tellAll(
      store,
      next.flatMap(({ commits }) => commits.filter((oid) => !cuts.has(oid))),
    );
    for (const { end, commits } of next) {
      const happened = commits.flatMap((oid) => told.get(oid) ?? []);
      for (const [index, one] of happened.entries()) {
        const isLast = index === happened.length - 1;
        const cursor: Cursor = isLast ? { done: end } : { done: last, within: { end, told: index + 1 } };
        yield { ...one, cursor: formatCursor(cursor) };
      }
      last = end;
    }
  }
}

/** What happened in each of the commits. */
async function tellAll(store: EventStore, oids: readonly string[]): Promise<ReadonlyMap<string, readonly Told[]>> {
  if (oids.length === 0) return new Map();
  const commits: CommitChanges[] = [];
  for await (const commit of store.changes(oids)) commits.push(commit);
  return tell(store, commits);
}

/** The next tip, fetched; `idle` if nothing happened for as long as the options allow. */
async function nextTip(
  watching: Watching,
  { until, onNotice }: WatchOptions,
  known: string | undefined,
): Promise<{ readonly tip: string | undefined } | 'idle'> {
  const { tips, events, clock, signal } = watching;
  const over = new AbortController();
  const done = new AbortController();
  if (typeof until === 'object') {
    clock.sleep(until.idleMs, done.signal).then(
      () => over.abort(),
      () => undefined,
    );
  }
  try {
    let tip = await tips.changed(known, over.signal);
    for (let pause: number = RETRY.first; ; pause = Math.min(pause * 2, RETRY.most)) {
      try {
        if (tip !== undefined) await events.fetch(tip);
        return { tip };
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'remote-unreachable') throw error;
        onNotice(`${error.message}; still watching`);
        await clock.sleep(pause, signal);
        tip = await tips.look().catch(() => tip);
      }
    }
  } catch (error) {
    if (over.signal.aborted && !signal.aborted) return 'idle';
    throw error;
  } finally {
    done.abort();
  }
}

function branchMissing(branch: string): Failure {
  return new Failure('branch-missing', `there is no branch ${branch}`, {
    hint: `name another with --branch, or make the queue with \`agentq init --branch ${branch}\``,
  });
}
