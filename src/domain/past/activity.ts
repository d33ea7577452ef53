import { given } from '../base/given.ts';
import { TRAILER } from '../rules/decision.ts';

/** A commit of the coordination branch, as history shows it. */
export interface CommitFacts {
  readonly oid: string;
  /** Committer time, ms since the epoch. */
  readonly timeMs: number;
  readonly authorName: string;
  readonly subject: string;
  /** What follows the subject, trailers included, where it was read. */
  readonly body?: string;
  readonly trailers: readonly { readonly key: string; readonly value: string }[];
}

/** Something that happened in the queue, as a dashboard shows it. */
export interface Activity {
  readonly kind: ActivityKind;
  readonly at: number;
  /** Who did it. */
  readonly agent: string;
  /** `project/TASK-ID`, or as much of it as an older script's subject says. */
  readonly tasks: readonly string[];
  /** Number of tasks that it was about: more than {@link tasks} names if an older script only counted them. */
  readonly count: number;
  readonly commit: string;
  /** Of a pause: the project that it is of; absent: the whole queue. */
  readonly project?: string;
}

export type ActivityKind =
  | 'claimed'
  | 'heartbeat'
  | 'review'
  | 'completed'
  | 'released'
  | 'stalled'
  | 'unblocked'
  | 'taken'
  | 'asked'
  | 'answered'
  | 'noted'
  | 'cancelled'
  | 'reopened'
  | 'blocked'
  | 'paused'
  | 'resumed'
  | 'added'
  | 'updated';

interface Pattern {
  readonly kind: ActivityKind;
  readonly subject: RegExp;
}

const TASK = '(?<task>[\\w.-]+(?:/[\\w.-]+)?)';
const FROM = '(?: (?:from|in) (?<project>[\\w.-]+))?';
/** The only task, or how many there are. */
const SEVERAL = `(?:(?<count>\\d+) tasks(?![\\w.-])|${TASK})`;
const COUNT = '(?:(?<count>\\d+) )?';

/**
 * Subjects of agentq and of older scripts. What a subject leaves out is found elsewhere in the commit, or not at all.
 */
const PATTERNS: readonly Pattern[] = [
  pattern('claimed', 'AGENT-CLAIM', `(?<agent>\\S+) claimed ${TASK}${FROM}`),
  pattern('heartbeat', 'AGENT-HEARTBEAT', '(?<count>\\d+) agents working'),
  pattern('heartbeat', 'AGENT-HEARTBEAT', `(?<agent>\\S+) .*?working on ${TASK}`),
  pattern('completed', 'AGENT-COMPLETE', `(?<agent>\\S+) completed ${TASK}${FROM}`),
  pattern('review', 'AGENT-REVIEW', `(?<agent>\\S+) finished ${TASK}`),
  pattern('released', 'AGENT-RELEASE', `(?<agent>\\S+) released ${TASK}${FROM}`),
  pattern('taken', 'AGENT-TAKE', `(?<agent>\\S+) took ${TASK}`),
  pattern('asked', 'AGENT-ASK', `(?<agent>\\S+) asked about ${TASK}`),
  pattern('answered', 'AGENT-ANSWER', `(?<agent>.+?) answered ${TASK}`),
  pattern('noted', 'AGENT-NOTE', `(?<agent>.+?) noted ${TASK}`),
  pattern('cancelled', 'AGENT-CANCEL', `(?<agent>.+?) cancelled ${SEVERAL}`),
  pattern('reopened', 'AGENT-REOPEN', `(?<agent>.+?) reopened ${SEVERAL}`),
  pattern('blocked', 'AGENT-BLOCK', `(?<agent>.+?) blocked ${SEVERAL}`),
  pattern('paused', 'AGENT-PAUSE', `(?<agent>.+?) paused (?:the queue$|(?<paused>[\\w.-]+)$)`),
  pattern('resumed', 'AGENT-RESUME', `(?<agent>.+?) resumed (?:the queue$|(?<paused>[\\w.-]+)$)`),
  pattern('stalled', 'ORCHESTRATOR', `Released ${COUNT}stalled tasks?(?::? ${TASK})?`),
  pattern('unblocked', 'ORCHESTRATOR', `Unblocked ${COUNT}(?:tasks?(?![\\w.-])|${TASK})`),
  pattern(
    'added',
    '(?:ORCHESTRATOR|ARCHITECT|AGENT-ADD)',
    `(?:Added|Created) ${COUNT}(?:new )?(?:tasks?(?![\\w.-])|${TASK})`,
  ),
  pattern('updated', 'AGENT-EDIT', `(?<agent>.+?) edited ${SEVERAL}`),
  pattern('updated', 'ORCHESTRATOR', `Updated ${COUNT}(?:tasks?(?![\\w.-])|${TASK})`),
];

/** What the commit did to the queue; undefined if it is not one of the queue's commits. */
export function activityOf(commit: CommitFacts): Activity | undefined {
  for (const { kind, subject } of PATTERNS) {
    const match = subject.exec(commit.subject);
    if (match === null) continue;
    const { agent, task, project, count, paused } = match.groups ?? {};
    const updated = valuesOf(commit, TRAILER.updated);
    const named = valuesOf(commit, TRAILER.task).filter((name) => kind !== 'added' || !updated.includes(name));
    const said = task === undefined || project === undefined || task.includes('/') ? task : `${project}/${task}`;
    const tasks = named.length > 0 ? named : said === undefined ? [] : [said];
    return {
      kind,
      at: commit.timeMs,
      agent: valuesOf(commit, TRAILER.agent)[0] ?? agent ?? commit.authorName,
      tasks,
      count: Math.max(tasks.length, Number(count ?? 0)),
      commit: commit.oid,
      ...given({ project: paused }),
    };
  }
  return undefined;
}

/**
 * Why tasks were given back or taken back, as far as the message says without a trailer of agentq. In the subject
 * (`no heartbeat for 30m`) that is what follows the part that is understood, without the punctuation around it. In the
 * body it is the line `Reason: ...`, as older versions wrote it, and of an older script otherwise the first line.
 */
export function reasonSaid(commit: CommitFacts): string | undefined {
  const { subject } = commit;
  for (const { kind, subject: known } of PATTERNS) {
    const match = kind === 'released' || kind === 'stalled' ? known.exec(subject) : null;
    if (match === null) continue;
    const text = subject
      .slice(match[0].length)
      .replace(/^[\s:;,.(-]+/, '')
      .trim();
    const reason = text.endsWith(')') && !text.includes('(') ? text.slice(0, -1).trim() : text;
    return reason === '' ? reasonIn(commit) : reason;
  }
  return undefined;
}

/** Longest reason (characters) that is taken from a body: a person may have written a page. */
const LONGEST_REASON = 500;

function reasonIn({ body = '', trailers }: CommitFacts): string | undefined {
  const lines = body.split('\n').map((line) => line.trim());
  const named = lines.find((line) => /^reason:/i.test(line))?.slice('reason:'.length);
  const isByAgentq = trailers.some(({ key }) => key === TRAILER.task);
  const line = named ?? (isByAgentq ? undefined : lines.find((text) => text !== '' && !/^[\w-]+-by:/i.test(text)));
  return line?.trim().slice(0, LONGEST_REASON) || undefined;
}

/** Values of a trailer, in the order in which the commit has them. */
export function valuesOf(commit: CommitFacts, key: string): string[] {
  return commit.trailers.filter((trailer) => trailer.key === key).map(({ value }) => value);
}

function pattern(kind: ActivityKind, tag: string, words: string): Pattern {
  return { kind, subject: new RegExp(`^\\[${tag}\\] ${words}`, 'i') };
}
