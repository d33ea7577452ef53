import { DEFAULT_POOL_SETTINGS } from '../../../src/domain/queue/snapshot.ts';
import { formatKey } from '../../../src/domain/queue/task.ts';
import { holdingsOf } from '../branch.ts';
import type { History } from '../history.ts';

export function unconserved({ commits, firstTasks }: History): string[] {
  const paths = new Map(firstTasks);
  return commits.flatMap(({ oid, changes, created }) => {
    const wrong: string[] = [];
    for (const { key, fromPath, toPath } of changes) {
      const task = formatKey(key);
      if (paths.get(task) !== fromPath) wrong.push(`${oid}: ${task} was at ${paths.get(task)}, not at ${fromPath}`);
      paths.set(task, toPath);
    }
    for (const { task, path } of created) {
      if (paths.has(task)) wrong.push(`${oid}: ${task} is made a second time`);
      paths.set(task, path);
    }
    return wrong;
  });
}

/** What is paused, cancelled or blocked, or asks something, is claimed by nobody. */
export function claimedThoughClosed({ commits }: History): string[] {
  let isPaused = false;
  const status = new Map<string, string>();
  return commits.flatMap(({ oid, facts, changes }) => {
    if (facts.subject.startsWith('[AGENT-PAUSE]')) isPaused = true;
    if (facts.subject.startsWith('[AGENT-RESUME]')) isPaused = false;
    return changes.flatMap(({ key, from, to, edits }) => {
      const task = formatKey(key);
      const is = status.get(task) ?? 'ready';
      for (const edit of edits) {
        if (edit.kind === 'set-status') status.set(task, edit.status);
        if (edit.kind === 'restore-status') status.delete(task);
      }
      if (from !== 'ready' || to !== 'claimed' || (is === 'ready' && !isPaused)) return [];
      return [`${oid}: ${task} is claimed, and ${isPaused ? 'the queue is paused' : `it is ${is}`}`];
    });
  });
}

export function repeated({ commits }: History): string[] {
  const seen = new Map<string, string>();
  return commits.flatMap(({ oid, requests }) =>
    requests.flatMap((request) => {
      const before = seen.get(request);
      seen.set(request, oid);
      // A commit of several tasks names its request once for each.
      return before === undefined || before === oid ? [] : [`request ${request} is in ${before} and in ${oid}`];
    }),
  );
}

export function shared(history: History): string[] {
  const claims = new Map<string, string>();
  const wrong: string[] = [];
  for (const { process, told } of history.answers) {
    if (told.kind !== 'done' || told.outcome.kind !== 'claimed') continue;
    const { claimId } = told.outcome.claim;
    const other = claims.get(claimId);
    if (other !== undefined) wrong.push(`${other} and ${process} were both told claim ${claimId}`);
    claims.set(claimId, process);
  }
  const holdings = holdingsOf(history);
  for (const { task, claimId, from } of holdings) {
    const twice = holdings.filter((one) => one.task === task && one.from <= from && (one.to ?? Infinity) > from);
    if (twice.some((one) => one.claimId !== claimId)) wrong.push(`${task} is claimed by two at ${from}`);
  }
  return wrong;
}

export function takenAlive(history: History): string[] {
  return holdingsOf(history).flatMap(({ task, agent, to, end, signs, isInReview }) => {
    if (to === undefined || end?.facts.subject.startsWith('[ORCHESTRATOR]') !== true) return [];
    const silent = to - Math.max(...signs);
    const limit = isInReview ? DEFAULT_POOL_SETTINGS.reviewAfterMs : history.stalledAfterMs;
    return silent >= limit - 2_000
      ? []
      : [`${task} was taken from ${agent} ${Math.round(silent / 1000)} s after its last sign of life`];
  });
}
