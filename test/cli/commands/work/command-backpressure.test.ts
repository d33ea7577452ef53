import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { systemClock } from '../../../../src/cli/command/system.ts';
import { startCommand } from '../../../../src/cli/commands/work/command-process.ts';

const SIZE = 20_000_000;

it('holds a command back while those who are told are behind, and loses nothing of what it says', async () => {
  let arrived = 0;
  let release: () => void = () => undefined;
  let behind: Promise<void> | undefined = new Promise((resolve) => {
    release = () => {
      behind = undefined;
      resolve();
    };
  });
  const command = startCommand({
    command: [process.execPath, '-e', `process.stdout.write('x'.repeat(99).concat('\\n').repeat(${SIZE / 100}))`],
    cwd: process.cwd(),
    env: {},
    input: undefined,
    clock: systemClock,
    onLine: () => undefined,
    onBytes: (bytes) => {
      arrived += bytes.length;
    },
    drained: () => behind,
  });
  const isOver = await Promise.race([command.ended.then(() => true), sleep(1_500, false)]);
  expect(isOver).toBe(false);
  expect(arrived).toBeLessThan(1_000_000);
  release();
  expect(await command.ended).toMatchObject({ kind: 'exited', code: 0 });
  expect(arrived).toBe(SIZE);
});
