import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { movedHints } from '../../src/machine/moved-hints.ts';
import { StepClock, turn } from '../kit/engine/tip-branch.ts';
import { scene } from '../kit/scene/scene.ts';

describe('a hint that a branch has moved', () => {
  it('reaches everybody who listens at the key, and nobody else', async () => {
    await using box = await scene();
    const heard: string[] = [];
    const hints = movedHints(() => box.root, new StepClock());
    const stops = [
      hints.listen('one', () => heard.push('first')),
      hints.listen('one', () => heard.push('second')),
      hints.listen('two', () => heard.push('other')),
    ];
    movedHints(() => box.root, new StepClock()).tell('one');
    await expect.poll(() => [...heard].sort()).toEqual(['first', 'second']);
    for (const stop of stops) stop();
  });

  it('makes no file where nobody listens', async () => {
    await using box = await scene();
    const before = readdirSync(box.root);
    movedHints(() => box.root, new StepClock()).tell('one');
    expect(readdirSync(box.root)).toEqual(before);
  });

  it('is heard twice of many at once: at once, and a while later', async () => {
    await using box = await scene();
    const clock = new StepClock();
    let heard = 0;
    const hints = movedHints(() => box.root, clock);
    const stop = hints.listen('one', () => {
      heard += 1;
    });
    for (let count = 0; count < 20; count++) {
      hints.tell('one');
      await turn();
    }
    expect(heard).toBe(1);
    expect(clock.pauses).toEqual([250]);
    await clock.tick();
    await expect.poll(() => heard).toBe(2);
    stop();
  });

  it('is no failure where there is no folder', async () => {
    await using box = await scene();
    for (const folder of [undefined, join(box.root, 'absent')]) {
      const hints = movedHints(() => folder, new StepClock());
      const stop = hints.listen('one', () => undefined);
      hints.tell('one');
      stop();
    }
  });
});
