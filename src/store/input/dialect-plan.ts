import type { FindingCode } from '../../domain/base/finding.ts';
import { parseDependencyEntries } from '../../domain/queue/dependency-entry.ts';
import type { DependencyEntry, Task } from '../../domain/queue/task.ts';
import { parseText, readTask } from '../codec/read-task.ts';
import { findFirst } from '../codec/text/path.ts';
import type { TreeNode } from '../codec/text/tree.ts';
import { dialectDocument } from './dialect-document.ts';
import { isMap, planFailure, type TakenApart } from './raw-plan.ts';
import { inSections } from './sections.ts';

type Data = Readonly<Record<string, unknown>>;

/** Findings that do not matter here: they depend on where the file will be, or a rule for new tasks refuses them. */
const BESIDE_THE_POINT: ReadonlySet<FindingCode> = new Set([
  'id-mismatch',
  'project-mismatch',
  'missing-title',
  'missing-status',
  'invalid-priority',
]);

/**
 * A task file of the field dialect: a single task. What agentq understands is read as from any task file, wherever it
 * is in there; everything else is kept as data.
 */
export function readDialectPlan(text: string, name: string): TakenApart {
  const file = parseText(text);
  const reading = readTask(Buffer.from(text, 'utf8'), { path: name, project: '', id: '' });
  if (reading.kind !== 'read') {
    throw planFailure(name, reading.kind === 'unreadable' ? reading.line : undefined, 'this is not a task file');
  }
  const { document, lost } = dialectDocument(file);
  return {
    plan: {
      shared: undefined,
      tasks: [{ index: 1, value: completed(document, reading.task), line: (field) => lineOf(file.tree, field) }],
    },
    warnings: [
      ...lost.map((line) => `${name}:${line}: this line has no key, and is left out`),
      ...reading.findings
        .filter(({ code, severity }) => severity !== 'note' && !BESIDE_THE_POINT.has(code))
        .map(({ line, message }) => `${name}${line === undefined ? '' : `:${line}`}: ${message}`),
    ],
  };
}

/** The document with every section in its place, and in it what reading the file gives. */
function completed(document: Data, task: Task): Data {
  const sections = inSections(document);
  const { acceptance_criteria: _, ...description } = mapOf(sections.description);
  return {
    ...sections,
    task: { ...mapOf(sections.task), title: task.title, type: task.type, status: task.status },
    description: { ...description, summary: task.summary, details: task.details },
    acceptance_criteria:
      task.acceptanceCriteria.length > 0 ? task.acceptanceCriteria : textsIn(sections.acceptance_criteria),
    dependencies: {
      ...mapOf(sections.dependencies),
      required: task.required.map(entryText),
      blocks: task.blocks.map(entryText),
    },
  };
}

/** The entry as one line of a list, even if it was a row of a table. */
function entryText({ id, text }: DependencyEntry): string {
  if (id === undefined) return text;
  const [again, second] = parseDependencyEntries(text, 1, '');
  return again?.id === id && second === undefined && !text.includes('\n') ? text : id;
}

/** Criteria that the author put into groups. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function mapOf(value: unknown): Data {
  return isMap(value) ? value : {};
}

function lineOf(tree: readonly TreeNode[], field: string | undefined): number {
  const paths = field === undefined ? [] : [[field], ['task', field], ['description', field], ['dependencies', field]];
  const node = paths.map((path) => findFirst(tree, ...path)).find((found) => found !== undefined);
  return ((node ?? findFirst(tree, 'task') ?? tree[0])?.line ?? 0) + 1;
}
