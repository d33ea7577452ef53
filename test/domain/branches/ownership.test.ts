import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeByOwnership, ownedPart } from '../../../src/domain/branches/owned-snapshot.ts';
import { Ownership } from '../../../src/domain/branches/ownership.ts';
import { everyEntry, type QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

function ownership(branches: Readonly<Record<string, string>>): Ownership {
  return new Ownership('develop', { branches: new Map(Object.entries(branches)) });
}

/** `auth/T-1 ready`, for each task file of the snapshot. */
function tasksOf({ projects }: QueueSnapshot): string[] {
  return [...projects.values()].flatMap((project) =>
    everyEntry(project).map(({ key, state }) => `${key.project}/${key.id} ${state}`),
  );
}

describe('the branch of a project', () => {
  it.each([
    ['none is named', {}, 'develop', ['develop']],
    ['its own is named', { auth: 'develop-auth' }, 'develop-auth', ['develop', 'develop-auth']],
    ['only others are named', { pay: 'develop-pay' }, 'develop', ['develop', 'develop-pay']],
    ['the main branch is named', { auth: 'develop' }, 'develop', ['develop']],
    ['two share one', { pay: 'x', auth: 'x', web: 'y' }, 'x', ['develop', 'x', 'y']],
  ])('if %s', (_, branches, branch, all) => {
    const owned = ownership(branches);
    expect(owned.branchOf('auth')).toBe(branch);
    expect(owned.branches).toEqual(all);
    expect(owned.isSingle).toBe(all.length === 1);
    for (const one of [...all, 'other']) expect(owned.owns(one, 'auth')).toBe(one === branch);
  });

  it('is the same by settings that say the same in other words', () => {
    expect(ownership({}).equals(ownership({ auth: 'develop' }))).toBe(true);
    expect(ownership({ auth: 'x', pay: 'y' }).equals(ownership({ pay: 'y', auth: 'x' }))).toBe(true);
    expect(ownership({ auth: 'x' }).equals(ownership({ auth: 'y' }))).toBe(false);
    expect(ownership({}).equals(new Ownership('main', { branches: new Map() }))).toBe(false);
  });
});

describe('the queue of all branches', () => {
  const main = snapshotOf([
    { project: 'web', id: 'T-1' },
    { project: 'auth', id: 'T-1', state: 'ready' },
    { project: 'auth', id: 'T-2' },
  ]);
  const auth = snapshotOf([
    { project: 'auth', id: 'T-1', state: 'completed' },
    { project: 'web', id: 'T-1', state: 'claimed' },
    { project: 'web', id: 'T-9' },
  ]);

  it('has each project as its own branch has it, and no copies', () => {
    const merged = mergeByOwnership(
      ownership({ auth: 'develop-auth' }),
      new Map([
        ['develop', main],
        ['develop-auth', { ...auth, tip: 'b'.repeat(40) }],
      ]),
    );
    expect(tasksOf(merged)).toEqual(['web/T-1 ready', 'auth/T-1 completed']);
    expect(merged.tip).toBe(main.tip);
  });

  it('lacks the projects of a branch that does not exist yet: copies are never offered', () => {
    const merged = mergeByOwnership(ownership({ auth: 'develop-auth' }), new Map([['develop', main]]));
    expect(tasksOf(merged)).toEqual(['web/T-1 ready']);
  });

  it('has the findings about files where they live, and about foreign files on the main branch', () => {
    const finding = (file: string) => ({ code: 'unusable-name', severity: 'note', message: 'odd', file }) as const;
    const files = ['.agents/auth/tasks/a b.toon', '.agents/web/tasks/a b.toon', '.agents/notes.txt'];
    const owned = ownership({ auth: 'develop-auth' });
    const seen = (branch: string, snapshot: QueueSnapshot) =>
      ownedPart(owned, branch, { ...snapshot, findings: files.map(finding) }).findings.map(({ file }) => file);
    expect(seen('develop', main)).toEqual(files.slice(1));
    expect(seen('develop-auth', auth)).toEqual(files.slice(0, 1));
  });

  it.each([
    ['none', 'none', 'none'],
    ['none', 'witnessed', 'witnessed'],
    ['witnessed', 'suspected', 'suspected'],
    ['none', undefined, undefined],
  ] as const)('knows of stalled claims no more than of any one: %s and %s', (one, other, all) => {
    const snapshots = new Map([
      ['develop', { ...main, stalls: one }],
      ['develop-auth', { ...auth, stalls: other }],
    ]) as ReadonlyMap<string, QueueSnapshot>;
    expect(mergeByOwnership(ownership({ auth: 'develop-auth' }), snapshots).stalls).toBe(all);
  });

  it('has every task of every project once, whatever copies there are', () => {
    const branch = fc.constantFrom('develop', 'x', 'y');
    const project = fc.constantFrom('auth', 'pay', 'web');
    const file = fc.record({
      branch,
      project,
      id: fc.integer({ min: 1, max: 4 }).map((n) => `T-${n}`),
      state: fc.constantFrom('ready', 'claimed', 'completed'),
    });
    const files = fc.uniqueArray(file, { selector: (one) => `${one.branch} ${one.project} ${one.id}`, maxLength: 30 });
    fc.assert(
      fc.property(fc.dictionary(project, branch, { maxKeys: 3 }), files, (branches, all) => {
        const owned = ownership(branches);
        const snapshots = new Map(
          owned.branches.map((name) => [name, snapshotOf(all.filter((one) => one.branch === name))]),
        );
        const expected = all
          .filter((one) => (branches[one.project] ?? 'develop') === one.branch)
          .map(({ project: name, id, state }) => `${name}/${id} ${state}`);
        expect(tasksOf(mergeByOwnership(owned, snapshots)).sort()).toEqual(expected.sort());
      }),
      { numRuns: 100 },
    );
  });
});
