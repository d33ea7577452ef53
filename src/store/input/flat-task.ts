import { withLineFeeds } from '../../domain/base/line-feeds.ts';
import { closest } from '../../domain/base/suggest.ts';
import { isGatingName } from '../../domain/rules/relation.ts';
import { sortedNeeds } from './needs.ts';
import { isMap } from './raw-plan.ts';

/** A task document as in task files, or what is wrong with the form of the input. */
export type Unfolded =
  | { readonly kind: 'document'; readonly document: Readonly<Record<string, unknown>> }
  | { readonly kind: 'problem'; readonly field: string; readonly problem: string };

/** Keys of the flat form; the second of a pair is the name in task files. */
const FLAT_KEYS = [
  'id',
  'ref',
  'project',
  'title',
  'type',
  'priority',
  'status',
  'summary',
  'details',
  'description',
  'criteria',
  'acceptance_criteria',
  'requires',
  'required',
  'blocks',
  'dependencies',
  'labels',
  'metadata',
  'batch',
  'hold_until',
  'touches',
  'verify',
] as const;

/**
 * The flat form `{title, priority, requires, criteria, ...}` as the document of a task file. It has no place for what
 * agentq does not know, so every unknown key is a typing mistake. An empty table cell, `""` or null, means "not given".
 */
export function unfold(value: Readonly<Record<string, unknown>>): Unfolded {
  const { given, needs } = withoutCapabilities(withoutEmpty(value));
  for (const key of Object.keys(given)) {
    if (isFlatKey(key) || isGatingName(key)) continue;
    const meant = closest(key, FLAT_KEYS);
    const rest = meant === undefined ? `the known keys are ${FLAT_KEYS.join(', ')}` : `did you mean ${meant}?`;
    return { kind: 'problem', field: key, problem: `is not known, ${rest}` };
  }
  const gating = Object.keys(given).filter(isGatingName);
  for (const names of [['criteria', 'acceptance_criteria'].filter((key) => key in given), gating]) {
    const [a, b] = names;
    if (b !== undefined) return { kind: 'problem', field: b, problem: `says the same as ${a}: give one of them` };
  }
  const description = describedBy(given.description, given);
  if (description === undefined) {
    return { kind: 'problem', field: 'description', problem: 'is given besides summary and details: give two of them' };
  }
  const dependencies = isMap(given.dependencies) ? given.dependencies : { required: given.dependencies };
  const { id, ref, project, title, type, priority, status, labels, batch, hold_until, touches } = given;
  return {
    kind: 'document',
    document: withoutEmpty({
      task: withoutEmpty({
        id,
        ref,
        project,
        title,
        type,
        priority,
        status,
        labels,
        batch,
        hold_until,
        touches,
        needs,
      }),
      description: withoutEmpty({
        ...description,
        summary: given.summary ?? description.summary,
        details: given.details ?? description.details,
      }),
      acceptance_criteria: listOf(given.criteria ?? given.acceptance_criteria),
      dependencies: withoutEmpty({
        ...dependencies,
        required: idsOf(given[gating[0] ?? ''] ?? dependencies.required),
        blocks: idsOf(given.blocks ?? dependencies.blocks),
      }),
      verify: listOf(given.verify),
      metadata: given.metadata,
    }),
  };
}

/**
 * A description that is one text, as most exports have it: its first line is the summary, and the rest, without the blank
 * lines between, the details. If one of the two is given separately, the whole text is the other one.
 * @returns the section; undefined if there is no room for the text
 */
export function describedBy(
  description: unknown,
  beside: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  if (isMap(description)) return description;
  if (description === undefined || description === null || description === '') return {};
  const given = ['summary', 'details'].filter((key) => beside[key] !== undefined);
  if (given.length === 2) return undefined;
  if (given.length === 1) return { [given[0] === 'summary' ? 'details' : 'summary']: description };
  if (typeof description !== 'string') return { summary: description };
  return inTwo(description);
}

/** The first line, and what follows it; of a text that begins with blank lines, the first that is not blank. */
export function inTwo(description: string): { readonly summary: string; readonly details?: string } {
  const text = withLineFeeds(description).replace(/^(?:[^\S\n]*\n)+/, '');
  const end = text.indexOf('\n');
  if (end < 0 || text.slice(end).trim() === '') return { summary: end < 0 ? text : text.slice(0, end) };
  return { summary: text.slice(0, end).trimEnd(), details: text.slice(end + 1).replace(/^(?:[^\S\n]*\n)+/, '') };
}

/** The map without empty values. */
export function withoutEmpty(map: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(map).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );
}

/** `needs` without its words that may be capabilities: no other name for `requires` says the same as these. */
function withoutCapabilities(map: Readonly<Record<string, unknown>>): {
  readonly given: Readonly<Record<string, unknown>>;
  readonly needs: readonly string[] | undefined;
} {
  const { needs, ...given } = map;
  const rows = idsOf(needs);
  if (!Array.isArray(rows)) return { given: map, needs: undefined };
  const { gating, words } = sortedNeeds(rows);
  if (words.length === 0) return { given: map, needs: undefined };
  return { given: gating.length === 0 ? given : { ...given, needs: gating }, needs: words };
}

function isFlatKey(key: string): boolean {
  return FLAT_KEYS.some((known) => known === key);
}

function listOf(value: unknown): unknown {
  return typeof value === 'string' ? [value] : value;
}

/** `"TASK-1 TASK-2"`, as a table cell may have it; with a remark in parentheses it is one entry. */
function idsOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.includes('(')) return [value];
  return value.split(/[\s,;]+/).filter((id) => id !== '');
}
