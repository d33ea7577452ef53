import { expect, it } from 'vitest';
import { claimIntent, isPublication, openMachine, requestsIn, requestsOn, taskOf } from '../../kit/engine/machine.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { holdPush } from '../../kit/remotes/gate.ts';
import { scene } from '../../kit/scene/scene.ts';

/** One machine leads, and is killed while it pushes for another one, which must not get a second task, or none. */

function signal(): { readonly given: Promise<void>; give(): void } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

it.each([
  ['the push lands before the other machine looks', 'before'],
  ['the other machine takes over, and the push comes too late', 'after'],
] as const)('%s', async (_what, when) => {
  await using box = await scene({ tasks: 4, clones: ['one', 'two'] });
  const { remote } = box;
  const gate = box.owns(await holdPush(box, box.remote, 'push'));
  const published = signal();
  const mayLook = signal();
  const intent = claimIntent('waiting');
  await using waiting = await openMachine(box, 'two', {
    rivals: 'seen',
    async push(updates, push) {
      const outcome = await push();
      if (isPublication(updates)) published.give();
      return outcome;
    },
    async look() {
      if (isPublished) await mayLook.given;
    },
  });
  let isPublished = false;
  const settled = published.given.then(() => {
    isPublished = true;
  });
  const answer = waiting.help(intent);
  await settled;

  // Whoever has published first does not answer, so this one publishes, and takes over.
  const leader = box.start('one', ['claim', 'leader', '--no-sync'], { env: { XDG_RUNTIME_DIR: box.path('home') } });
  await gate.reached();
  leader.child.kill('SIGKILL');
  await leader.done;
  if (when === 'before') await gate.open();
  mayLook.give();
  const [one] = await answer;
  if (when === 'after') await gate.open();

  const { moves, violations } = await auditQueue(box.path(remote));
  expect(violations).toEqual([]);
  const own = moves.filter(({ owner }) => owner === 'waiting').map(({ task }) => task);
  expect(own).toEqual([taskOf(one)]);
  const requests = await requestsIn(box, remote);
  expect(new Set(requests).size).toBe(requests.length);
  expect(requests).toContain(intent.request);
  expect(await requestsOn(box, remote)).toEqual([]);
});
