import { agentProblem, hasHidden, quote } from '../../../domain/base/names.ts';
import type { TaskFilter } from '../../../domain/intents/intent.ts';
import type { TaskEntry } from '../../../domain/queue/snapshot.ts';
import type { TaskState } from '../../../domain/queue/task.ts';
import { saysAll, wordsOf } from '../../../domain/resolving/search.ts';
import { matches } from '../../../domain/rules/filter.ts';
import { readFilter, type Since, sinceOf } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { oneLineProblem, usage } from '../../command/usage.ts';
import type { ListedTask } from './result.ts';

/** A task of the queue, with what the options may ask of it. */
export interface Candidate {
  readonly entry: TaskEntry;
  readonly task: Omit<ListedTask, 'lastFailure' | 'heldBackBy'>;
  readonly isStalled: boolean;
}

/** What an option selects, and the folders in which such tasks are. */
interface Kind {
  readonly folder: TaskState;
  has(candidate: Candidate): boolean;
}

/** By option. Several of them add up. */
const KINDS = {
  ready: { folder: 'ready', has: ({ task }) => task.state === 'ready' && task.problem === null },
  waiting: { folder: 'ready', has: ({ task }) => task.state === 'waiting' && task.problem === null },
  blocked: { folder: 'ready', has: isNotYet },
  asking: { folder: 'ready', has: ({ task }) => task.state === 'asking' },
  claimed: { folder: 'claimed', has: ({ entry }) => entry.state === 'claimed' },
  review: { folder: 'claimed', has: ({ task }) => task.state === 'review' },
  stalled: { folder: 'claimed', has: ({ isStalled }) => isStalled },
  completed: { folder: 'completed', has: ({ entry }) => entry.state === 'completed' },
  cancelled: { folder: 'ready', has: isCancelled },
} as const satisfies Readonly<Record<string, Kind>>;

type KindName = keyof typeof KINDS;

const KIND_NAMES = Object.keys(KINDS) as readonly KindName[];

/** In an old queue nearly all tasks are over, and few users want to see them. */
const OVER: ReadonlySet<KindName> = new Set(['completed', 'cancelled']);

/** Which tasks a list is to have. */
export interface Selection {
  readonly filter: TaskFilter;
  readonly kinds: ReadonlySet<KindName>;
  /** Whether tasks that are over are missing only because nobody asked for any. */
  readonly selected: 'by-default' | 'by-options';
  /** Labels that the tasks must have, whatever their values. */
  readonly labelled: readonly string[];
  /** Words that each of the tasks has. */
  readonly words: readonly string[];
  /** Who holds or has completed the tasks. */
  readonly owner: string | undefined;
  /** Only tasks to which something has happened since then. */
  readonly since: Since | undefined;
}

/** The options of a list. */
export function readSelection(input: Input): Selection {
  const labels = input.list('label');
  const labelled = labels.filter((text) => !text.includes('='));
  const hidden = labelled.find((text) => hasHidden(text) || /\s/.test(text));
  if (hidden !== undefined) throw usage(`--label must be a name or key=value, not ${quote(hidden)}`);
  const since = input.typed('since', oneLineProblem('--since'));
  const asked = input.isOn('all') ? KIND_NAMES : KIND_NAMES.filter((name) => input.isOn(name));
  return {
    filter: readFilter(
      input,
      labels.filter((text) => text.includes('=')),
    ),
    kinds: new Set(asked.length > 0 ? asked : KIND_NAMES.filter((name) => !OVER.has(name))),
    selected: asked.length > 0 ? 'by-options' : 'by-default',
    labelled,
    words: wordsOf(input.typed('search', oneLineProblem('--search')) ?? ''),
    owner: input.typed('agent', agentProblem),
    since: since === undefined ? undefined : sinceOf(since),
  };
}

/** The folders whose files the selection needs. What is claimed may be in the way of what is ready. */
export function foldersOf({ kinds }: Pick<Selection, 'kinds'>): ReadonlySet<TaskState> {
  const folders = new Set<TaskState>([...kinds].map((name) => KINDS[name].folder));
  return kinds.has('ready') ? folders.add('claimed') : folders;
}

/** Whether the options for kinds of tasks select it. */
export function isOfKind(candidate: Candidate, { kinds }: Pick<Selection, 'kinds'>): boolean {
  return [...kinds].some((name) => KINDS[name].has(candidate));
}

/** Whether the task is completed or cancelled. */
export function isOver(candidate: Candidate): boolean {
  return [...OVER].some((name) => KINDS[name].has(candidate));
}

/** Whether it passes all other options except `since`. */
export function isAsked({ entry, task }: Candidate, selection: Selection): boolean {
  const { filter, labelled, words, owner } = selection;
  if (!matches(entry, filter)) return false;
  if (owner !== undefined && task.owner !== owner) return false;
  const isReadable = entry.reading.kind === 'read';
  return (!isReadable || labelled.every((label) => Object.hasOwn(task.labels, label))) && saysAll(entry, words);
}

/** In the ready folder, and not claimable now, but it can become so. */
function isNotYet({ entry, task }: Candidate): boolean {
  if (entry.state !== 'ready') return false;
  return task.problem !== null || !(task.state === 'ready' || task.state === 'cancelled');
}

function isCancelled({ entry, task }: Candidate): boolean {
  return entry.state === 'ready' && task.state === 'cancelled';
}
