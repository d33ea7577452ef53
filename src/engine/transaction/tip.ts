import { Failure } from '../../domain/base/failure.ts';
import { type Decided, decide } from '../../domain/deciding/decide.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { QueueSnapshot } from '../../domain/queue/snapshot.ts';
import type { Look } from '../../git/answers/look.ts';
import type { Ending } from '../../git/process/ending.ts';
import { onAbort } from '../../git/process/on-abort.ts';
import type { SnapshotScope } from '../../store/reading/snapshot-scope.ts';
import type { Engine } from '../base/engine.ts';
import { retryable } from '../base/retryable.ts';
import { scopeOf, withWitnesses } from './scope.ts';

/** A look at a remote that has the branch. */
export interface LookAtTip extends Look {
  readonly tip: string;
}

/**
 * Looks at the remote once.
 * @param toPush a push most likely follows: it then costs less
 * @throws Failure `branch-missing`, or what the store throws; network faults as a {@link RetryableFailure}
 */
export async function lookAtTip(engine: Engine, prefixes: readonly string[] = [], toPush = false): Promise<LookAtTip> {
  const lookedAt = engine.clock.now();
  const look = await retryable(() =>
    interruptible(engine, engine.store.look(prefixes, { ...endingOf(engine), toPush })),
  );
  const { tip } = look;
  engine.onEvent({ kind: 'looked', tip, elapsedMs: engine.clock.now() - lookedAt });
  engine.at?.('looked');
  if (tip !== undefined) return { ...look, tip };
  const branch = engine.store.branchRef.replace('refs/heads/', '');
  throw new Failure('branch-missing', `there is no branch ${branch} on ${engine.store.name}`, {
    hint: `name another with --branch, or make the queue with \`agentq init --branch ${branch}\``,
  });
}

/** Fetches the commit if it is absent, and reads the queue in it. */
export async function readSnapshot(engine: Engine, tip: string, scope: SnapshotScope): Promise<QueueSnapshot> {
  const readAt = engine.clock.now();
  const snapshot = await retryable(() => interruptible(engine, engine.store.snapshot(tip, scope, endingOf(engine))));
  engine.onEvent({ kind: 'fetched', tip, elapsedMs: engine.clock.now() - readAt });
  engine.at?.('read');
  reportUnreadable(engine, snapshot);
  return snapshot;
}

/** Reads the queue at the remote's tip. */
export async function readTip(engine: Engine, scope: SnapshotScope): Promise<QueueSnapshot> {
  const { tip } = await lookAtTip(engine);
  return readSnapshot(engine, tip, scope);
}

/**
 * Decides at the remote's tip, without building or pushing anything (`--dry-run`).
 * @param tip where the remote was just seen; absent: it is asked
 */
export async function rehearse(engine: Engine, intents: readonly Intent[], tip?: string): Promise<Decided> {
  const { clock } = engine;
  const scope = scopeOf(intents, clock.now());
  const snapshot = await (tip === undefined ? readTip(engine, scope) : readSnapshot(engine, tip, scope));
  const decided = decide(snapshot, intents, clock.now());
  if (decided.needs === undefined) return decided;
  const witnessed = await readSnapshot(engine, snapshot.tip, withWitnesses(scope, clock.now()));
  return decide(witnessed, intents, clock.now());
}

/**
 * What ends git while it reads: an interrupt or a deadline. Reads after that are only for a last look-up, or to give a
 * claim back.
 */
export function endingOf({ signal }: Engine): Ending {
  return signal.aborted ? {} : { signal };
}

/**
 * Stops waiting for a read when we are interrupted. If git may not be killed because something must be taken back
 * first, the read is left to itself. A read that begins after the interrupt is for that, and is waited for.
 */
function interruptible<T>({ signal }: Engine, reading: Promise<T>): Promise<T> {
  if (signal.aborted) return reading;
  return new Promise((resolve, reject) => {
    // A pool reads the task of each of its agents at once, and all with one signal.
    const leave = onAbort(signal, () => reject(signal.reason));
    reading.then(resolve, reject).finally(leave);
  });
}

/** One unreadable file never stops the others, and is never skipped silently. */
function reportUnreadable(engine: Engine, snapshot: QueueSnapshot): void {
  for (const project of snapshot.projects.values()) {
    for (const { path, reading } of project.entries) {
      if (reading.kind !== 'unreadable') continue;
      engine.onEvent({ kind: 'unreadable-task', file: path, line: reading.line, message: reading.message });
    }
  }
}
