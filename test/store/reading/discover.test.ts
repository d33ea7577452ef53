import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { projectProblem } from '../../../src/domain/base/names.ts';
import { decideInstall, locationsFor } from '../../../src/domain/kit/install.ts';
import { LAYOUT_NAMES, type LayoutName, locationOf, onlyProjectOf } from '../../../src/domain/queue/layouts.ts';
import { newProjectProblem } from '../../../src/domain/queue/new-project.ts';
import { TASK_STATES } from '../../../src/domain/queue/task.ts';
import { taskAt } from '../../../src/domain/queue/task-path.ts';
import type { TreeEntry } from '../../../src/git/objects/tree.ts';
import { discover } from '../../../src/store/reading/discover.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

/** Finds what is in a tree of these files. Folders are their own object ids. */
function discoverIn(files: readonly string[], layouts = LAYOUT_NAMES) {
  const readTree = async (folder: string): Promise<readonly TreeEntry[]> => {
    const below = files.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length).split('/'));
    const entries = new Map<string, TreeEntry>();
    for (const [name = '', ...deeper] of below) {
      const isFolder = deeper.length > 0;
      entries.set(name, { name, mode: isFolder ? '40000' : '100644', oid: `${folder}${name}${isFolder ? '/' : ''}` });
    }
    return [...entries.values()];
  };
  return discover('', readTree, layouts);
}

/** The files of a queue after `init <project>` and one `add`. */
function filesAfterInit(project: string, layout: LayoutName): string[] {
  const request = {
    projects: [project],
    layout,
    onDifference: 'keep' as const,
    start: 'nothing' as const,
    kit: [{ path: '.agents-core/config/agentq.toon', content: '', mode: 'file' as const }],
    branch: 'develop',
    remote: undefined,
  };
  const locations = locationsFor(request, snapshotOf([]));
  const { writes } = decideInstall(request, locations, () => ({ kind: 'absent' }));
  return [...writes.map(({ path }) => path), `${locations[0]?.folders.ready}T-1.toon`];
}

const LAYOUTS_OF_MANY = LAYOUT_NAMES.filter((layout) => onlyProjectOf(layout) === undefined);
const FOLDERS = ['tasks', 'claimed', 'completed', 'projects', 'state', 'config'];

/** Names that new projects can have, those of folders elsewhere among them. */
const PROJECT_NAME = fc
  .oneof(
    fc.constantFrom(
      'default',
      'scripts',
      'templates',
      'workflows',
      'agents',
      'done',
      '2025-01',
      'x.toon',
      'Über',
      ...FOLDERS,
    ),
    fc.stringMatching(/^[a-zA-Z0-9][\w.-]{0,8}$/),
  )
  .filter((name) => projectProblem(name) === undefined && newProjectProblem(name, []) === undefined);

describe.each(LAYOUT_NAMES)('the layout %s', (layout) => {
  it('is found again where there is a task in each of its folders, whatever the project is called', async () => {
    await fc.assert(
      fc.asyncProperty(PROJECT_NAME, async (name) => {
        const location = locationOf(layout, name);
        const tasks = TASK_STATES.map((state) => ({
          state,
          path: `${location.folders[state]}T-${state}.toon`,
          location,
        }));
        const found = await discoverIn(tasks.map(({ path }) => path));
        expect(found.locations).toEqual([location]);
        expect(
          [...found.tasks].sort((a, b) => TASK_STATES.indexOf(a.state) - TASK_STATES.indexOf(b.state)),
        ).toMatchObject(tasks);
        for (const { path, state } of tasks) {
          expect(taskAt(path)).toEqual({ key: { project: location.project, id: `T-${state}` }, state });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is read only where it is wanted', async () => {
    const files = TASK_STATES.map((state) => `${locationOf(layout, 'auth').folders[state]}T-1.toon`);
    const others = await discoverIn(
      files,
      LAYOUT_NAMES.filter((other) => other !== layout),
    );
    expect(others.locations.filter((location) => location.layout === layout)).toEqual([]);
    expect((await discoverIn(files, [layout])).locations).toEqual([locationOf(layout, 'auth')]);
  });
});

describe.each(LAYOUTS_OF_MANY)('a new project in the layout %s', (layout) => {
  it('is found again, once, under its name, whatever it is called', async () => {
    await fc.assert(
      fc.asyncProperty(PROJECT_NAME, async (project) => {
        const files = filesAfterInit(project, layout);
        const { locations, tasks } = await discoverIn(files);
        expect(locations).toMatchObject([{ project, layout }]);
        expect(tasks).toMatchObject([{ id: 'T-1', state: 'ready', location: { project, layout } }]);
        expect(taskAt(files.at(-1) ?? '')).toEqual({ key: { project, id: 'T-1' }, state: 'ready' });
      }),
      { numRuns: 100 },
    );
  });

  it.each([...FOLDERS, 'Tasks', 'STATE'])('cannot be called %s', (project) => {
    expect(() => filesAfterInit(project, layout)).toThrow(`no new project can be named "${project}"`);
  });
});

it('reads a project that is called like a folder, where one stands for itself', async () => {
  const { locations } = await discoverIn(['.agents-core/state/tasks/tasks/T-1.toon', 'state/state/tasks/T-2.toon']);
  expect(locations.map(({ project, layout }) => `${layout} ${project}`).sort()).toEqual(['bare state', 'core tasks']);
});
