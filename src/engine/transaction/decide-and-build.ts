import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { type Decided, decide } from '../../domain/deciding/decide.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { QueueSnapshot, Reading } from '../../domain/queue/snapshot.ts';
import type { Engine } from '../base/engine.ts';
import { retryable } from '../base/retryable.ts';

/** The decisions, and the commits that carry them out. */
export interface Built {
  readonly decided: Decided;
  readonly commits: readonly string[];
  /** What was decided on. */
  readonly snapshot: QueueSnapshot;
}

/**
 * Decides, and builds the commits. Only the build shows a file that can be read but not changed without touching too
 * much. Such a file is then skipped like an unreadable one, and everything is decided again: one file must never make a
 * whole pool fail.
 *
 * @param witnessed reads the same with all that is known of claims, if a decision depends on it
 */
export async function decideAndBuild(
  engine: Engine,
  snapshot: QueueSnapshot,
  intents: readonly Intent[],
  witnessed: () => Promise<QueueSnapshot>,
): Promise<Built> {
  const { store, clock } = engine;
  let usable = snapshot;
  const startedAt = clock.now();
  const tell = ({ commits, decisions }: Decided): void => {
    const refused = decisions.filter(({ kind }) => kind === 'refused').length;
    const elapsedMs = clock.now() - startedAt;
    engine.onEvent({ kind: 'decided', intents: intents.length, commits: commits.length, refused, elapsedMs });
  };
  for (;;) {
    const decided = decide(usable, intents, clock.now());
    if (decided.needs === 'witnesses') {
      usable = await witnessed();
      continue;
    }
    if (decided.commits.length === 0) {
      tell(decided);
      return { decided, commits: [], snapshot: usable };
    }
    try {
      const commits = await retryable(() => store.build(usable, decided.commits, clock.now()));
      tell(decided);
      return { decided, commits, snapshot: usable };
    } catch (error) {
      const defect = defectIn(error);
      const without = defect && withUnreadable(usable, defect.file, defect.reading);
      if (defect === undefined || without === undefined) throw error;
      usable = without;
      const { line, message } = defect.reading;
      engine.onEvent({ kind: 'unreadable-task', file: defect.file, line, message });
    }
  }
}

interface Defect {
  readonly file: string;
  readonly reading: { readonly kind: 'unreadable'; readonly line: number | undefined; readonly message: string };
}

function defectIn(error: unknown): Defect | undefined {
  if (!(error instanceof Failure) || error.code !== 'task-unreadable') return undefined;
  const { file, line } = error.details;
  if (typeof file !== 'string') return undefined;
  const place = typeof line === 'number' ? `${file}:${line}: ` : `${file}: `;
  const message = error.message.startsWith(place) ? error.message.slice(place.length) : error.message;
  return { file, reading: { kind: 'unreadable', line: typeof line === 'number' ? line : undefined, message } };
}

/** @returns undefined if there is no such file or it is known already: a new decision would change nothing */
function withUnreadable(snapshot: QueueSnapshot, file: string, defect: Defect['reading']): QueueSnapshot | undefined {
  const { message, line } = defect;
  const reading: Reading = { kind: 'unreadable', message, ...given({ line }) };
  for (const [name, project] of snapshot.projects) {
    const known = project.entries.find(({ path }) => path === file);
    if (known === undefined) continue;
    if (known.reading.kind === 'unreadable') return undefined;
    const entries = project.entries.map((entry) => (entry === known ? { ...entry, reading } : entry));
    return { ...snapshot, projects: new Map(snapshot.projects).set(name, { ...project, entries }) };
  }
  return undefined;
}
