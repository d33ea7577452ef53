import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newestOf } from '../../../src/git/checkout/newest.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import type { Repository } from '../../../src/git/repository/repository.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** A history, newest last: each commit has at most two parents among those before it. */
const history = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.option(fc.double({ min: 0, max: 1, noNaN: true }))), {
    maxLength: 30,
  })
  .map((picks) => {
    const parents: number[][] = [[]];
    for (const [index, [first, second]] of picks.entries()) {
      const count = index + 1;
      // Mostly the commit just before: a branch with a few merges, as the field has it.
      const one = first < 0.7 ? index : Math.floor(first * index);
      const other = second === null ? [] : [Math.floor(second * count)];
      parents.push([...new Set([one, ...other])].filter((parent) => parent < count));
    }
    return parents;
  });

function ancestorsOf(parents: readonly (readonly number[])[], commit: number): Set<number> {
  const found = new Set<number>();
  const visit = (one: number): void => {
    for (const parent of parents[one] ?? []) {
      if (found.has(parent)) continue;
      found.add(parent);
      visit(parent);
    }
  };
  visit(commit);
  return found;
}

it('is a commit that no other contains, and the one that contains all others if there is one', async () => {
  const noGit = { git: { attempt: () => Promise.reject(new Error('a process was started')) } } as unknown as Repository;
  await fc.assert(
    fc.asyncProperty(history, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), async (parents, picks) => {
      const commits = picks.map((pick) => pick % parents.length);
      const objects = {
        parents: async (oids: readonly string[]) => oids.map((oid) => parents[Number(oid)]?.map(String)),
      };
      const newest = Number(await newestOf(noGit, objects, commits.map(String)));
      expect(commits).toContain(newest);
      for (const other of commits)
        expect(ancestorsOf(parents, other).has(newest), `${other} has ${newest}`).toBe(false);
      const all = commits.find((one) => {
        const contained = ancestorsOf(parents, one);
        return commits.every((other) => other === one || contained.has(other));
      });
      if (all !== undefined) expect(newest).toBe(all);
    }),
    { numRuns: 200 },
  );
});

it.each([
  ['far apart', [0, 99, 40], 99],
  ['in another order', [99, 0], 99],
  ['one after the other', [10, 11, 12, 11], 12],
])('is found among commits that are %s', async (_, picks, newest) => {
  await using box = await scene();
  const commits = await chain(box, 100);
  const repository = await box.open('long');
  const objects = openObjects(repository);
  const named = picks.map((pick) => commits[pick] ?? '');
  const found = await newestOf(repository, objects, named).finally(() => objects.close());
  expect(commits.indexOf(found)).toBe(newest);
});

/** A branch of this many commits, oldest first. */
async function chain(box: Scene, length: number): Promise<string[]> {
  await box.git('.', 'init', '-q', 'long');
  const commits = Array.from(
    { length },
    (_, n) => `commit refs/heads/long\ncommitter t <t@example.com> ${1_700_000_000 + n} +0000\ndata 0\n\n`,
  );
  await box.write('long', { stream: commits.join('') });
  await box.run(box.path('long'), 'sh', ['-c', 'git fast-import --quiet < stream']);
  return (await box.git('long', 'rev-list', '--reverse', 'long')).split('\n');
}
