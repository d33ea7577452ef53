import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cpuPressureMs, othersRunning } from '../../../src/cli/command/system.ts';

/** What the machine tells of itself; what it does not tell (macOS) is undefined, and never an error. */

function isReadable(path: string): boolean {
  try {
    return readFileSync(path, 'utf8') !== '';
  } catch {
    return false;
  }
}

it('tells how long something has waited for a core, a time that never goes back', () => {
  const before = cpuPressureMs();
  expect(before !== undefined).toBe(isReadable('/proc/pressure/cpu'));
  if (before !== undefined) expect(cpuPressureMs()).toBeGreaterThanOrEqual(before);
});

it('counts those that run beside us', () => {
  const others = othersRunning();
  expect(others !== undefined).toBe(isReadable('/proc/loadavg'));
  expect(others ?? 0).toBeGreaterThanOrEqual(0);
});
