import * as z from 'zod/mini';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import type { ForeignState, ForeignTask, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import { labelsFrom, priorityOf, sections, toLine, toText, toTime } from '../../../domain/moving/words.ts';
import type { SourceText } from '../checked.ts';
import { type Heading, type ListItem, linesOf, parseMarkdown } from './markdown-tree.ts';
import { readFrontMatter } from './yaml.ts';

export const backlogRules: TrackerRules = {
  tracker: 'backlog',
  names: 'are-ids',
  parts: 'are-apart',
  twice: 'refuse',
  // A project may have got another prefix since, and zeros: `task-24.1` is `BACK-24.01`.
  canonical(name) {
    let from = name.length;
    while (from > 0 && /[\d.]/.test(name.charAt(from - 1))) from--;
    const numbers = name
      .slice(from)
      .split('.')
      .filter((part) => part !== '');
    return numbers.length === 0 ? name.toLowerCase() : numbers.map(Number).join('.');
  },
};

/** Where Backlog.md keeps tasks, relative to the named folder: open ones, and those that were archived as done. */
export const BACKLOG_FOLDERS: readonly (readonly string[])[] = [
  ['backlog/tasks', 'backlog/completed'],
  ['tasks', 'completed'],
  ['.', 'completed'],
];

/** A task that was archived as done is done, whatever its status says, unless it was given up. */
export function putAway(task: ForeignTask): ForeignTask {
  return task.state === 'dropped' ? task : { ...task, state: 'done' };
}

const text = z.optional(z.string());
const texts = z.optional(z.union([z.string(), z.array(z.string())]));
const frontMatter = z.looseObject({
  id: z.string(),
  title: z.string(),
  status: text,
  priority: text,
  type: text,
  milestone: text,
  parent_task_id: text,
  created_date: text,
  updated_date: text,
  completed_date: text,
  reporter: text,
  assignee: texts,
  labels: texts,
  dependencies: texts,
  references: texts,
  documentation: texts,
});

/** Reads one task of Backlog.md. */
export function readBacklogTask(source: SourceText): ForeignTask {
  const read = readFrontMatter(frontMatter, source);
  if (read === undefined) {
    throw new Failure('task-invalid', `${source.name}:1: there is no YAML between two lines of --- in front`);
  }
  const { value } = read;
  const body = read.body.replaceAll('\r\n', '\n');
  const parts = sectionsIn(body);
  const word = toLine(value.status ?? 'To Do');
  const people = listOf(value.assignee).map((name) => toLine(name).replace(/^@/, ''));
  const who = people.length === 0 ? undefined : people.join(', ');
  const milestone = toLine(value.milestone ?? '').slice(0, 100);
  const state = STATES[word.toLowerCase()] ?? 'open';
  const others = parts.others.map(([heading, content]) => [heading, content] as const);
  const links = [...listOf(value.references), ...listOf(value.documentation)].map((link) => `- ${toLine(link)}`);
  return {
    place: `${source.name}:1`,
    name: value.id.trim(),
    title: value.title,
    ...given({
      type: toLine(value.type ?? '').slice(0, 100) || undefined,
      priority: priorityOf(value.priority ?? ''),
      text: sections(parts.description, [...others, ['References', links.length === 0 ? undefined : links.join('\n')]]),
      batch: milestone === '' ? undefined : milestone,
      who,
      since: state === 'done' ? (value.completed_date ?? value.updated_date) : value.updated_date,
      parent: value.parent_task_id?.trim() || undefined,
    }),
    criteria: parts.criteria,
    labels: {
      ...labelsFrom(listOf(value.labels)),
      ...given({ parent: toLine(value.parent_task_id ?? '') || undefined }),
    },
    state,
    word,
    requires: listOf(value.dependencies),
    rest: {
      metadata: given({
        created_by: toLine(value.reporter ?? '').replace(/^@/, '') || undefined,
        created_at: toTime(value.created_date),
        assignees: who,
      }),
    },
  };
}

const STATES: Readonly<Record<string, ForeignState>> = {
  done: 'done',
  complete: 'done',
  completed: 'done',
  closed: 'done',
  'in progress': 'started',
  'in-progress': 'started',
  doing: 'started',
  review: 'started',
  'in review': 'started',
  blocked: 'parked',
  draft: 'parked',
  deferred: 'parked',
  "won't do": 'dropped',
  'wont do': 'dropped',
  cancelled: 'dropped',
  canceled: 'dropped',
};

interface Sections {
  readonly description: string | undefined;
  readonly criteria: readonly string[];
  readonly others: readonly (readonly [string, string])[];
}

/** The parts of the text below headings of the second level. Headings of the third belong to the part around them. */
function sectionsIn(body: string): Sections {
  const { children } = parseMarkdown(body);
  const headings = children.filter((node): node is Heading => node.type === 'heading' && node.depth <= 2);
  const found: [string, string][] = [];
  let criteria: readonly string[] = [];
  const intro = plain(body.slice(0, headings[0]?.position?.start.offset ?? body.length));
  for (const [index, heading] of headings.entries()) {
    const [from, to] = [heading.position?.end.offset ?? 0, headings[index + 1]?.position?.start.offset ?? body.length];
    const title = toLine(linesOf(body, heading.children));
    const content = plain(body.slice(from, to));
    if (/^acceptance criteria/i.test(title)) {
      criteria = [...criteria, ...criteriaOf(body, from, to, children)];
    } else if (content !== undefined) found.push([title, content]);
  }
  const isDescription = ([title]: readonly [string, string]): boolean => /^description$/i.test(title);
  const description = found.find(isDescription)?.[1];
  const others = found.filter((one) => !isDescription(one));
  return {
    description: [intro, description].filter((part) => part !== undefined).join('\n\n') || undefined,
    criteria,
    others,
  };
}

/** The items of all lists between the two offsets, without the number that Backlog.md gives them: `#1 It works`. */
function criteriaOf(
  body: string,
  from: number,
  to: number,
  nodes: ReturnType<typeof parseMarkdown>['children'],
): string[] {
  return nodes
    .filter((node) => (node.position?.start.offset ?? 0) >= from && (node.position?.end.offset ?? 0) <= to)
    .flatMap((node) => (node.type === 'list' ? node.children : []))
    .flatMap((item: ListItem) => toText(linesOf(body, item.children).replace(/^#\d{1,4}\s+/, '')) ?? []);
}

/** The text without the comments that mark its parts for the tool. */
function plain(part: string): string | undefined {
  const marks = /^<!-- (?:(?:SECTION:[A-Z_]{1,40}|AC|DOD|COMMENTS?):(?:BEGIN|END)) -->\s*$/;
  return toText(
    part
      .split('\n')
      .filter((line) => !marks.test(line))
      .join('\n')
      .trim(),
  );
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  const items = typeof value === 'string' ? value.split(',') : (value ?? []);
  return items.map((item) => item.trim()).filter((item) => item !== '');
}
