import * as z from 'zod/mini';
import { given } from '../../../domain/base/given.ts';
import { hasHidden } from '../../../domain/base/names.ts';
import type { ForeignTask, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import { labelsFrom, priorityInLabel, toLine, toText } from '../../../domain/moving/words.ts';
import type { SourceText } from '../checked.ts';
import { readJson } from '../json.ts';

export const githubRules: TrackerRules = {
  tracker: 'github',
  names: 'are-refs',
  parts: 'are-apart',
  twice: 'refuse',
  canonical: (name) => name,
};

const named = z.union([z.string(), z.looseObject({ name: z.string() })]);
const issue = z.looseObject({
  number: z.number().check(z.int(), z.positive()),
  title: z.string(),
  body: z.optional(z.nullable(z.string())),
  state: z.optional(z.string()),
  stateReason: z.optional(z.nullable(z.string())),
  labels: z.optional(z.array(named)),
  assignees: z.optional(z.array(z.union([z.string(), z.looseObject({ login: z.string() })]))),
  milestone: z.optional(z.nullable(z.union([z.string(), z.looseObject({ title: z.string() })]))),
  url: z.optional(z.string()),
  closedAt: z.optional(z.nullable(z.string())),
  createdAt: z.optional(z.nullable(z.string())),
});

/** A word that says what kind of work an issue is, as GitHub's own labels have it. */
const TYPES: readonly string[] = ['bug', 'enhancement', 'feature', 'documentation', 'question', 'chore', 'task'];

/** Reads what `gh issue list --json number,title,body,labels,state,assignees,milestone,url` prints. */
export function readGithub(source: SourceText): readonly ForeignTask[] {
  const { value, placeOf } = readJson(z.array(issue), source);
  return value.map((one, index): ForeignTask => {
    const words = (one.labels ?? []).map((label) => (typeof label === 'string' ? label : label.name));
    const people = (one.assignees ?? []).map((person) => toLine(typeof person === 'string' ? person : person.login));
    const milestone = typeof one.milestone === 'string' ? one.milestone : one.milestone?.title;
    const url =
      one.url !== undefined && /^https?:\/\/\S{1,400}$/.test(one.url) && !hasHidden(one.url) ? one.url : undefined;
    const batch = toLine(milestone ?? '').slice(0, 100);
    const state = (one.state ?? 'OPEN').toUpperCase();
    return {
      place: placeOf(index),
      name: String(one.number),
      title: one.title,
      ...given({
        type: typeIn(words),
        priority: words.map(priorityInLabel).find((priority) => priority !== undefined),
        text: toText(one.body),
        batch: batch === '' ? undefined : batch,
        since: one.closedAt ?? undefined,
        who: people.length === 0 ? undefined : people.join(', '),
      }),
      criteria: [],
      labels: labelsFrom(words),
      state: stateOf(state, one.stateReason),
      word: state.toLowerCase(),
      requires: [],
      rest: {
        metadata: { ...given({ issue: url, assignees: people.length === 0 ? undefined : people.join(', ') }) },
      },
    };
  });
}

function stateOf(state: string, reason: string | null | undefined): ForeignTask['state'] {
  if (state !== 'CLOSED') return 'open';
  return reason?.toUpperCase() === 'NOT_PLANNED' ? 'dropped' : 'done';
}

function typeIn(words: readonly string[]): string | undefined {
  for (const word of words) {
    const stated = /^(?:type|kind)\s*[:/=]\s*(\S{1,50})$/i.exec(word.trim())?.[1];
    if (stated !== undefined) return toLine(stated).toLowerCase();
  }
  return TYPES.find((type) => words.some((word) => word.toLowerCase() === type));
}
