import { encode } from '@toon-format/toon';
import type { SetField } from '../../../domain/queue/edit.ts';
import type { ParsedFile } from '../read-task.ts';
import { type TaskPath, taskPathOf } from '../text/document.ts';
import { findAll, findFirst } from '../text/path.ts';
import { unitOf } from '../text/source.ts';
import type { TreeNode } from '../text/tree.ts';
import { type Change, EditRefusal, insertLines, replaceNode } from './change.ts';

/**
 * Sets one field, on one line: a text of several lines as a quoted string, a list on the line of its key. That is
 * canonical TOON and the dialect too. If the field is new, it comes last in its section, and the section last of those
 * before it.
 */
export function setField(file: ParsedFile, edit: SetField): Change {
  const taskPath = taskPathOf(file.tree);
  if (taskPath === undefined) throw new EditRefusal('there is no task section');
  const { names, sections } = placeOf(edit, taskPath);
  const value = encodable(edit);
  const [name] = names;
  const [node, second] = sections.flatMap((section) => nodesAt(file, edit, section, name));
  if (second !== undefined && isJoined(edit)) throw new EditRefusal(`${name} is given more than once`, second);
  if (node !== undefined) return replaceNode(file, node, entry(node.key, value));
  const section = sections.flatMap((path) => (path.length === 0 ? [] : findAll(file.tree, ...path)))[0];
  if (section !== undefined) {
    const last = section.kind === 'map' ? section.children.at(-1) : undefined;
    if (last === undefined) throw new EditRefusal(`${section.key} is no section with keys`, section);
    return insertLines(file, last, entry(name, value));
  }
  return insertLines(file, anchorOf(file, edit), sectionLines(file, edit, name, value));
}

interface Place {
  readonly names: readonly [string];
  /** Where the field may be, the usual place first; the empty path is the root. */
  readonly sections: readonly (readonly string[])[];
}

function placeOf(edit: SetField, taskPath: TaskPath): Place {
  switch (edit.section) {
    case 'task':
      return { names: [edit.key], sections: [taskPath] };
    case 'criteria':
      return { names: ['acceptance_criteria'], sections: [[], ['task']] };
    case 'verify':
    case 'touches':
    case 'needs':
      return { names: [edit.section], sections: [[], ['task']] };
    case 'labels':
      return { names: [edit.key], sections: [[...taskPath, 'labels']] };
    default:
      return { names: [edit.key], sections: [[edit.section], ['task', edit.section]] };
  }
}

/** Lists that a file may have in parts: to change one of them would not change the whole. */
function isJoined({ section }: SetField): boolean {
  return section === 'verify' || section === 'touches' || section === 'needs';
}

function nodesAt(file: ParsedFile, edit: SetField, section: readonly string[], name: string): readonly TreeNode[] {
  if (isJoined(edit)) return findAll(file.tree, ...section, name);
  const first = findFirst(file.tree, ...section, name);
  return first === undefined ? [] : [first];
}

function encodable(edit: SetField): unknown {
  return edit.section === 'dependencies' || edit.section === 'needs' ? edit.value.map(({ text }) => text) : edit.value;
}

/** A section that the file lacks goes after the last that comes before it. */
function anchorOf(file: ParsedFile, { section }: SetField): TreeNode {
  const before = section === 'labels' ? [] : section === 'description' ? ['task'] : ['task', 'description'];
  if (section === 'labels') {
    const last = findAll(file.tree, 'task').at(-1)?.children.at(-1);
    if (last !== undefined) return last;
  }
  const anchor = before.flatMap((name) => file.tree.filter(({ key }) => key === name)).at(-1);
  if (anchor === undefined) throw new EditRefusal(`there is no place for ${section}`);
  return anchor;
}

function sectionLines(file: ParsedFile, edit: SetField, name: string, value: unknown): string {
  const line = entry(name, value);
  return edit.section === 'criteria' || edit.section === 'task' || isJoined(edit)
    ? line
    : `${edit.section}:\n${unitOf(file.source)}${line}`;
}

/** The library writes the value; the key is as the file has it, which may have dots in it. */
function entry(key: string, value: unknown): string {
  const line = encode({ x: value });
  if (line.includes('\n')) throw new EditRefusal(`${key} does not fit on one line`);
  return `${/^[A-Za-z_][\w.-]*$/.test(key) ? key : JSON.stringify(key)}${line.slice(1)}`;
}
