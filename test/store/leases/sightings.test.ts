import { describe, expect, it } from 'vitest';
import { Sightings } from '../../../src/store/leases/sightings.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { scene } from '../../kit/scene/scene.ts';

const FILE = 'git/agentq/sightings-origin-develop.json';
const sight = { claim: 'shop/T-1', beat: 'one' };

describe('what a clone has seen of claims', () => {
  it('is remembered from one command to the next', async () => {
    await using box = await scene();
    const clock = new TestClock('standing');
    const open = () => new Sightings(box.path('git'), 'origin-develop', clock);
    expect(await open().note([sight])).toEqual([{ watchedMs: 0 }]);
    clock.advance(5_000);
    expect(await open().note([sight])).toEqual([{ watchedMs: 5_000 }]);
    clock.advance(5_000);
    expect(await open().note([{ ...sight, beat: 'two' }])).toEqual([{ watchedMs: 0, arrivedWithinMs: 5_000 }]);
  });

  it.each([
    '',
    'null',
    '{"claims":[null,["shop/T-1",null],["shop/T-1",{"beat":"one"}]]}',
    '{"looked":{"at":"x"},"claims":3}',
  ])('is nothing where its file holds %j', async (content) => {
    await using box = await scene();
    await box.write('.', { [FILE]: content });
    const clock = new TestClock('standing');
    expect(await new Sightings(box.path('git'), 'origin-develop', clock).note([sight])).toEqual([{ watchedMs: 0 }]);
  });

  it('is nothing where no file can be written', async () => {
    await using box = await scene();
    await box.write('.', { git: 'a file, and no folder' });
    const sightings = new Sightings(box.path('git'), 'origin-develop', new TestClock('standing'));
    expect(await sightings.note([sight])).toEqual([{ watchedMs: 0 }]);
  });

  it('is not written for a queue in which nothing is claimed', async () => {
    await using box = await scene();
    expect(await new Sightings(box.path('git'), 'origin-develop', new TestClock('standing')).note([])).toEqual([]);
    await expect(box.read('.', FILE)).rejects.toThrow();
  });
});
