import { isoSeconds } from '../base/clock.ts';
import { given } from '../base/given.ts';
import type { Task } from '../queue/task.ts';
import type { TaskEvent, TaskEventKind } from './task-event.ts';

/** Something that happened to a task, as `watch` and `log` have it in JSON. Absent: not known. */
export interface EventView {
  readonly event: TaskEventKind;
  readonly time: string;
  readonly project: string | null;
  readonly task: string | null;
  readonly title: string | null;
  /** The name that the task has elsewhere, such as `github#12`. */
  readonly ref?: string;
  readonly agent: string;
  readonly commit: string;
  readonly attempts?: number;
  readonly waitedMs?: number;
  readonly reason?: string;
  readonly failures?: number;
  readonly prUrl?: string;
  readonly note?: string;
  readonly from?: string;
  readonly question?: string;
  readonly answer?: string;
  readonly costUsd?: number;
  readonly tokens?: number;
}

/** What was said with the event: why, a note, an answer, or a question; undefined: nothing. */
export function saidWith({ reason, note, answer, question }: Said): string | undefined {
  return reason ?? note ?? answer ?? question;
}

type Said = Pick<TaskEvent, 'reason' | 'note' | 'answer' | 'question'>;

/** @param task as it was after the event */
export function eventView(event: TaskEvent, task: Task | undefined): EventView {
  const {
    kind,
    project,
    task: id,
    agent,
    commit,
    at,
    attempts,
    waitedMs,
    reason,
    failures,
    prUrl,
    note,
    from,
    question,
    answer,
    costUsd,
    tokens,
  } = event;
  return {
    event: kind,
    time: isoSeconds(at),
    project: project ?? null,
    task: id ?? null,
    title: task?.title ?? null,
    ...given({ ref: task?.ref }),
    agent,
    commit,
    ...given({ attempts, waitedMs, reason, failures, prUrl, note, from, question, answer, costUsd, tokens }),
  };
}
