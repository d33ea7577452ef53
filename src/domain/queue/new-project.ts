import { projectProblem, quote } from '../base/names.ts';
import { SETTINGS_FILE } from '../base/settings-file.ts';
import { folderNames } from './layouts.ts';

/** Folders that a queue has next to or below projects: a project with such a name could be mistaken for one. */
const RESERVED: ReadonlySet<string> = new Set(
  [...folderNames(), ...SETTINGS_FILE.split('/').slice(0, -1)].filter((name) => projectProblem(name) === undefined),
);

/**
 * Why a new project cannot have this name. An existing project is read, whatever its name is.
 * @param existing names of the other projects
 * @returns undefined if the name is free
 */
export function newProjectProblem(name: string, existing: Iterable<string>): string | undefined {
  const folded = foldCase(name);
  if (RESERVED.has(folded)) {
    return `no new project can be named ${quote(name)}: the layouts have a folder of that name (${[...RESERVED].join(', ')})`;
  }
  for (const other of existing) {
    if (other !== name && foldCase(other) === folded) {
      return `no new project can be named ${quote(name)} beside ${quote(other)}: names that differ only in case are one folder on some systems`;
    }
  }
  return undefined;
}

/** The name with its case folded: names that are equal then are one file or folder on systems that ignore case. */
export function foldCase(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
