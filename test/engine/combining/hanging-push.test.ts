import { expect, it } from 'vitest';
import type { CarryOut } from '../../../src/engine/combining/leader.ts';
import { Combining, never, pending, submitTo } from '../../kit/engine/combining.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { inShort } from '../../kit/engine/test-engine.ts';

/** A leader whose push hangs, although the remote answers others: at a real socket, on a simulated remote. */

it('keeps no newcomer waiting, and finishes what it began', async () => {
  await using pool = await Combining.create();
  const clock = new TestClock('standing');
  let letGo = (): void => undefined;
  const free = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isPushing = false;
  const hanging: CarryOut = async (intake, signal, cut) => {
    const joined = [...(await intake.join('now'))];
    const ended = intake.pushing?.();
    isPushing = true;
    await free;
    ended?.();
    return pool.plain({ ...intake, join: async () => joined.splice(0) }, signal, cut);
  };
  const leading = submitTo(pool.combiner({ carryOut: hanging, clock }), pending('lead'), never);
  await expect.poll(() => isPushing).toBe(true);
  // This one comes while the push may still be fine: it waits for its turn.
  const roles: string[] = [];
  const waiting = submitTo(pool.combiner({ onEvent: ({ kind }) => roles.push(kind) }), pending('early'), never);
  await expect.poll(() => roles).toEqual(['following']);
  const sayAlive = async (): Promise<void> => {
    const said = clock.sleeps.length;
    clock.advance(2_000);
    await expect.poll(() => clock.sleeps.length).toBe(said + 1);
  };
  for (let seconds = 2; seconds < 20; seconds += 2) await sayAlive();
  expect(pool.remote.pushes).toHaveLength(0);
  await sayAlive();
  expect(inShort((await waiting).settled)).toBe('TASK-1');
  // Whoever comes now finds the place free.
  const late: string[] = [];
  const second = submitTo(pool.combiner({ onEvent: ({ kind }) => late.push(kind) }), pending('late'), never);
  expect(inShort((await second).settled)).toBe('TASK-2');
  expect(late).not.toContain('following');
  letGo();
  expect(inShort((await leading).settled)).toBe('TASK-3');
});
