import { rename } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/cli/command/system.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { parseRequestRef } from '../../../src/engine/helping/request-ref.ts';
import { fixedSource } from '../../../src/engine/transaction/intent-source.ts';
import { REQUEST_TTL_MS } from '../../../src/engine/transaction/requests.ts';
import {
  claimIntent,
  expectCarriedOut,
  isPublication,
  openMachine,
  publishAs,
  requestsOn,
  taskOf,
  tipOf,
} from '../../kit/engine/machine.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** What an owner does for its own request as long as it lives. */

/** Requests on the remote that ask for this intent: when each was published. */
async function timesOf(box: Scene, request: string): Promise<number[]> {
  const { remote } = box;
  const refs = (await requestsOn(box, remote)).flatMap((ref) => parseRequestRef(ref) ?? []);
  return refs.filter(({ intents }) => intents?.some((intent) => intent.request === request)).map(({ at }) => at);
}

it('renews it before others take it for that of a dead agent, and leaves one of it', async () => {
  await using box = await scene({ tasks: 6, clones: ['one'] });
  const { remote } = box;
  const first = await publishAs(box, remote, [claimIntent('before-us')]);
  const intent = claimIntent('alive');
  let ahead = 0;
  let looks = 0;
  const seen: number[][] = [];
  await using machine = await openMachine(box, 'one', {
    clock: { ...systemClock, now: () => systemClock.now() + ahead },
    async push(updates, push) {
      const outcome = await push();
      if (isPublication(updates)) seen.push(await timesOf(box, intent.request));
      // Nobody is before us any more: there is no need to wait for them.
      if (seen.length === 2) await box.git(remote, 'update-ref', '-d', first);
      return outcome;
    },
    async look() {
      looks += 1;
      // Right after it was published for the first time.
      if (looks === 2) ahead = REQUEST_TTL_MS + 1_000;
    },
  });
  const [settled] = await machine.help(intent);
  expect(taskOf(settled)).toBeDefined();
  expect(seen).toHaveLength(2);
  const [[published = 0] = [], renewed = []] = seen;
  expect(renewed).toHaveLength(1);
  expect((renewed[0] ?? 0) - published).toBeGreaterThan(REQUEST_TTL_MS);
  await expectCarriedOut(box, remote, intent);
});

it('tells whoever waits for it before it is published, at which tip it was not carried out', async () => {
  await using box = await scene({ tasks: 6, clones: ['one'] });
  const { remote } = box;
  await publishAs(box, remote, [claimIntent('before-us')]);
  const tip = await tipOf(box, remote);
  const log: string[] = [];
  await using machine = await openMachine(box, 'one', {
    push(updates, push) {
      log.push(isPublication(updates) ? 'published' : 'pushed');
      return push();
    },
  });
  const intake = fixedSource([{ intent: claimIntent('follower'), base: undefined }]);
  await machine.helpAll({
    ...intake,
    async announce(base) {
      log.push(`announced ${base}`);
      return new Set();
    },
  });
  expect(log.slice(0, 2)).toEqual([`announced ${tip}`, 'published']);
  // It is not old yet: nothing is renewed.
  expect(log.filter((what) => what === 'published')).toHaveLength(1);
});

it('blames no server for the deletion that failed because the repository was away just then', async () => {
  await using box = await scene({ tasks: 2, clones: ['one'] });
  const controller = new AbortController();
  const warnings: string[] = [];
  await using machine = await openMachine(box, 'one', {
    rivals: 'seen',
    signal: controller.signal,
    onEvent: (event) => {
      if (event.kind === 'warning') warnings.push(event.message);
    },
    async push(updates, push) {
      const outcome = await push();
      if (!updates.some(({ to }) => to !== undefined)) return outcome;
      await rename(box.path(box.remote), box.path('away.git'));
      controller.abort(new Failure('interrupted', 'interrupted'));
      return outcome;
    },
  });
  await expect(machine.help(claimIntent('first'))).rejects.toThrow();
  await rename(box.path('away.git'), box.path(box.remote));
  expect(await requestsOn(box, box.remote)).toHaveLength(1);
  expect(warnings).toEqual([expect.stringMatching(/^its request could not be deleted \(fatal: .*\): refs\/agentq\//)]);
  expect(await machine.abilities.deleting()).not.toBe('refused');
});
