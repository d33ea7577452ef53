import { describe, expect, it } from 'vitest';
import { scene } from '../scene/scene.ts';
import { auditQueue } from './queue-audit.ts';

const BRANCH = 'refs/heads/develop';
const READY = '.agents/auth/tasks/TASK-1.toon';
const CLAIMED = '.agents/auth/claimed/TASK-1.toon';
const held = (owner: string): string => `task:\n  id: TASK-1\nclaim:\n  claimed_by: ${owner}\n`;

/** An audit that never finds anything would let every other test pass. */
describe('auditQueue', () => {
  it('follows a task through its folders, and finds nothing wrong', async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ [READY]: 'task:\n  id: TASK-1\n', 'README.md': 'x' });
    await box.commitTo(remote, BRANCH, { [READY]: null, [CLAIMED]: held('a1') }, 'claim');
    await box.commitTo(remote, BRANCH, { [CLAIMED]: null, '.agents/auth/completed/TASK-1.toon': 'x' }, 'complete');
    const audit = await auditQueue(box.path(remote));
    expect(audit).toMatchObject({ commits: 3, violations: [] });
    expect(audit.moves.map(({ from, to, owner }) => [from, to, owner])).toEqual([
      [undefined, 'ready', undefined],
      ['ready', 'claimed', 'a1'],
      ['claimed', 'completed', undefined],
    ]);
    expect([...audit.tip]).toEqual([['auth/TASK-1', 'completed']]);
  });

  it('finds a task in two folders, a lost one, and a stolen claim, in whichever commit', async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ [READY]: 'x', '.agents/auth/tasks/TASK-2.toon': 'y' });
    await box.commitTo(remote, BRANCH, { [CLAIMED]: held('a1') }, 'copied');
    await box.commitTo(remote, BRANCH, { [READY]: null }, 'mended');
    await box.commitTo(remote, BRANCH, { [CLAIMED]: held('b1') }, 'stolen');
    await box.commitTo(remote, BRANCH, { '.agents/auth/tasks/TASK-2.toon': null }, 'lost');
    const { violations } = await auditQueue(box.path(remote));
    expect(violations.map((text) => text.replace(/^\w+ /, ''))).toEqual([
      `(copied): auth/TASK-1 is in 2 places: ${READY} and ${CLAIMED}`,
      '(lost): auth/TASK-2 is lost',
      '(stolen): auth/TASK-1 went from a1 to b1 while it was claimed',
    ]);
  });

  it('looks over merges', async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ [READY]: 'x', '.agents/auth/tasks/TASK-2.toon': 'y' });
    const clone = await box.clone(remote, 'clone');
    await box.git(clone, 'checkout', '-q', '-b', 'side');
    await box.commit(clone, {
      '.agents/auth/tasks/TASK-2.toon': null,
      '.agents/auth/claimed/TASK-2.toon': held('a1'),
    });
    await box.git(clone, 'checkout', '-q', 'develop');
    await box.commit(clone, { 'other.txt': 'x' });
    await box.git(clone, 'merge', '-q', '--no-ff', '-m', 'merge', 'side');
    const audit = await auditQueue(box.path(clone));
    expect(audit).toMatchObject({ commits: 4, violations: [] });
    expect(Object.fromEntries(audit.tip)).toEqual({ 'auth/TASK-1': 'ready', 'auth/TASK-2': 'claimed' });
  });
});
