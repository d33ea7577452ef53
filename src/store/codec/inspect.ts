import { saysNothing } from '../../domain/queue/dependency-entry.ts';
import { isUnnamed } from '../../domain/queue/layouts.ts';
import type { DependencyEntry, Task } from '../../domain/queue/task.ts';
import type { Checks } from './checks.ts';
import type { Dependencies } from './dependencies.ts';
import type { FindingList } from './findings.ts';
import { blockEntry, claimBlockOf, completionBlockOf, lineValueOf, type TaskPath } from './text/document.ts';
import { itemCounts } from './text/items.ts';
import { LONGEST_HEAD } from './text/key-line.ts';
import { findAll, findFirst } from './text/path.ts';
import type { Source } from './text/source.ts';
import type { TreeNode } from './text/tree.ts';

/** A task file that was read, with what is needed to look for defects in it. */
export interface ReadFile {
  readonly source: Source;
  readonly tree: readonly TreeNode[];
  readonly taskPath: TaskPath;
  readonly where: { readonly project: string; readonly id: string };
  readonly task: Task;
  readonly dependencies: Dependencies;
  readonly checks: Checks;
}

const KNOWN_STATUSES: readonly string[] = [
  'ready',
  'blocked',
  'claimed',
  'completed',
  'pending',
  'cancelled',
  'canceled',
];
/** Sections in which each key has a meaning, so that a second one is a mistake. */
const SECTIONS: readonly (readonly string[])[] = [
  ['task'],
  ['description'],
  ['dependencies'],
  ['metadata'],
  ['claim'],
  ['completion'],
  ['cancellation'],
  ['task', 'description'],
  ['task', 'dependencies'],
  ['task', 'metadata'],
];
const APPENDED: ReadonlySet<string> = new Set(['claim', 'completion', 'cancellation']);
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/** Reports every defect that this file shows by itself; those that need other files are found elsewhere. */
export function inspect(file: ReadFile, findings: FindingList): void {
  inspectFields(file, findings);
  inspectCounts(file, file.tree, findings);
  inspectLines(file.tree, findings);
  inspectDuplicates(file.tree, findings);
  for (const path of SECTIONS) {
    for (const section of findAll(file.tree, ...path)) inspectDuplicates(section.children, findings);
  }
  inspectDependencies(file.task.required, true, file, findings);
  inspectDependencies(file.task.blocks, false, file, findings);
  inspectKindsAndNames(file.dependencies, findings);
  for (const { problem, line } of file.checks.unusable) findings.add('unusable-check', 'warning', line, problem);
  inspectClaim(file, findings);
  inspectCompletion(file, findings);
  findings.all.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function inspectFields({ tree, taskPath, where, task }: ReadFile, findings: FindingList): void {
  const line = (name: string): number | undefined => findFirst(tree, ...taskPath, name)?.line;
  const section = findFirst(tree, 'task')?.line;
  if (task.declaredId !== undefined && task.declaredId !== where.id) {
    findings.add(
      'id-mismatch',
      'warning',
      line('id'),
      `task.id is ${show(task.declaredId)}, the file's name ${show(where.id)}`,
    );
  }
  const { declaredProject } = task;
  if (declaredProject !== undefined && declaredProject !== where.project && !isUnnamed(where.project)) {
    const message = `task.project is ${show(declaredProject)}, the folder ${show(where.project)}`;
    findings.add('project-mismatch', 'warning', line('project'), message);
  }
  if (task.title === undefined)
    findings.add('missing-title', 'warning', line('title') ?? section, 'the task has no title');
  if (task.status === undefined) {
    findings.add('missing-status', 'warning', line('status') ?? section, 'the task has no status');
  } else if (!KNOWN_STATUSES.includes(task.status)) {
    findings.add('unknown-status', 'warning', line('status'), `unknown status ${show(task.status)}`);
  }
}

function inspectCounts({ source }: ReadFile, nodes: readonly TreeNode[], findings: FindingList): void {
  const walk = (node: TreeNode): void => {
    if (node.count !== undefined) {
      if (node.kind === 'map') {
        findings.add('map-with-count', 'note', node.line, `${node.key}[${node.count}] holds keys, not items`);
      }
      const counts = itemCounts(source, node);
      if (!counts.includes(node.count)) {
        const message = `${node.key}[${node.count}] holds ${counts.at(-1) ?? 0}`;
        findings.add('count-mismatch', 'warning', node.line, message);
      }
    }
    node.children.forEach(walk);
  };
  nodes.forEach(walk);
}

/** Lines that may have been meant to have a key, but too far to the right to be found. */
function inspectLines(nodes: readonly TreeNode[], findings: FindingList): void {
  for (const node of nodes) {
    const length = node.valueTo - node.valueFrom;
    if (node.kind === 'loose' && length > LONGEST_HEAD) {
      const message = `a line of ${length} characters without a key in its first ${LONGEST_HEAD} is taken for text`;
      findings.add('long-line', 'warning', node.line, message);
    }
    inspectLines(node.children, findings);
  }
}

function inspectDuplicates(nodes: readonly TreeNode[], findings: FindingList): void {
  const first = new Map<string, number>();
  for (const node of nodes) {
    if (node.kind === 'loose') continue;
    const line = first.get(node.key);
    if (line === undefined) first.set(node.key, node.line);
    else {
      // A leftover block before the one that counts needs no correction.
      const severity = APPENDED.has(node.key) ? 'note' : 'warning';
      findings.add('duplicate-key', severity, node.line, `${node.key} is already in line ${line + 1}`);
    }
  }
}

function inspectDependencies(
  entries: readonly DependencyEntry[],
  isRequired: boolean,
  { where }: ReadFile,
  findings: FindingList,
): void {
  const seen = new Set<string>();
  const list = isRequired ? 'required' : 'blocks';
  for (const { id, text, line } of entries) {
    if (id === undefined) {
      if (saysNothing(text)) continue;
      findings.add('dependency-without-id', 'warning', line - 1, `entry of ${list} without a task id: ${show(text)}`);
    } else if (id === where.id) {
      const message = isRequired ? 'the task requires itself' : 'the task blocks itself';
      findings.add('self-dependency', isRequired ? 'error' : 'warning', line - 1, message);
    } else if (seen.has(id)) {
      findings.add('duplicate-dependency', 'warning', line - 1, `${show(id)} is in ${list} twice`);
    } else {
      seen.add(id);
    }
  }
}

function inspectKindsAndNames({ otherNames, ungated }: Dependencies, findings: FindingList): void {
  for (const { name, line } of otherNames) {
    findings.add('other-dependency-name', 'note', line, `${name} is read as dependencies.required`);
  }
  for (const { text, kind, line } of ungated) {
    const message = `${show(text)} is in a list of what is required, but its kind is ${show(kind)}`;
    findings.add('dependency-kind', 'warning', line, message);
  }
}

function inspectClaim(file: ReadFile, findings: FindingList): void {
  const block = claimBlockOf(file.tree);
  if (block === undefined) return;
  if (file.task.claim?.claimedBy === undefined) {
    findings.add('claim-without-owner', 'warning', block.line, 'the claim does not say whose it is');
  }
  if (file.task.claim?.lastHeartbeat === undefined) {
    findings.add('claim-without-heartbeat', 'warning', block.line, 'the claim has no heartbeat');
  }
  inspectTimes(file, block, ['claimed_at', 'last_heartbeat', 'review_since'], findings);
}

function inspectCompletion(file: ReadFile, findings: FindingList): void {
  const block = completionBlockOf(file.tree);
  if (block !== undefined) inspectTimes(file, block, ['completed_at'], findings);
}

function inspectTimes({ source }: ReadFile, block: TreeNode, keys: readonly string[], findings: FindingList): void {
  for (const key of keys) {
    const node = blockEntry(block, key);
    const value = lineValueOf(source, node);
    if (value === undefined || (ISO_TIME.test(value) && !Number.isNaN(Date.parse(value)))) continue;
    findings.add('implausible-time', 'warning', node?.line, `${key} is not an ISO 8601 time: ${show(value)}`);
  }
}

function show(value: string): string {
  const line = value.replace(/\s+/g, ' ');
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 57)}...` : line);
}
