import { parseDependencyEntries } from '../../domain/queue/dependency-entry.ts';
import type { DependencyEntry } from '../../domain/queue/task.ts';
import { parseNeeds } from '../../domain/rules/needs.ts';
import { isGatingName, type Relation, relationFields, relationOf } from '../../domain/rules/relation.ts';
import { fieldsOfItem, type Item, itemsOf, rowsOf } from './text/items.ts';
import { lineAt, lineText, type Source } from './text/source.ts';
import { rawValue, type TreeNode } from './text/tree.ts';

/** What a task file says about other tasks. */
export interface Dependencies {
  /** What the task waits for, from every list that means that. */
  readonly required: readonly DependencyEntry[];
  /** Words of `needs` outside of `dependencies` that do not look like ids: capabilities, or ids of tasks. */
  readonly needs: readonly DependencyEntry[];
  readonly blocks: readonly DependencyEntry[];
  /** Lists that gate, but under another name than `dependencies.required`. */
  readonly otherNames: readonly { readonly name: string; readonly line: number }[];
  /** Entries of a list that gates, with a kind that says they do not gate. The line is 0-based. */
  readonly ungated: readonly { readonly text: string; readonly kind: string; readonly line: number }[];
}

/**
 * What a list of dependencies is: one of the format's two lists, `dependencies` itself, a list that means `required`, or
 * one that may name capabilities, too.
 */
type Role = 'required' | 'section' | 'other-name' | 'needs' | 'blocks';

/** A list in a task file that says something about other tasks. */
export interface Found {
  readonly node: TreeNode;
  readonly name: string;
  readonly role: Role;
  readonly place: 'top' | 'task';
}

interface Row {
  readonly relation: Relation;
  readonly kind: string;
  readonly text: string;
  readonly line: number;
  readonly entries: readonly DependencyEntry[];
  /** The text of an entry that is one text, and names no kind. */
  readonly plain?: string;
}

/** The order in which lists are read: by role, and within a role those at the top first. */
const ROLES: readonly Role[] = ['required', 'section', 'other-name', 'blocks'];
const SWITCH = /^(?:true|false|yes|no)$/i;

/**
 * Reads every list of dependencies: those in `dependencies`, at the top or in `task`, which may be a list itself, and
 * those in `task` or at the top with a name that means `required`. A task that several of them name counts once.
 */
export function dependenciesOf(
  source: Source,
  tree: readonly TreeNode[],
  { project, id: own }: { readonly project: string; readonly id: string },
): Dependencies {
  const required: DependencyEntry[] = [];
  const needs = new Map<string | undefined, DependencyEntry>();
  const blocks: DependencyEntry[] = [];
  const otherNames: { name: string; line: number }[] = [];
  const ungated: { text: string; kind: string; line: number }[] = [];
  const known = new Set<string | undefined>();
  let noted = 0;
  for (const { node, name, role } of listsOf(source, tree)) {
    // The ids in the lists before this one; each entry is noted once, however many lists there are.
    for (; noted < required.length; noted++) known.add(required[noted]?.id);
    const isOther = role === 'other-name' || role === 'needs';
    let isUsed = false;
    for (const row of rowsIn(source, node, project)) {
      const { relation, kind, text, line } = row;
      const means = role === 'blocks' ? 'blocks' : relation;
      const parsed =
        role === 'needs' && row.plain !== undefined ? parseNeeds(row.plain, line + 1, project, own) : undefined;
      const entries = parsed?.required ?? row.entries;
      for (const word of parsed?.words ?? []) if (!needs.has(word.id)) needs.set(word.id, word);
      // Never as arguments of one call: a line of a megabyte holds half a million of them.
      for (const entry of entries) {
        isUsed ||= entry.id !== undefined;
        if (means === 'blocks') blocks.push(entry);
        else if (means === 'gates' && (!isOther || entry.id === undefined || !known.has(entry.id))) {
          required.push(entry);
        }
      }
      if (relation !== 'gates' && (role === 'required' || isOther)) ungated.push({ text, kind, line });
    }
    if (isOther && isUsed) otherNames.push({ name, line: node.line });
  }
  return { required, needs: [...needs.values()], blocks, otherNames, ungated };
}

/** Every list of a task file that says something about other tasks, in the order in which they are read. */
export function listsOf(source: Source, tree: readonly TreeNode[]): readonly Found[] {
  const found: Found[] = [];
  collect(source, tree, '', 'top', found);
  return found.sort((a, b) => rankOf(a) - rankOf(b));
}

