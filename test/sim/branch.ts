import type { TaskChange } from '../../src/domain/queue/edit.ts';
import { formatKey } from '../../src/domain/queue/task.ts';
import type { History, LandedCommit } from './history.ts';
import type { Span } from './world/process.ts';

/** A claim as the branch has it. */
export interface Holding {
  readonly task: string;
  readonly claimId: string;
  readonly agent: string;
  readonly from: number;
  /** When it ended, and by which commit; undefined: it stands. */
  to: number | undefined;
  end: LandedCommit | undefined;
  /** When it was made or renewed. */
  readonly signs: number[];
  /** Whether its work waits for its review: then it needs no signs. */
  isInReview: boolean;
}

/** Every claim that was ever on the branch, in order. */
export function holdingsOf({ commits, beats }: History): readonly Holding[] {
  const holdings: Holding[] = [];
  const open = new Map<string, Holding>();
  for (const commit of commits) {
    for (const [index, change] of commit.changes.entries()) {
      const task = formatKey(change.key);
      // A claim ends where the task goes, and where it is handed over.
      const isNew = change.from !== 'claimed' || change.edits.some(({ kind }) => kind === 'append-claim');
      const isMade = change.to === 'claimed' && isNew;
      if (change.from === 'claimed' && (change.to !== 'claimed' || isMade)) {
        const holding = open.get(task);
        if (holding) [holding.to, holding.end] = [commit.at, commit];
        open.delete(task);
      }
      if (isMade) {
        const holding: Holding = {
          task,
          claimId: commit.requests[index] ?? '',
          agent: commit.facts.authorName,
          from: commit.at,
          to: undefined,
          end: undefined,
          signs: [commit.at],
          isInReview: false,
        };
        holdings.push(holding);
        open.set(task, holding);
      }
      const stays = change.from === 'claimed' && change.to === 'claimed' && !isMade ? open.get(task) : undefined;
      if (stays === undefined) continue;
      if (isRemark(change)) continue;
      stays.signs.push(commit.at);
      stays.isInReview ||= change.edits.some(({ kind }) => kind === 'set-in-claim');
    }
  }
  for (const { claimId, at } of beats) holdings.find((one) => one.claimId === claimId)?.signs.push(at);
  return holdings;
}

/** Whether it is a note or an edit: no sign of life, since anybody may write one. */
export function isRemark({ edits }: Pick<TaskChange, 'edits'>): boolean {
  return edits.length > 0 && edits.every(({ kind }) => kind === 'append-note' || kind === 'set-field');
}

/** When this many tasks, or more, could be claimed; the last one ends with the run. */
export function whenClaimable({ commits, firstTasks, endedAt }: History, least: number): readonly Span[] {
  const spans: Span[] = [];
  let since: number | undefined = firstTasks.size >= least ? Number.NEGATIVE_INFINITY : undefined;
  for (const { at, claimable } of commits) {
    if (claimable >= least) since ??= at;
    else if (since !== undefined) {
      spans.push({ from: since, to: at });
      since = undefined;
    }
  }
  if (since !== undefined) spans.push({ from: since, to: endedAt });
  return spans;
}

/** When this many claims were held at once. */
export function whenHeld(holdings: readonly Holding[], atOnce: number, endedAt: number): readonly Span[] {
  const steps = holdings
    .flatMap(({ from, to = endedAt }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ])
    .sort((a, b) => a.at - b.at);
  const spans: Span[] = [];
  let held = 0;
  for (const [index, { at, by }] of steps.entries()) {
    held += by;
    if (held >= atOnce) spans.push({ from: at, to: steps[index + 1]?.at ?? endedAt });
  }
  return spans;
}

/** What is left of a span outside of others. */
export function without(span: Span, others: readonly Span[]): readonly Span[] {
  return others.reduce<readonly Span[]>(
    (left, other) =>
      left.flatMap(({ from, to }) =>
        [
          { from, to: Math.min(to, other.from) },
          { from: Math.max(from, other.to), to },
        ].filter((one) => one.to > one.from),
      ),
    [span],
  );
}

/** What two spans share. */
export function overlap(a: Span, b: Span): Span | undefined {
  const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
  return to > from ? { from, to } : undefined;
}
