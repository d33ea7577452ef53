import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { LAYOUT_NAMES, locationOf } from '../../../src/domain/queue/layouts.ts';
import { QueueState } from '../../../src/domain/queue/queue-state.ts';
import {
  DEFAULT_POOL_SETTINGS,
  everyEntry,
  type QueueSnapshot,
  type Reading,
} from '../../../src/domain/queue/snapshot.ts';
import { FileTree } from '../../../src/git/objects/file-tree.ts';
import { parseTree } from '../../../src/git/objects/tree.ts';
import { discover } from '../../../src/store/reading/discover.ts';
import { type Discovery, withAllListed } from '../../../src/store/reading/discovery.ts';
import { toProjects } from '../../../src/store/reading/to-projects.ts';
import { claim, complete, held, NOW } from '../../kit/queues/intents.ts';
import { addIntent } from '../../kit/queues/new-tasks.ts';
import { RawTrees } from '../../kit/queues/raw-trees.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';
import { sized } from '../../kit/sample.ts';

/** What is decided on completed tasks that are looked up by name, beside what is decided on a list of all tasks. */

const IDS = ['T-1', 'T-2', 'T-3', 'T-10', 'T', 't-1', 'T-1.toon'];
const id = fc.constantFrom(...IDS);
const agent = fc.constantFrom('a1', 'a2');

/** A file of a queue: a task, and what is odd about it. */
interface QueueFile {
  readonly path: string;
  readonly mode: string;
  readonly spec: TaskSpec;
}

const file: fc.Arbitrary<QueueFile> = fc
  .record({
    layout: fc.constantFrom(...LAYOUT_NAMES),
    project: fc.constantFrom('auth', 'pay', 'default'),
    state: fc.constantFrom('ready', 'ready', 'claimed', 'completed', 'completed', 'completed'),
    id,
    archive: fc.constantFrom('', '', '', '', '2025-01/'),
    mode: fc.constantFrom('100644', '100644', '100644', '100755', '120000', '160000'),
    name: fc.constantFrom(undefined, undefined, undefined, '.gitkeep', 'no id.toon', '100644 T-1.toon'),
    status: fc.constantFrom('ready', 'ready', 'blocked'),
    priority: fc.nat({ max: 2 }),
    required: fc.array(fc.constantFrom(...IDS, 'T-9', 'é'), { maxLength: 2 }),
    owner: agent,
    stalls: fc.nat({ max: 2 }),
  })
  .map(({ layout, project, state, archive, mode, name, owner, ...task }) => {
    const folder = locationOf(layout, project).folders[state as 'ready'];
    const path = `${folder}${state === 'completed' ? archive : ''}${name ?? `${task.id}.toon`}`;
    const spec = { ...task, project, state: state as 'ready', ...(state === 'claimed' ? held(owner) : {}) };
    return { path, mode, spec };
  });

const UNBLOCK: Intent = { kind: 'unblock', request: 'u', agent: 'orchestrator' };

/** A queue in which something is to be unblocked: by chance there is none in one of three runs. */
const DUE: readonly TaskSpec[] = [
  { id: 'T-1', project: 'auth', state: 'completed' },
  { id: 'T-2', project: 'auth', state: 'ready', status: 'blocked', required: ['T-1'] },
];

function fileOf(spec: TaskSpec): QueueFile {
  const { folders } = locationOf('agents', spec.project ?? 'auth');
  return { path: `${folders[spec.state ?? 'ready']}${spec.id}.toon`, mode: '100644', spec };
}

const intent: fc.Arbitrary<Intent> = fc.oneof(
  agent.map((name) => claim(name)),
  fc.tuple(agent, id).map(([name, task]) => claim(name, {}, { task: { id: task } })),
  fc.tuple(agent, id).map(([name, task]) => claim(name, { project: 'auth' }, { task: { project: 'auth', id: task } })),
  fc.tuple(agent, id).map(([name, task]) => complete(name, task)),
  fc.constant(UNBLOCK),
  fc.constant({ kind: 'release-stalled', request: 's', agent: 'orchestrator', olderThanMs: 1 } as const),
  fc
    .tuple(id, fc.constantFrom('auth', 'pay', 'new'))
    .map(([required, project]) =>
      addIntent([{ project, required: [required] }, { project, id: required }, { project }], { request: 'a' }),
    ),
  fc.constantFrom('auth', 'pay').map((project) => addIntent([{ project }, { project }], { request: 'b' })),
);

const READ: Reading = { kind: 'unread' };

