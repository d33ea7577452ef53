import { given } from '../../../../domain/base/given.ts';
import { formatKey } from '../../../../domain/queue/task.ts';
import { happened, named } from '../../../../domain/telling/happened.ts';
import type { JobTold, Told } from '../../../../domain/telling/told.ts';
import type { WorkEvent } from '../../../../engine/work/events.ts';
import type { Job, TaskResult } from '../../../../engine/work/job.ts';

/** The data of a worker's event; undefined if nobody needs to know. */
export function workTold(event: WorkEvent): Told | undefined {
  switch (event.kind) {
    case 'claimed': {
      const { job } = event;
      const { task: key, title, claimId } = job;
      return { ...happened('task.claimed', { key, title }, job), claimId };
    }
    case 'running':
      return { event: 'work.running', ...jobTold(event.job), attempt: event.attempt };
    case 'checking':
      return { event: 'work.checking', ...jobTold(event.job), check: event.check };
    case 'retrying': {
      const { job, attempt, delayMs, reason } = event;
      return { event: 'work.retrying', ...jobTold(job), attempt, delayMs, reason };
    }
    case 'changed':
      return { event: 'work.changed', ...jobTold(event.job), changed: event.changed };
    case 'stopping':
      return { event: 'work.stopping', ...jobTold(event.job), reason: event.reason };
    case 'finished':
      return resultTold(event.result);
    case 'idle':
      return { event: 'work.idle', reason: event.why };
    case 'pausing':
      return { event: 'work.pausing', pauseMs: event.pauseMs, reason: event.reason };
    case 'renewed':
      return { event: 'work.renewed', tasks: namesOf(event.jobs), commit: event.commit ?? null };
    case 'not-renewed': {
      const { jobs, delayMs, reason } = event;
      return { event: 'work.not-renewed', tasks: namesOf(jobs), delayMs, reason };
    }
    case 'trouble':
      return { event: 'work.trouble', delayMs: event.delayMs, reason: event.message };
    case 'untold': {
      const { job, what, failures, delayMs, reason } = event;
      return { event: 'work.untold', ...jobTold(job), what, failures, delayMs, reason };
    }
    case 'unheard':
      return { event: 'work.unheard', ...jobTold(event.job), what: event.what, sinceMs: event.sinceMs };
    case 'no-room':
      return { event: 'work.no-room', ...jobTold(event.job), reason: event.reason };
    case 'shutdown':
      return { event: 'work.shutdown', how: event.how, running: event.running };
    case 'warning':
      return { event: 'work.warning' };
    case 'claiming':
    case 'giving-back':
    case 'left':
      return undefined;
  }
}

/** What became of the task in the queue, or in the worker if the queue was told nothing. */
function resultTold(result: TaskResult): Told {
  const { job, outcome, reason, prUrl, failures, elapsedMs, report, commit } = result;
  const { task: key, title, agent, claimId } = job;
  const { costUsd, tokens } = report ?? {};
  const said = { claimId, outcome, elapsedMs, ...given({ costUsd, tokens }) };
  const by = { agent, commit };
  switch (outcome) {
    case 'completed':
      return { ...happened('task.completed', { key, title }, by), ...said, ...given({ prUrl }) };
    case 'review':
      return { ...happened('task.review', { key, title }, by), ...said, ...given({ prUrl }) };
    case 'failed':
    case 'blocked':
    case 'no-room':
    case 'deferred':
    case 'interrupted':
      return { ...happened('task.released', { key, title }, by), ...said, ...given({ reason, failures }) };
    case 'asked':
    case 'lost':
    case 'unsettled':
      return { event: 'work.finished', ...jobTold(job), outcome, ...given({ reason }) };
  }
}

function jobTold({ task, claimId }: Job): JobTold {
  return { ...named(task), claimId };
}

function namesOf(jobs: readonly Job[]): readonly string[] {
  return jobs.map(({ task }) => formatKey(task));
}
