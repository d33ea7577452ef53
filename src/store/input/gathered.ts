import { parseDependencyEntries } from '../../domain/queue/dependency-entry.ts';
import { isGatingName, relationFields, relationOf } from '../../domain/rules/relation.ts';
import { sortedNeeds } from './needs.ts';
import { isMap } from './raw-plan.ts';

type Data = Readonly<Record<string, unknown>>;

/**
 * The document with its dependencies where agentq writes them. Lists with other names for `required`, wherever they
 * are, become part of `dependencies.required`; rows that name a kind of relation go into the list of their kind. What
 * has no such form stays as it is.
 */
export function gathered(document: Data): Data {
  const task = takeGating(isMap(document.task) ? document.task : {}, false);
  const top = takeGating(document, false);
  const needs = [...task.needs, ...top.needs];
  const isList = Array.isArray(document.dependencies) || typeof document.dependencies === 'string';
  const section = isMap(document.dependencies) ? document.dependencies : { required: document.dependencies };
  const inside = takeGating(section, true);
  const lists = [...inside.lists, ...task.lists, ...top.lists];
  const hasKinds = [...lists, section.blocks].some((list) => Array.isArray(list) && list.some(isMap));
  if (inside.others.length + task.others.length + top.others.length === 0 && !hasKinds && !isList) {
    return document;
  }
  const taskSection = { ...task.rest, ...(needs.length === 0 ? {} : { needs }) };

  const sorted = new Sorted();
  for (const list of lists) for (const row of rowsOf(list)) sorted.add(row);
  for (const row of rowsOf(section.blocks)) sorted.add(row, 'blocks');
  return {
    ...top.rest,
    ...(isMap(document.task) ? { task: taskSection } : {}),
    dependencies: { ...inside.rest, ...sorted.lists() },
  };
}

interface Taken {
  /** Values of the lists that gate; the one with the usual name first. */
  readonly lists: readonly unknown[];
  /** Their names, without the usual one. */
  readonly others: readonly string[];
  /** Words of `needs` that may be capabilities. */
  readonly needs: readonly string[];
  readonly rest: Data;
}

function takeGating(map: Data, isSection: boolean): Taken {
  const names = Object.keys(map).filter(
    (name) => isGatingName(name) && (typeof map[name] === 'string' || Array.isArray(map[name])),
  );
  const usual = isSection && Object.hasOwn(map, 'required') ? ['required'] : [];
  const others = names.filter((name) => !usual.includes(name));
  const rest = Object.entries(map).filter(([name]) => !others.includes(name) && !usual.includes(name));
  const needs: string[] = [];
  const lists = [...usual, ...others].map((name) => {
    if (isSection || name.toLowerCase() !== 'needs') return map[name];
    const { gating, words } = sortedNeeds(rowsOf(map[name]));
    needs.push(...words);
    return gating;
  });
  return { lists, others, needs, rest: Object.fromEntries(rest) };
}

function rowsOf(list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list;
  return list === undefined || list === null || list === '' ? [] : [list];
}

/** Entries by the list that they belong in; each task is in a list once. */
class Sorted {
  readonly #lists = new Map<string, unknown[]>([
    ['required', []],
    ['blocks', []],
  ]);
  readonly #seen = new Set<string>();

  add(row: unknown, list?: 'blocks'): void {
    const { value, relation } = isMap(row) ? this.#ofMap(row) : { value: row, relation: 'required' };
    const name = list ?? relation;
    const ids = typeof value === 'string' ? parseDependencyEntries(value, 1, '').map(({ id, text }) => id ?? text) : [];
    const isKnown = ids.length > 0 && ids.every((id) => this.#seen.has(`${name} ${id}`));
    for (const id of ids) this.#seen.add(`${name} ${id}`);
    if (isKnown) return;
    const known = this.#lists.get(name);
    if (known) known.push(value);
    else this.#lists.set(name, [value]);
  }

  lists(): Data {
    return Object.fromEntries(this.#lists);
  }

  /** A row that names no task comes back as it is: the check of the list reports it. */
  #ofMap(row: Data): { readonly value: unknown; readonly relation: string } {
    const names = Object.keys(row);
    const fields = relationFields(names);
    const id = row[names[fields.id] ?? ''];
    const isRelation = fields.isIdNamed || fields.kind >= 0;
    if (!isRelation || (typeof id !== 'string' && typeof id !== 'number')) return { value: row, relation: 'required' };
    const kind = String(row[names[fields.kind] ?? ''] ?? '');
    const relation = relationOf(kind);
    if (relation === 'information') return { value: String(id), relation: sectionKey(kind) };
    return { value: String(id), relation: relation === 'gates' ? 'required' : 'blocks' };
  }
}

/** A kind as a key of the section; a key that would be read as another list gets the prefix `kind_`. */
function sectionKey(kind: string): string {
  const key = kind
    .slice(0, 60)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
  return /^[a-z]/.test(key) && !isGatingName(key) ? key : `kind_${key}`;
}
