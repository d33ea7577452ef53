import { saysNothing } from '../queue/dependency-entry.ts';

/**
 * What an entry of a dependency list means for its task: the task waits for the other one (`gates`), the other one
 * waits for the task (`blocks`), or the two are only related (`information`).
 */
export type Relation = 'gates' | 'blocks' | 'information';

/** The name that task files use, and the names that other trackers use for the same. Without case and separators. */
const GATING: ReadonlySet<string> = new Set(['required', 'requires', 'blockedby', 'dependson', 'needs']);
const LONGEST_GATING = 'depends_on'.length + 2;

/** Columns that name the kind of relation. */
const KIND_FIELDS: ReadonlySet<string> = new Set(['kind', 'type', 'relation', 'relationtype', 'dependencytype']);
/** Columns that name the other task, the most telling one first. */
const ID_FIELDS: readonly string[] = ['id', 'task', 'taskid', 'ref', 'target', 'dependency', 'issue', 'key'];

/**
 * The relation that the word for a kind stands for: `blocked_by`, `Blocked By`, `blockedBy`. An empty kind gates, as in
 * a list without kinds. An unknown word is information, since a gate that nobody meant starves the task.
 */
export function relationOf(kind: string): Relation {
  if (saysNothing(kind) || isGatingName(kind)) return 'gates';
  return squashed(kind) === 'blocks' ? 'blocks' : 'information';
}

/** Whether a list of this name holds what its task waits for: `required`, or one of the names that other trackers use. */
export function isGatingName(name: string): boolean {
  // This is asked for almost every key of every file: the length alone settles most of them.
  return name.length >= 'needs'.length && name.length <= LONGEST_GATING && GATING.has(squashed(name));
}

/** Where a row or an object of a dependency list has the other task and the kind of relation. */
export interface RelationFields {
  /** Index of the field that names the other task; -1 if no field is left for it. */
  readonly id: number;
  /** Whether the field's name says that it names a task; else it is merely the first one. */
  readonly isIdNamed: boolean;
  /** Index of the field that names the kind; -1 if there is none. */
  readonly kind: number;
}

/** Finds the fields by their names, in any case and with any separators. */
export function relationFields(fields: readonly string[]): RelationFields {
  const names = fields.map(squashed);
  const kind = names.findIndex((name) => KIND_FIELDS.has(name));
  const named = ID_FIELDS.map((id) => names.indexOf(id)).find((index) => index >= 0);
  const first = kind === 0 ? 1 : 0;
  return { id: named ?? (first < fields.length ? first : -1), isIdNamed: named !== undefined, kind };
}

function squashed(name: string): string {
  return name.length > 40 ? name : name.toLowerCase().replace(/[\s_-]/g, '');
}
