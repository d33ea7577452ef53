import { asciiFirst } from '../base/ascii-first.ts';
import { quote } from '../base/names.ts';
import type { TaskFilter } from '../intents/intent.ts';
import { listedIds, parseDependencyEntries } from '../queue/dependency-entry.ts';
import type { QueueState } from '../queue/queue-state.ts';
import type { TaskEntry } from '../queue/snapshot.ts';
import type { DependencyEntry } from '../queue/task.ts';

/**
 * What `needs` means. Agents write it for dependencies (`needs: TASK-7`), and for what whoever works on the task must
 * have (`needs: gpu`). In `dependencies` it is always the first. Elsewhere an entry is a dependency if it looks like
 * the id of a task, or if its project has a task of that id; every other word is a capability.
 */

const CAPABILITY = asciiFirst(/^[\p{L}\p{N}][\p{L}\p{N}._+-]*$/u);
/** Longest capability (characters). */
const LONGEST = 64;
/** `TASK-7`, `AUTH_12`: capitals, a separator and a number. */
const USUAL_ID = /^[A-Z][A-Z0-9]*[-_]\d/;

/** @returns what is wrong with the word as a capability, or undefined if it is one */
export function capabilityProblem(word: string): string | undefined {
  if (word.length <= LONGEST && CAPABILITY.test(word)) return undefined;
  return `capability ${quote(word)} is not valid: at most ${LONGEST} letters, digits and . _ + -, such as gpu`;
}

/** Entries of `needs` outside of `dependencies`, as far as their text alone tells what they are. */
export interface ParsedNeeds {
  /** Dependencies, and remarks, which gate nothing. */
  readonly required: readonly DependencyEntry[];
  /** Capabilities, unless the project has a task of that id. */
  readonly words: readonly DependencyEntry[];
}

/**
 * Parses one entry of `needs`. One that looks like an id makes dependencies of all that are in the same entry.
 *
 * @param own id of the task itself: what looks like it is an id, too
 */
export function parseNeeds(text: string, line: number, project: string, own: string): ParsedNeeds {
  const required = parseDependencyEntries(text, line, project);
  const ids = required.flatMap(({ id }) => id ?? []);
  if (ids.length === 0 || ids.some((id) => looksLikeTask(id, own))) return { required, words: [] };
  // `cuda12, docker`: as dependencies, the second one would be a remark.
  const words = ids.length === 1 ? listedIds(text, project) : ids;
  const all = words.length === 0 ? ids : words;
  if (all.some((word) => capabilityProblem(word) !== undefined)) return { required, words: [] };
  return { required: [], words: all.map((id) => ({ id, text: all.length === 1 ? text : id, line })) };
}

/**
 * Entries of `needs` in a plan: ids that look like those of tasks, with their remarks, and the other words. Which of
 * these are tasks of the queue or of the plan itself, only linking tells.
 */
export function sortNeeds(texts: readonly string[], project: string, own: string): ParsedNeedTexts {
  const sorted = { required: [] as string[], words: [] as string[] };
  for (const text of texts) {
    const { required, words } = parseNeeds(text, 1, project, own);
    if (required.length > 0) sorted.required.push(text);
    for (const { id, text: word } of words) sorted.words.push(words.length === 1 ? word : (id ?? word));
  }
  return sorted;
}

export interface ParsedNeedTexts {
  readonly required: readonly string[];
  readonly words: readonly string[];
}

/** Whether it looks too much like a task id to be the name of a capability. */
export function looksLikeTask(id: string, own: string): boolean {
  if (id.includes('/') || USUAL_ID.test(id)) return true;
  let end = own.length;
  while (isDigit(own[end - 1])) end--;
  return end > 0 && end < own.length && id.startsWith(own.slice(0, end)) && isDigit(id[end]);
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** What the task needs and the agent of the filter cannot do; case does not matter. */
export function lacking(state: QueueState, entry: TaskEntry, { can = [] }: TaskFilter): readonly string[] {
  const needs = state.capabilities(entry);
  if (needs.length === 0) return needs;
  const able = new Set(can.map((word) => word.toLowerCase()));
  return needs.filter((word) => !able.has(word.toLowerCase()));
}
