import { hasHidden } from '../../domain/base/names.ts';
import { LONGEST_CHECK } from './task-schema.ts';
import { itemsOf } from './text/items.ts';
import { findAll } from './text/path.ts';
import type { Source } from './text/source.ts';
import { rawValue, type TreeNode } from './text/tree.ts';

/** The checks that a task file names. */
export interface Checks {
  /** In the order of the file. */
  readonly usable: readonly string[];
  /** What is not run, and why. The line is 0-based. */
  readonly unusable: readonly { readonly problem: string; readonly line: number }[];
}

/** `verify: false` is a switch of the file's author, and no command; in a list it would be one. */
const SWITCH = /^(?:true|false|yes|no|on|off|\d+)$/i;

/** Reads the shell commands in `verify`, at the top of the file and in its task section. */
export function checksOf(source: Source, tree: readonly TreeNode[]): Checks {
  const usable: string[] = [];
  const unusable: { problem: string; line: number }[] = [];
  for (const node of [...findAll(tree, 'verify'), ...findAll(tree, 'task', 'verify')]) {
    const isSwitch = node.kind === 'scalar' && SWITCH.test(rawValue(source, node));
    if (node.kind === 'map' || node.fields !== undefined || isSwitch) {
      unusable.push({ problem: 'verify is not a list of commands', line: node.line });
      continue;
    }
    for (const { text, line } of itemsOf(source, node)) {
      const problem = problemOf(text);
      if (problem === undefined) usable.push(text);
      else unusable.push({ problem, line });
    }
  }
  return { usable, unusable };
}

function problemOf(text: string): string | undefined {
  if (text.trim() === '') return 'a check is empty';
  if (text.length > LONGEST_CHECK) return `a check is ${text.length} characters long, the limit is ${LONGEST_CHECK}`;
  return hasHidden(text) ? 'a check is not on one line, or has characters that do not show' : undefined;
}