function readingsOf({ tasks }: Discovery, files: ReadonlyMap<string, QueueFile>): Reading[] {
  return tasks.map(({ state, path }) => {
    const known = files.get(path);
    if (known === undefined || state === 'completed') return READ;
    return [...snapshotOf([known.spec]).projects.values()][0]?.entries[0]?.reading ?? READ;
  });
}

function snapshotWith(discovery: Discovery, files: ReadonlyMap<string, QueueFile>): QueueSnapshot {
  const ledgers = { stalls: new Map([['auth', new Map([['T-1', 2]])]]), failures: new Map() };
  const knowledge = { readings: readingsOf(discovery, files), ledgers, touched: new Map(), renewals: new Map() };
  return {
    tip: 'a'.repeat(40),
    projects: toProjects(discovery, knowledge),
    settings: DEFAULT_POOL_SETTINGS,
    findings: [],
  };
}

/** The same queue, found both ways. */
async function bothWays(files: readonly QueueFile[], except: readonly string[] = []) {
  // A path is a file or a folder, and the first one counts.
  const byPath = new Map<string, QueueFile>();
  for (const one of files) {
    const clashes = [...byPath.keys()].some(
      (path) => path.startsWith(`${one.path}/`) || one.path.startsWith(`${path}/`),
    );
    if (!clashes && !byPath.has(one.path)) byPath.set(one.path, one);
  }
  const trees = new RawTrees();
  const root = trees.add(new Map([...byPath.values()].map(({ path, mode }) => [path, mode])));
  const readTree = async (oid: string) => parseTree(trees.read(oid), 20);
  const listed = await discover(root, readTree, LAYOUT_NAMES);
  const named = await discover(root, readTree, LAYOUT_NAMES, {
    readTree: async (oid) => FileTree.of(oid, trees.read(oid), 20),
    except: new Set(except),
  });
  return { listed, named, byPath };
}

it('finds the same tasks in the same order', async () => {
  let unlisted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 25 }), fc.array(id, { maxLength: 1 }), async (files, except) => {
      const { listed, named, byPath } = await bothWays(files, except);
      const all = withAllListed(named);
      expect(all.tasks).toEqual(listed.tasks);
      expect(all.locations).toEqual(listed.locations);
      expect(all.ledgers).toEqual(listed.ledgers);
      unlisted += named.unlisted.length;
      for (const one of except) {
        const places = listed.tasks.filter((task) => task.id === one);
        expect(named.tasks.filter((task) => task.id === one)).toEqual(places);
      }
      const before = snapshotWith(listed, byPath);
      const after = snapshotWith(named, byPath);
      expect([...after.projects.keys()]).toEqual([...before.projects.keys()]);
      for (const [name, project] of after.projects) {
        expect(everyEntry(project)).toEqual(before.projects.get(name)?.entries);
      }
    }),
    { numRuns: sized(500, 200) },
  );
  expect(unlisted).toBeGreaterThan(100);
});

it('knows the same of every task', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 25 }), async (files) => {
      const { listed, named, byPath } = await bothWays(files);
      const before = new QueueState(snapshotWith(listed, byPath));
      const after = new QueueState(snapshotWith(named, byPath));
      for (const project of ['auth', 'pay', 'default', 'none']) {
        for (const one of [...IDS, 'T-9', 'é', '', '100644 T-1', 'no id']) {
          expect(after.lookup({ project, id: one })).toEqual(before.lookup({ project, id: one }));
        }
      }
      expect([...after.inState('claimed')]).toEqual([...before.inState('claimed')]);
      expect([...after.claimableInOrder()]).toEqual([...before.claimableInOrder()]);
      expect([...after.all()]).toEqual([...before.all()]);
    }),
    { numRuns: sized(500, 200) },
  );
});

it('decides the same, whatever is wanted of whatever queue', async () => {
  const decided = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { maxLength: 25 }),
      fc.array(intent, { minLength: 1, maxLength: 6 }),
      async (files, intents) => {
        const { listed, named, byPath } = await bothWays(files);
        const plan = decide(snapshotWith(named, byPath), intents, NOW);
        expect(plan).toEqual(decide(snapshotWith(listed, byPath), intents, NOW));
        for (const [at, { kind }] of plan.decisions.entries()) decided.add(`${intents[at]?.kind} ${kind}`);
      },
    ),
    { numRuns: sized(2_000, 800), examples: [[DUE.map(fileOf), [UNBLOCK]]] },
  );
  expect([...decided]).toEqual(
    expect.arrayContaining([
      'claim change',
      'claim refused',
      'complete change',
      'unblock change',
      'add change',
      'add refused',
    ]),
  );
});
