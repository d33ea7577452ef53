import { stronglyConnected } from '../rules/dependency-graph.ts';
import type { ForeignTask, Remark, TrackerRules } from './foreign-task.ts';

/** What a task requires once it is here, by the names of the tracker. */
export interface Related {
  readonly requires: ReadonlyMap<ForeignTask, readonly ForeignTask[]>;
  readonly remarks: readonly Remark[];
}

/** More would be an attempt to keep the process busy. */
const MOST_EDGES = 200_000;
/** Deepest nesting of wholes in wholes that is followed. */
const DEEPEST = 50;

/**
 * The requirements between the tasks that are moved. A whole requires its parts, so that nobody works on it before
 * them; parts wait for what the whole waits for, if the tracker says so. Such derived requirements are left out if they
 * would go round in a circle. A requirement of a task that is not moved is dropped, with a remark that says why.
 *
 * @param all every task that the input has
 * @param moved those that become tasks here
 */
export function relationsOf(
  all: readonly ForeignTask[],
  moved: ReadonlySet<ForeignTask>,
  rules: TrackerRules,
): Related {
  const names = new Names(all, rules);
  const remarks: Remark[] = [];
  const wholes = new Map<ForeignTask, ForeignTask>();
  const stated = new Map<ForeignTask, Set<ForeignTask>>();
  for (const task of moved) {
    const whole = task.parent === undefined ? undefined : names.find(task.parent);
    if (whole !== undefined && whole !== task) wholes.set(task, whole);
    const required = new Set<ForeignTask>();
    for (const name of task.requires) {
      const other = names.find(name);
      if (other !== undefined && moved.has(other)) required.add(other);
      else remarks.push({ ...placeOf(task), reason: `it required ${name}, which ${whyNot(other, rules)}` });
    }
    stated.set(task, required);
  }
  const derived = derivedFrom([...moved], wholes, stated, rules);
  return { requires: withoutCircles([...moved], stated, derived), remarks };
}

function placeOf({ place, name }: ForeignTask): Pick<Remark, 'place' | 'name'> {
  return { place, name };
}

function whyNot(other: ForeignTask | undefined, { tracker }: TrackerRules): string {
  if (other === undefined) return `is not in this input`;
  return other.state === 'dropped' ? `will not be done (${other.word} in ${tracker})` : 'is done';
}

/** Tasks by what they are called, or by a name that means the same if only one has such a name. */
class Names {
  readonly #exact = new Map<string, ForeignTask>();
  readonly #canonical = new Map<string, ForeignTask | 'several'>();
  readonly #rules: TrackerRules;

  constructor(all: readonly ForeignTask[], rules: TrackerRules) {
    this.#rules = rules;
    for (const task of all) {
      this.#exact.set(task.name, task);
      const name = rules.canonical(task.name);
      this.#canonical.set(name, this.#canonical.has(name) ? 'several' : task);
    }
  }

  find(name: string): ForeignTask | undefined {
    const exact = this.#exact.get(name);
    const found = exact ?? this.#canonical.get(this.#rules.canonical(name));
    return found === 'several' ? undefined : found;
  }
}

type Requirements = ReadonlyMap<ForeignTask, ReadonlySet<ForeignTask>>;

function derivedFrom(
  moved: readonly ForeignTask[],
  wholes: ReadonlyMap<ForeignTask, ForeignTask>,
  stated: Requirements,
  { parts }: TrackerRules,
): Requirements {
  const derived = new Map<ForeignTask, Set<ForeignTask>>(moved.map((task) => [task, new Set()]));
  let count = 0;
  const add = (from: ForeignTask, to: ForeignTask): void => {
    if (from === to || stated.get(from)?.has(to)) return;
    if (count++ < MOST_EDGES) derived.get(from)?.add(to);
  };
  const wholesOf = (task: ForeignTask): Set<ForeignTask> => {
    const above = new Set<ForeignTask>();
    let whole = wholes.get(task);
    while (whole !== undefined && !above.has(whole) && above.size < DEEPEST) {
      above.add(whole);
      whole = wholes.get(whole);
    }
    return above;
  };
  for (const part of moved) {
    const whole = wholes.get(part);
    if (whole !== undefined) add(whole, part);
    if (whole === undefined || parts === 'are-apart') continue;
    for (const above of wholesOf(part)) {
      // Another part of the same whole is not a reason for this part to wait.
      for (const needed of stated.get(above) ?? []) if (!wholesOf(needed).has(above)) add(part, needed);
    }
  }
  return derived;
}

/**
 * All requirements, without the derived ones that are part of a circle. A circle of stated ones is an error elsewhere.
 */
function withoutCircles(
  moved: readonly ForeignTask[],
  stated: Requirements,
  derived: Requirements,
): ReadonlyMap<ForeignTask, readonly ForeignTask[]> {
  const numbers = new Map(moved.map((task, number) => [task, number]));
  const edges = moved.map((task) =>
    [...(stated.get(task) ?? []), ...(derived.get(task) ?? [])].flatMap((to) => numbers.get(to) ?? []),
  );
  const circle = new Map<ForeignTask, number>();
  for (const [number, component] of stronglyConnected(edges).entries()) {
    for (const member of component) {
      const task = moved[member];
      if (task !== undefined) circle.set(task, number);
    }
  }
  return new Map(
    moved.map((task) => [
      task,
      [
        ...(stated.get(task) ?? []),
        ...[...(derived.get(task) ?? [])].filter((to) => circle.get(to) !== circle.get(task)),
      ],
    ]),
  );
}
