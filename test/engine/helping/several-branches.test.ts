import { expect, it } from 'vitest';
import {
  behindUs,
  claimIntent,
  expectCarriedOut,
  openMachine,
  publishAs,
  requestsOn,
  tipOf,
} from '../../kit/engine/machine.ts';
import { scene } from '../../kit/scene/scene.ts';

/** A branch that was cut from another holds its commits, so a request's base does not tell which branch it is about. */
it('carries out no request of another coordination branch at the same remote', async () => {
  await using box = await scene({ tasks: 6 });
  const { remote } = box;
  await box.git(remote, 'branch', 'develop-auth', 'develop');
  for (const name of ['one', 'two']) await box.clone(remote, name);
  const [first, later] = [claimIntent('first'), claimIntent('later')];
  const before = await tipOf(box, remote);
  const published = [
    await publishAs(box, remote, [first]),
    await publishAs(box, remote, [later], { at: behindUs() }),
  ].sort();

  await using elsewhere = await openMachine(box, 'one', { branch: 'develop-auth', rivals: 'seen' });
  const [settled] = await elsewhere.help(claimIntent('elsewhere'));
  expect(settled?.kind).toBe('done');
  expect(await requestsOn(box, remote)).toEqual(published);
  expect(await box.git(remote, 'log', '--format=%an', 'develop..develop-auth')).toBe('elsewhere');
  expect(await tipOf(box, remote)).toBe(before);

  await using here = await openMachine(box, 'two', { rivals: 'seen' });
  const own = claimIntent('here');
  await here.help(own);
  await expectCarriedOut(box, remote, first, later, own);
  expect(await requestsOn(box, remote)).toEqual([]);
});
