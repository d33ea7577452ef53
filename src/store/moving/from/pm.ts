import { decode } from '@toon-format/toon';
import * as z from 'zod/mini';
import { given } from '../../../domain/base/given.ts';
import { criteriaIn } from '../../../domain/moving/criteria.ts';
import type { ForeignState, ForeignTask, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import { commentsIn, fromLevel, labelsFrom, sections, toLine, toText, toTime } from '../../../domain/moving/words.ts';
import { planFailure } from '../../input/raw-plan.ts';
import { checked, type SourceText } from '../checked.ts';
import { parseJson } from '../json.ts';

export const pmRules: TrackerRules = {
  tracker: 'pm',
  names: 'are-ids',
  parts: 'wait-with-the-whole',
  twice: 'refuse',
  canonical: (name) => name.toLowerCase(),
};

/** Where pm keeps its items, relative to the named folder. */
export const PM_FOLDERS: readonly string[] = ['.agents/pm', '.pm', '.'];

const text = z.optional(z.nullable(z.string()));
const entries = z.optional(z.nullable(z.array(z.looseObject({ created_at: text, author: text, text }))));
const item = z.looseObject({
  id: z.string(),
  title: z.string(),
  description: text,
  type: text,
  status: text,
  priority: z.optional(z.nullable(z.number())),
  tags: z.optional(z.nullable(z.array(z.union([z.string(), z.number()])))),
  created_at: text,
  updated_at: text,
  closed_at: text,
  close_reason: text,
  assignee: text,
  author: text,
  acceptance_criteria: text,
  parent: text,
  blocked_by: text,
  blocked_reason: text,
  sprint: text,
  release: text,
  dependencies: z.optional(z.nullable(z.array(z.looseObject({ id: z.string(), kind: text })))),
  comments: entries,
  notes: entries,
  body: text,
});

type Item = z.output<typeof item>;

/** Kinds of relations that hold an item back: the other one blocks it. */
const GATING: ReadonlySet<string> = new Set(['blocks', 'blocked_by']);
/** Kinds by which the other one is the whole. */
const WHOLE: ReadonlySet<string> = new Set(['parent', 'child_of', 'parent_child', 'epic']);

/** Reads one item of pm-cli: TOON, or in older versions JSON with a body after it. Settings are not an item. */
export function readPmItem(source: SourceText): ForeignTask | undefined {
  const value = source.name.endsWith('.toon') ? fromToon(source) : fromJson(source);
  if (typeof value !== 'object' || value === null || !('id' in value) || !('title' in value)) return undefined;
  return toForeign(
    checked(item, value, source.name, ([key]) => lineOf(source.text, String(key))),
    source.name,
  );
}

function fromToon({ name, text }: SourceText): unknown {
  try {
    return decode(text.replaceAll('\r\n', '\n'));
  } catch (cause) {
    const message = cause instanceof Error ? toLine(cause.message) : 'it is not TOON';
    const line = /[Ll]ine (\d{1,9})/.exec(message)?.[1];
    throw planFailure(name, line === undefined ? undefined : Number(line), `not readable as TOON: ${message}`, cause);
  }
}

/** The document ends where a line closes its brace; the body follows. */
function fromJson({ name, text }: SourceText): unknown {
  if (!text.startsWith('{')) return undefined;
  const lines = text.split('\n');
  const end = lines.findIndex((line) => line.trimEnd() === '}');
  const head = lines.slice(0, end + 1).join('\n');
  const { value } = parseJson({ name, text: end < 0 ? text : head });
  const body = lines
    .slice(end + 1)
    .join('\n')
    .trim();
  return typeof value === 'object' && value !== null && body !== '' ? { ...value, body } : value;
}

function toForeign(one: Item, name: string): ForeignTask {
  const relations = one.dependencies ?? [];
  const ofKinds = (kinds: ReadonlySet<string>): string[] =>
    relations.filter(({ kind }) => kinds.has(kind ?? 'blocks')).map(({ id }) => id);
  const parent = toLine(one.parent ?? ofKinds(WHOLE)[0] ?? '') || undefined;
  const related = relations
    .filter(({ kind }) => !GATING.has(kind ?? 'blocks') && !WHOLE.has(kind ?? 'blocks'))
    .map(({ id, kind }) => `${toLine(id)} (${toLine(kind ?? '')})`);
  const word = toLine(one.status ?? 'open');
  const who = toLine(one.assignee ?? '') || undefined;
  const requires = [...new Set([...ofKinds(GATING), ...(one.blocked_by ? [one.blocked_by] : [])])];
  const state = word === 'blocked' && requires.length > 0 ? 'open' : (STATES[word] ?? 'open');
  return {
    place: `${name}:1`,
    name: one.id,
    title: one.title,
    ...given({
      type: toLine(one.type ?? '').toLowerCase() || undefined,
      priority: typeof one.priority === 'number' ? fromLevel(one.priority) : undefined,
      text: sections(toText(one.description) ?? toText(one.body), [
        ['Body', toText(one.description) === undefined ? undefined : toText(one.body)],
        ['Notes', commentsIn(one.notes)],
        ['Comments', commentsIn(one.comments)],
      ]),
      batch: toLine(one.sprint ?? one.release ?? '').slice(0, 100) || undefined,
      who,
      since: (state === 'done' ? (one.closed_at ?? one.updated_at) : one.updated_at) ?? undefined,
      parent,
    }),
    criteria: criteriaIn(toText(one.acceptance_criteria)),
    labels: { ...labelsFrom((one.tags ?? []).map(String)), ...given({ parent }) },
    state,
    word: state === 'parked' && one.blocked_reason ? `${word}: ${toLine(one.blocked_reason).slice(0, 300)}` : word,
    requires,
    rest: {
      ...(related.length === 0 ? {} : { dependencies: { related } }),
      metadata: given({
        created_by: toLine(one.author ?? '') || undefined,
        created_at: toTime(one.created_at),
        close_reason: state === 'done' ? toLine(one.close_reason ?? '').slice(0, 400) || undefined : undefined,
      }),
    },
  };
}

const STATES: Readonly<Record<string, ForeignState>> = {
  closed: 'done',
  in_progress: 'started',
  blocked: 'parked',
  draft: 'parked',
  canceled: 'dropped',
  cancelled: 'dropped',
};

function lineOf(text: string, key: string): number {
  const at = text.split('\n').findIndex((line) => line.startsWith(`${key}:`) || line.startsWith(`  "${key}":`));
  return at < 0 ? 1 : at + 1;
}
