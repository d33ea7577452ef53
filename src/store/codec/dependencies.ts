import { parseDependencyEntries } from '../../domain/dependency-entry.ts';
import { isGatingName, type Relation, relationFields, relationOf } from '../../domain/relation.ts';
import type { DependencyEntry } from '../../domain/task.ts';
import { fieldsOfItem, type Item, itemsOf, rowsOf } from './items.ts';
import { lineAt, lineText, type Source } from './source.ts';
import { rawValue, type TreeNode } from './tree.ts';

/** What a task file says about other tasks. */
export interface Dependencies {
  /** What the task waits for, from every list that means it. */
  readonly required: readonly DependencyEntry[];
  readonly blocks: readonly DependencyEntry[];
  /** Lists that gate under another name than `dependencies.required`. */
  readonly otherNames: readonly { readonly name: string; readonly line: number }[];
  /** Entries of a list that gates whose kind says that they do not. The line is 0-based. */
  readonly ungated: readonly { readonly text: string; readonly kind: string; readonly line: number }[];
}

/** A list of dependencies. The rank says in which order lists are read. */
interface Found {
  readonly node: TreeNode;
  readonly name: string;
  readonly rank: number;
}

interface Row {
  readonly relation: Relation;
  readonly kind: string;
  readonly text: string;
  readonly line: number;
  readonly entries: readonly DependencyEntry[];
}

const RANK = { required: 0, section: 2, otherName: 4, blocks: 6 } as const;
const SWITCH = /^(?:true|false|yes|no)$/i;

/**
 * Reads every list of dependencies: in `dependencies` at the top or in `task`, which may be a list itself, and those that
 * stand in `task` or at the top under a name that means `required`. What several of them name counts once.
 */
export function dependenciesOf(source: Source, tree: readonly TreeNode[], project: string): Dependencies {
  const found: Found[] = [];
  collect(source, tree, '', 0, found);
  found.sort((a, b) => a.rank - b.rank);
  const required: DependencyEntry[] = [];
  const blocks: DependencyEntry[] = [];
  const otherNames: { name: string; line: number }[] = [];
  const ungated: { text: string; kind: string; line: number }[] = [];
  for (const { node, name, rank } of found) {
    const known = rank < RANK.otherName ? undefined : new Set(required.map(({ id }) => id));
    const rows = rowsIn(source, node, project);
    for (const { relation, kind, text, line, entries } of rows) {
      if (rank === RANK.blocks || relation === 'blocks') blocks.push(...entries);
      else if (relation === 'gates') required.push(...entries.filter(({ id }) => id === undefined || !known?.has(id)));
      if (relation === 'gates' || rank === RANK.blocks || isSection(rank)) continue;
      ungated.push({ text, kind, line });
    }
    const isOther = rank >= RANK.otherName && rank < RANK.blocks;
    if (isOther && rows.some(({ entries }) => entries.some(({ id }) => id !== undefined))) {
      otherNames.push({ name, line: node.line });
    }
  }
  return { required, blocks, otherNames, ungated };
}

function isSection(rank: number): boolean {
  return rank >= RANK.section && rank < RANK.otherName;
}

type Place = '' | 'task' | 'dependencies';

/** Keys may hold several steps at once, as in `task.dependencies.required`. */
function collect(source: Source, nodes: readonly TreeNode[], from: Place, inTask: number, found: Found[]): void {
  for (const node of nodes) {
    if (node.kind === 'loose') continue;
    const steps = node.key.includes('.') ? node.key.split('.') : [node.key];
    let place = from;
    let within = inTask;
    let taken = 0;
    for (; taken < steps.length; taken++) {
      const step = steps[taken];
      if (step === 'task' && place === '') place = 'task';
      else if (step === 'dependencies' && place !== 'dependencies') place = 'dependencies';
      else break;
      if (place === 'task') within = 1;
    }
    if (taken === steps.length) {
      if (place === 'dependencies' && node.kind !== 'map') {
        found.push({ node, name: 'dependencies', rank: RANK.section + within });
      } else collect(source, node.children, place, within, found);
    } else if (taken === steps.length - 1) {
      const rank = rankOf(source, node, place, steps[taken] ?? '');
      const path = [within === 1 ? 'task' : '', place === 'dependencies' ? place : '', steps[taken] ?? ''];
      if (rank !== undefined)
        found.push({ node, name: path.filter((step) => step !== '').join('.'), rank: rank + within });
    }
  }
}

function rankOf(source: Source, node: TreeNode, place: Place, name: string): number | undefined {
  if (place === 'dependencies') {
    if (name === 'required') return RANK.required;
    if (name === 'blocks') return RANK.blocks;
  }
  if (!isGatingName(name)) return undefined;
  // `required: true` is a switch of somebody's own.
  return node.kind === 'scalar' && SWITCH.test(rawValue(source, node)) ? undefined : RANK.otherName;
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

/** Where a row has more cells than its header announces, the surplus may stand on either side of the kind. */
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
    return { relation: 'gates', kind: '', ...item, entries };
  }
  return rowFor(fields[at.kind]?.[1] ?? '', fields[at.id]?.[1] ?? '', item, project);
}

/** The entries keep the text of the whole row: the remark in its other cells belongs to them. */
function rowFor(kind: string, id: string, { text, line }: Item, project: string): Row {
  const entries = parseDependencyEntries(id, line + 1, project).map((entry) => ({ ...entry, text }));
  return { relation: relationOf(kind), kind, text, line, entries };
}

/** `TASK-001: why`, or settings below each id. Keys without a number are somebody's own section of the same name. */
function keysAsRows(source: Source, { children }: TreeNode, project: string): Row[] {
  return children
    .filter(({ kind, key }) => kind !== 'loose' && /\d/.test(key))
    .map(({ line }) => itemRow({ text: lineText(source, lineAt(source, line)), line }, project));
}