type Place = '' | 'task' | 'dependencies';

/** Keys may hold several steps at once, as in `task.dependencies.required`. */
function collect(
  source: Source,
  nodes: readonly TreeNode[],
  from: Place,
  inside: Found['place'],
  found: Found[],
): void {
  for (const node of nodes) {
    if (node.kind === 'loose') continue;
    const steps = node.key.includes('.') ? node.key.split('.') : [node.key];
    let place = from;
    let within = inside;
    let taken = 0;
    for (; taken < steps.length; taken++) {
      const step = steps[taken];
      if (step === 'task' && place === '') place = 'task';
      else if (step === 'dependencies' && place !== 'dependencies') place = 'dependencies';
      else break;
      if (place === 'task') within = 'task';
    }
    if (taken === steps.length) {
      if (place === 'dependencies' && node.kind !== 'map') {
        found.push({ node, name: 'dependencies', role: 'section', place: within });
      } else collect(source, node.children, place, within, found);
    } else if (taken === steps.length - 1) {
      const role = roleOf(source, node, place, steps[taken] ?? '');
      const path = [within === 'task' ? within : '', place === 'dependencies' ? place : '', steps[taken] ?? ''];
      const name = path.filter((step) => step !== '').join('.');
      if (role !== undefined) found.push({ node, name, role, place: within });
    }
  }
}

function rankOf({ role, place }: Found): number {
  return 2 * ROLES.indexOf(role === 'needs' ? 'other-name' : role) + (place === 'task' ? 1 : 0);
}

function roleOf(source: Source, node: TreeNode, place: Place, name: string): Role | undefined {
  if (place === 'dependencies' && (name === 'required' || name === 'blocks')) return name;
  if (!isGatingName(name)) return undefined;
  // `required: true` is an unrelated switch of the file's author.
  if (node.kind === 'scalar' && SWITCH.test(rawValue(source, node))) return undefined;
  return place !== 'dependencies' && name.toLowerCase() === 'needs' ? 'needs' : 'other-name';
}

function rowsIn(source: Source, node: TreeNode, project: string): Row[] {
  if (node.kind === 'map') return keysAsRows(source, node, project);
  if (node.fields === undefined) return itemsOf(source, node).map((item) => itemRow(item, project));
  const at = relationFields(node.fields);
  const width = node.fields.length;
  return rowsOf(source, node, width).map(({ text, line, cells }) => {
    const kind = at.kind < 0 ? '' : kindIn(cells, at.kind, width);
    return rowFor(kind, cells[at.id] ?? '', { text, line }, project);
  });
}

/** If a row has more cells than its header announces, the surplus may be on either side of the kind. */
function kindIn(cells: readonly string[], at: number, width: number): string {
  const kind = cells[at] ?? '';
  const fromEnd = cells[at + Math.max(0, cells.length - width)] ?? '';
  return relationOf(kind) === 'information' && relationOf(fromEnd) !== 'information' ? fromEnd : kind;
}

function itemRow(item: Item, project: string): Row {
  const fields = fieldsOfItem(item.text);
  const at = fields && relationFields(fields.map(([name]) => name));
  const isObject = at !== undefined && at.id >= 0 && (at.isIdNamed || at.kind >= 0);
  if (fields === undefined || !isObject) {
    const entries = parseDependencyEntries(item.text, item.line + 1, project);
    return { relation: 'gates', kind: '', ...item, entries, plain: item.text };
  }
  return rowFor(fields[at.kind]?.[1] ?? '', fields[at.id]?.[1] ?? '', item, project);
}

/** The entries keep the text of the whole row: the remark in its other cells belongs to them. */
function rowFor(kind: string, id: string, { text, line }: Item, project: string): Row {
  const entries = parseDependencyEntries(id, line + 1, project).map((entry) => ({ ...entry, text }));
  return { relation: relationOf(kind), kind, text, line, entries };
}

/**
 * `TASK-001: why`, or settings below each id. Keys without a number belong to an unrelated section of the same name.
 */
function keysAsRows(source: Source, { children }: TreeNode, project: string): Row[] {
  return children
    .filter(({ kind, key }) => kind !== 'loose' && /\d/.test(key))
    .map(({ line }) => itemRow({ text: lineText(source, lineAt(source, line)), line }, project));
}
