import { type JsonNode, JsonSyntaxError, parseJsonTree } from './json-tree.ts';
import { planFailure, type RawPlan, type RawTask, type RawValue } from './raw-plan.ts';

/** A JSON document: a list of tasks, an object with `tasks` in it, or a single task. */
export function readJsonPlan(text: string, name: string): RawPlan {
  const root = parse(text, name, 0);
  if (Array.isArray(root.value)) return { shared: undefined, tasks: listOf(root) };
  const tasks = root.children.get('tasks');
  if (tasks !== undefined && Array.isArray(tasks.value)) return { shared: rawOf(root), tasks: listOf(tasks) };
  return { shared: undefined, tasks: [{ index: 1, ...rawOf(root) }] };
}

/** JSON lines: one task per line. Blank lines are skipped. */
export function readJsonLinesPlan(text: string, name: string): RawPlan {
  const tasks: RawTask[] = [];
  for (const [before, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const node = parse(line, name, before);
    tasks.push({ index: tasks.length + 1, value: node.value, line: () => before + 1 });
  }
  return { shared: undefined, tasks };
}

function parse(text: string, name: string, linesBefore: number): JsonNode {
  try {
    return parseJsonTree(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw planFailure(name, linesBefore + error.line, `not readable as JSON: ${error.message}`, error);
    }
    throw error;
  }
}

function listOf(list: JsonNode): RawTask[] {
  return [...list.children.values()].map((node, index) => ({ index: index + 1, ...rawOf(node) }));
}

function rawOf(node: JsonNode): RawValue {
  return {
    value: node.value,
    line(field) {
      if (field === undefined) return node.line;
      for (const path of [[field], ['task', field], ['description', field], ['dependencies', field]]) {
        let at: JsonNode | undefined = node;
        for (const step of path) at = at?.children.get(step);
        if (at) return at.line;
      }
      return node.line;
    },
  };
}
