import { expect, it } from 'vitest';
import { Turns } from '../../../src/engine/transaction/turns.ts';
import type { Turn } from '../../../src/git/upstream/upstream.ts';

/** How a transaction keeps its turn to push while it decides again. */

function line() {
  const steps: string[] = [];
  let joined = 0;
  const turn = async (): Promise<Turn> => {
    const number = ++joined;
    steps.push(`${number} comes`);
    return { came: 'after others', leave: () => steps.push(`${number} leaves`) };
  };
  return { store: { turn }, steps };
}

const { signal } = new AbortController();

it('is given to the next try, which has not waited', async () => {
  const { store, steps } = line();
  const turns = new Turns();
  turns.keep(await turns.take(store, signal));
  expect(turns.isKept).toBe(true);
  const again = await turns.take(store, signal);
  expect(again?.came).toBe('at once');
  expect(turns.isKept).toBe(false);
  again?.leave();
  expect(steps).toEqual(['1 comes', '1 leaves']);
});

it('is kept for one try only', async () => {
  const { store, steps } = line();
  const turns = new Turns();
  turns.keep(await turns.take(store, signal));
  await turns.take(store, signal);
  expect((await turns.take(store, signal))?.came).toBe('after others');
  expect(steps).toEqual(['1 comes', '2 comes']);
});

it('goes to the others when nothing is pushed after all', async () => {
  const { store, steps } = line();
  const turns = new Turns();
  turns.keep(await turns.take(store, signal));
  turns.leave();
  turns.leave();
  expect(turns.isKept).toBe(false);
  expect(steps).toEqual(['1 comes', '1 leaves']);
});

it('is not waited for where there is no line', async () => {
  const turns = new Turns();
  expect(await turns.take({}, signal)).toBeUndefined();
  turns.keep(undefined);
  expect(turns.isKept).toBe(false);
});
