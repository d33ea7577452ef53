import type { Rendering } from '../../output/rendering.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import type { Style } from '../../output/style.ts';
import { cutToWidth } from '../../output/table.ts';
import type { GraphResult, TaskNode } from './result.ts';

/** What is deeper is drawn below, from the left again: otherwise its lines would be nothing but indentation. */
const DEEPEST = 40;

/** A tree with one line for each task, and the critical path; or the format that was asked for. */
export function render(result: GraphResult, { columns: width, style }: Rendering): string {
  const { tasks, criticalPath, presentation } = result;
  if (presentation.text !== undefined) return presentation.text;
  if (tasks.length === 0) return '';
  const isOneProject = new Set(tasks.map(({ project }) => project)).size === 1;
  const lines = new Tree(tasks, isOneProject ? 'id' : 'name').lines();
  const shown = lines.map(({ indent, text, node }) => {
    const line = cutToWidth(sanitizeLine(`${indent}${text}`), width ?? Number.POSITIVE_INFINITY);
    return colour(line, node, style);
  });
  const short = (name: string): string => (isOneProject ? name.slice(name.indexOf('/') + 1) : name);
  const count = criticalPath.length === 1 ? '1 open task' : `${criticalPath.length} open tasks`;
  const path = `critical path (*), ${count}: ${criticalPath.map(short).join(' -> ')}`;
  return [...shown, ...(criticalPath.length === 0 ? [] : ['', sanitizeLine(path)]), ''].join('\n');
}

interface Line {
  readonly indent: string;
  readonly text: string;
  readonly node: TaskNode | undefined;
}

/** Where the walk through the tree is. */
interface Step {
  readonly node: TaskNode;
  /** What the lines below it begin with. */
  readonly below: string;
  readonly depth: number;
  next: number;
}

/** Tasks with what they require below them. It keeps its own stack: a queue may be one chain of 100,000 tasks. */
class Tree {
  readonly #nodes: ReadonlyMap<string, TaskNode>;
  readonly #tasks: readonly TaskNode[];
  readonly #naming: 'id' | 'name';
  readonly #shown = new Set<TaskNode>();
  readonly #lines: Line[] = [];

  constructor(tasks: readonly TaskNode[], naming: 'id' | 'name') {
    this.#tasks = tasks;
    this.#naming = naming;
    this.#nodes = new Map(tasks.map((task) => [nameOf(task), task]));
  }

  lines(): readonly Line[] {
    const required = new Set(this.#tasks.flatMap(({ requires }) => requires));
    for (const task of this.#tasks) if (!required.has(nameOf(task))) this.#draw(task);
    // Tasks that wait for each other hang below no other, and neither does what only they require.
    for (const task of this.#tasks) this.#draw(task);
    return this.#lines;
  }

  /** Draws the task as a tree of its own, then what is too deep in it, unless they were drawn before. */
  #draw(task: TaskNode): void {
    const roots = [task];
    for (const root of roots) if (!this.#shown.has(root)) roots.push(...this.#walk(root));
  }

  /** @returns what is too deep */
  #walk(root: TaskNode): readonly TaskNode[] {
    const deeper: TaskNode[] = [];
    const steps: Step[] = [];
    const enter = (node: TaskNode, indent: string, below: string): void => {
      const isAgain = this.#shown.has(node);
      this.#lines.push({ indent, text: this.#lineOf(node, isAgain ? 'again' : 'first'), node });
      this.#shown.add(node);
      if (!isAgain) steps.push({ node, below, depth: steps.length, next: 0 });
    };
    enter(root, '', '');
    for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
      const name = step.node.requires[step.next++];
      const child = name === undefined ? undefined : this.#nodes.get(name);
      if (child === undefined) {
        steps.pop();
        continue;
      }
      const isLast = step.next === step.node.requires.length;
      const indent = `${step.below}${isLast ? '└─ ' : '├─ '}`;
      if (step.depth < DEEPEST || this.#shown.has(child) || child.requires.length === 0) {
        enter(child, indent, `${step.below}${isLast ? '   ' : '│  '}`);
      } else {
        this.#lines.push({ indent, text: this.#lineOf(child, 'later'), node: child });
        deeper.push(child);
      }
    }
    return deeper;
  }

  #lineOf(task: TaskNode, time: 'first' | 'again' | 'later'): string {
    const name = this.#naming === 'id' ? task.task : nameOf(task);
    const mark = task.isCritical ? ' *' : '';
    const state = task.agent === null ? task.state : `${task.state} by ${task.agent}`;
    const elsewhere = { first: undefined, again: '(see above)', later: '(see below)' }[time];
    const title = (task.requires.length > 0 ? elsewhere : undefined) ?? task.title ?? '';
    return `${name}${mark}  ${state}  ${title}`.trimEnd();
  }
}

function nameOf({ project, task }: TaskNode): string {
  return `${project}/${task}`;
}

function colour(line: string, node: TaskNode | undefined, style: Style): string {
  switch (node?.state) {
    case 'ready':
      return style.green(line);
    case 'claimed':
    case 'review':
    case 'asking':
      return style.yellow(line);
    case 'blocked':
    case 'unknown':
      return style.red(line);
    case 'completed':
    case 'cancelled':
    case undefined:
      return style.dim(line);
    case 'waiting':
      return line;
  }
}
