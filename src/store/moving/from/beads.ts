import * as z from 'zod/mini';
import { given } from '../../../domain/base/given.ts';
import { criteriaIn } from '../../../domain/moving/criteria.ts';
import type { ForeignState, ForeignTask, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import {
  commentsIn,
  fromLevel,
  labelsFrom,
  sections,
  toLevel,
  toLine,
  toText,
  toTime,
} from '../../../domain/moving/words.ts';
import type { SourceText } from '../checked.ts';
import { readJsonLines } from '../json.ts';
import { exportedSchema, toForeign as ownTask } from './exported-task.ts';

export const beadsRules: TrackerRules = {
  tracker: 'beads',
  names: 'are-ids',
  parts: 'wait-with-the-whole',
  twice: 'refuse',
  canonical: (name) => name.toLowerCase(),
};

const text = z.optional(z.nullable(z.string()));
const issue = z.looseObject({
  _type: text,
  id: z.string(),
  title: z.string(),
  description: text,
  design: text,
  acceptance_criteria: text,
  notes: text,
  status: text,
  priority: z.optional(z.nullable(z.number())),
  issue_type: text,
  assignee: text,
  owner: text,
  created_at: text,
  created_by: text,
  updated_at: text,
  started_at: text,
  closed_at: text,
  close_reason: text,
  defer_until: text,
  external_ref: text,
  metadata: z.optional(z.nullable(z.looseObject({ agentq: z.optional(z.unknown()) }))),
  ephemeral: z.optional(z.nullable(z.boolean())),
  is_template: z.optional(z.nullable(z.boolean())),
  labels: z.optional(z.nullable(z.array(z.string()))),
  dependencies: z.optional(
    z.nullable(z.array(z.looseObject({ depends_on_id: z.string(), type: text, issue_id: text }))),
  ),
  comments: z.optional(z.nullable(z.array(z.looseObject({ author: text, text: text, created_at: text })))),
});

type Issue = z.output<typeof issue>;

/** Relations that hold a task back. `parent-child` says what it is a part of; all others are information. */
const GATING: ReadonlySet<string> = new Set(['blocks', 'blocked-by', 'conditional-blocks', 'waits-for']);

/** Records of the tool about itself, and messages between agents: nobody works on these. */
const NO_WORK: ReadonlySet<string> = new Set([
  'message',
  'event',
  'agent',
  'role',
  'rig',
  'convoy',
  'gate',
  'molecule',
  'merge-request',
]);

/** Where a beads database keeps its issues, relative to the named folder. */
export const BEADS_FILES: readonly string[] = [
  '.beads/issues.jsonl',
  '.beads/beads.jsonl',
  'issues.jsonl',
  'beads.jsonl',
];

/** Reads `.beads/issues.jsonl`, also as `bd export` prints it. */
export function readBeads(source: SourceText): readonly ForeignTask[] {
  const issues = readJsonLines(issue, source, isIssue);
  const own = new Map(issues.map(({ value, place }) => [value.id, ownOf(value, place)]));
  const nameOf = (id: string): string => own.get(id)?.name ?? id;
  return issues.map(({ value, place }) => {
    const task = toForeign(value, place);
    const before = own.get(value.id);
    return before === undefined
      ? { ...task, requires: task.requires.map(nameOf) }
      : merged(before, task, value.description ?? '', nameOf);
  });
}

/** The task that `agentq export --format beads` made the issue of, if it was that. */
function ownOf({ metadata }: Issue, place: string): ForeignTask | undefined {
  const parsed = exportedSchema.safeParse(metadata?.agentq);
  return parsed.success ? ownTask(parsed.data, place) : undefined;
}

/** That task with what has changed in beads since. */
function merged(own: ForeignTask, now: ForeignTask, description: string, nameOf: (id: string) => string): ForeignTask {
  const requires = now.requires.map(nameOf);
  const isSame = requires.length === own.requires.length && requires.every((name) => own.requires.includes(name));
  const isClosed = now.state === 'done' && own.state !== 'done' && own.state !== 'dropped';
  const hasLevel = now.priority === undefined || toLevel(now.priority) === toLevel(own.priority ?? 0);
  const { text: _, ...before } = own;
  return {
    ...before,
    title: now.title,
    ...given({ priority: hasLevel ? own.priority : now.priority }),
    ...given({ text: textAfter(own.summary, description) }),
    requires: isSame ? own.requires : requires,
    ...(isClosed ? { state: 'done' as const, ...given({ who: now.who, since: now.since }) } : {}),
  };
}

/** The description without the summary in front, which stands by itself. */
function textAfter(summary: string | undefined, text: string): string | undefined {
  if (summary === undefined || !text.startsWith(summary)) return text === '' ? undefined : text;
  const rest = text.slice(summary.length).replace(/^\n\n/, '');
  return rest === '' ? undefined : rest;
}

/** `bd export` prints memories, too. */
function isIssue(value: unknown): boolean {
  const isTyped = typeof value === 'object' && value !== null && '_type' in value;
  return !isTyped || value._type === 'issue';
}

function toForeign(one: Issue, place: string): ForeignTask {
  const relations = one.dependencies ?? [];
  const ofKind = (isMeant: (kind: string) => boolean): string[] =>
    relations.filter(({ type }) => isMeant(type ?? 'blocks')).map(({ depends_on_id }) => depends_on_id);
  const [parent] = ofKind((kind) => kind === 'parent-child');
  const kind = toLine(one.issue_type ?? '');
  const word = toLine(one.status ?? 'open');
  const requires = ofKind((name) => GATING.has(name));
  const state = stateOf(one, kind, requires.length > 0);
  const who = toLine(one.assignee ?? '');
  const related = relations
    .filter(({ type }) => type !== 'parent-child' && !GATING.has(type ?? 'blocks'))
    .map(({ type, depends_on_id }) => `${toLine(depends_on_id)} (${toLine(type ?? '')})`);
  return {
    place,
    name: one.id,
    title: one.title,
    ...given({
      type: kind === '' ? undefined : kind,
      priority: typeof one.priority === 'number' ? fromLevel(one.priority) : undefined,
      text: sections(toText(one.description), [
        ['Design', toText(one.design)],
        ['Notes', toText(one.notes)],
        ['Comments', commentsIn(one.comments)],
      ]),
      who: who === '' ? undefined : who,
      since: (state === 'done' ? one.closed_at : (one.started_at ?? one.updated_at)) ?? undefined,
      parent,
    }),
    criteria: criteriaIn(toText(one.acceptance_criteria)),
    labels: { ...labelsFrom(one.labels ?? []), ...given({ parent }) },
    state,
    word: wordOf(one, word, kind, state),
    requires,
    rest: {
      ...(related.length === 0 ? {} : { dependencies: { related } }),
      metadata: {
        ...given({
          created_by: toLine(one.created_by ?? '') || undefined,
          created_at: toTime(one.created_at),
          external_ref: toLine(one.external_ref ?? '') || undefined,
          close_reason: state === 'done' ? toLine(one.close_reason ?? '').slice(0, 400) || undefined : undefined,
        }),
      },
    },
  };
}

/** The state in words: until when it is put off, or what the record is if it is not work. */
function wordOf({ defer_until }: Issue, word: string, kind: string, state: ForeignState): string {
  if (NO_WORK.has(kind)) return `a record of the kind ${kind}`;
  return defer_until && state === 'parked' ? `${word} until ${toLine(defer_until)}` : word;
}

function stateOf(
  { status, ephemeral, is_template, defer_until }: Issue,
  kind: string,
  isWaiting: boolean,
): ForeignState {
  if (status === 'tombstone' || ephemeral === true || is_template === true || NO_WORK.has(kind)) return 'dropped';
  switch (status) {
    case 'closed':
      return 'done';
    case 'in_progress':
    case 'hooked':
      return 'started';
    case 'deferred':
    case 'pinned':
      return 'parked';
    case 'blocked':
      // If it waits for others, those decide until when.
      return isWaiting ? 'open' : 'parked';
    default:
      return toTime(defer_until) === undefined ? 'open' : 'parked';
  }
}
