import { describe, expect, it } from 'vitest';
import type { ReadQueue } from '../../../src/engine/queue/reader.ts';
import { SeenLooks } from '../../../src/engine/waiting/seen-looks.ts';
import { claimIntent } from '../../kit/engine/machine.ts';
import { branchScene, type OpenedBranches, openedBranches, placing, SETTINGS } from '../../kit/scene/branch-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const READY = { read: new Set(['ready'] as const) };

/** Looks at where the queue is, and reads it there. @returns the queue, and what asked the remote for that */
async function seenAndRead({ queue, processes }: OpenedBranches) {
  const reader = await queue.read();
  const seen = await queue.tips.look();
  const before = processes.length;
  const snapshot = await reader.snapshot(READY, seen === undefined ? {} : { seen });
  const asked = processes
    .slice(before)
    .flatMap((args) => args.filter((arg) => /^(upload-pack|ls-remote|fetch)$/.test(arg)));
  return { snapshot, asked };
}

async function claim(box: Scene, clone: string, project: string): Promise<void> {
  await using other = await openedBranches(box, clone, { machine: 'elsewhere' });
  await other.queue.submit(claimIntent(`by-${project}`, { filter: { project } }));
}

/** Where each branch was read. */
function tipsIn({ tip, branches }: ReadQueue): Record<string, string> {
  return branches === undefined ? { develop: tip } : Object.fromEntries(branches.tips);
}

describe('a queue that is read where it was just seen', () => {
  it('is fetched, and the remote is not asked again where it is', async () => {
    await using box = await scene({ tasks: 3, clones: ['here', 'there'] });
    await using here = await openedBranches(box, 'here');
    const first = await seenAndRead(here);
    expect([first.asked, tipsIn(first.snapshot)]).toEqual([[], { develop: await box.tip() }]);
    await claim(box, 'there', 'auth');
    const second = await seenAndRead(here);
    expect([second.asked, tipsIn(second.snapshot)]).toEqual([['fetch'], { develop: await box.tip() }]);
  });

  it('is read so where another process has looked for this one', async () => {
    await using box = await scene({ tasks: 3, clones: ['here', 'there'] });
    await using looking = await openedBranches(box, 'here', { machine: 'one' });
    await looking.queue.tips.look();
    await using following = await openedBranches(box, 'here', { machine: 'one' });
    await (await following.queue.read()).snapshot(READY);
    await claim(box, 'there', 'auth');
    const { asked, snapshot } = await seenAndRead(following);
    expect([asked, tipsIn(snapshot)]).toEqual([['fetch'], { develop: await box.tip() }]);
  });

  it('is read so on each of its branches', async () => {
    await using box = await branchScene({ clones: ['here', 'there'] });
    await using here = await openedBranches(box, 'here');
    // It learns of the branches.
    await (await here.queue.read()).snapshot(READY);
    await claim(box, 'there', 'auth');
    const { asked, snapshot } = await seenAndRead(here);
    expect(asked).toEqual(['fetch']);
    expect(tipsIn(snapshot)).toEqual({
      develop: await box.git(box.remote, 'rev-parse', 'develop'),
      'develop-auth': await box.git(box.remote, 'rev-parse', 'develop-auth'),
      'develop-pay': await box.git(box.remote, 'rev-parse', 'develop-pay'),
    });
  });

  it('is asked for once more where another process has looked at several branches', async () => {
    await using box = await branchScene({ clones: ['here', 'there'] });
    await using looking = await openedBranches(box, 'here', { machine: 'one' });
    await (await looking.queue.read()).snapshot(READY);
    await looking.queue.tips.look();
    await using following = await openedBranches(box, 'here', { machine: 'one' });
    await (await following.queue.read()).snapshot(READY);
    const { asked, snapshot } = await seenAndRead(following);
    expect([asked, Object.keys(tipsIn(snapshot))]).toEqual([
      ['upload-pack'],
      ['develop', 'develop-auth', 'develop-pay'],
    ]);
  });

  it('is asked for once more where the settings name a branch that the look did not show', async () => {
    await using box = await scene({ tasks: 3, clones: ['here'] });
    await using here = await openedBranches(box, 'here');
    await seenAndRead(here);
    await box.git(box.remote, 'branch', 'develop-app', 'develop');
    await box.commitTo(box.remote, 'refs/heads/develop', { [SETTINGS]: placing({ auth: 'develop-app' }) }, 'Place app');
    const { asked, snapshot } = await seenAndRead(here);
    expect([asked, Object.keys(tipsIn(snapshot))]).toEqual([
      ['fetch', 'upload-pack'],
      ['develop', 'develop-app'],
    ]);
  });
});

it('forgets what was seen long ago', () => {
  const looks = new SeenLooks();
  for (let at = 0; at < 20; at++) looks.note(`${at}`, { look: { tip: `${at}`, refs: new Map() }, others: [] });
  expect([looks.at('11'), looks.at(undefined)]).toEqual([undefined, undefined]);
  expect(looks.at('12')?.look.tip).toBe('12');
});
