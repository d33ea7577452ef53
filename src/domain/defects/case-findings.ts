import type { Finding } from '../base/finding.ts';
import { foldCase } from '../queue/new-project.ts';
import { compareText } from '../queue/ordering.ts';
import type { QueueSnapshot, TaskEntry } from '../queue/snapshot.ts';

const HINT = 'rename all but one: a checkout on macOS or Windows can hold only one of them';

/**
 * Tasks of one project whose ids differ only in case, one finding per name. Each task comes with every place it is in.
 */
export function sameButForCase(tasks: readonly (readonly TaskEntry[])[]): Finding[] {
  const named = tasks.flatMap((places) =>
    places[0] === undefined ? [] : [{ name: places[0].key.id, paths: places.map(({ path }) => path) }],
  );
  return findingsFor(named, 'file');
}

/** Projects whose names differ only in case; if one project is asked for, only the findings about it. */
export function projectsSameButForCase({ projects }: QueueSnapshot, project: string | undefined): Finding[] {
  const asked = project === undefined ? undefined : foldCase(project);
  const named = [...projects.values()]
    .filter(({ name }) => asked === undefined || foldCase(name) === asked)
    .map(({ name, locations }) => ({ name, paths: locations.map(({ folders }) => folders.ready) }));
  return findingsFor(named, 'folder');
}

interface Named {
  readonly name: string;
  readonly paths: readonly string[];
}

function findingsFor(all: readonly Named[], what: 'file' | 'folder'): Finding[] {
  const groups = new Map<string, Named[]>();
  for (const one of all) {
    const known = groups.get(foldCase(one.name));
    if (known) known.push(one);
    else groups.set(foldCase(one.name), [one]);
  }
  return [...groups.values()].flatMap((group): Finding[] => {
    if (group.length < 2) return [];
    const names = group.map(({ name }) => name).sort(compareText);
    const paths = group.flatMap((one) => one.paths).sort(compareText);
    return [
      {
        code: 'same-but-for-case',
        severity: 'error',
        message: `${names.join(' and ')} differ only in case, and are one ${what} on some systems: ${paths.join(' and ')}`,
        hint: HINT,
        file: paths[0] ?? '',
      },
    ];
  });
}
