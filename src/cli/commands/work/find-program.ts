import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { quote } from '../../../domain/base/names.ts';
import { usage } from '../../command/usage.ts';
import type { Environment } from '../../output/io.ts';

/**
 * Finds out before anything is claimed that a command cannot be started, by its name on the PATH or by its absolute path.
 * A relative path is left alone: it may mean a file of a task's worktree.
 * @throws Failure `usage`
 */
export function checkProgram(name: string, env: Environment): void {
  const hint = 'give a program, or a line for a shell: -- sh -c "..."';
  if (isAbsolute(name)) {
    if (!isProgram(name)) throw usage(`${quote(name)} cannot be run: there is no such program`, hint);
    return;
  }
  const { PATH } = env;
  if (name.includes('/') || PATH === undefined) return;
  const isFound = PATH.split(delimiter).some((folder) => isProgram(join(folder === '' ? '.' : folder, name)));
  if (!isFound) throw usage(`${quote(name)} cannot be run: there is no such program on the PATH`, hint);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
