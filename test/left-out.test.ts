import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LEFT_OUT, leftOut } from './kit/left-out.ts';

/** What `npm test` leaves out is said, and somebody runs it. */

const root = fileURLToPath(new URL('..', import.meta.url));
const readText = (path: string): string => readFileSync(`${root}/${path}`, 'utf8');

it.each(LEFT_OUT)('$what is tested by a script that CI runs', ({ files, script, variable }) => {
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
  // The script sets the variable, or the script that it starts does.
  const [, started] = /node (scripts\/(?!setup)\S+)/.exec(scripts[script] ?? '') ?? [];
  expect([scripts[script], started === undefined ? '' : readText(started)].join('\n')).toMatch(
    new RegExp(`${variable}(?:=|: ')1`),
  );
  expect(existsSync(`${root}/${files.replace('/**', '')}`)).toBe(true);
  expect(readText('.ci/run').split('\n')).toContain(`npm run ${script}`);
});

it('is nothing in a full run, and not what a script asks for', () => {
  expect(leftOut({})).toEqual(LEFT_OUT);
  expect(leftOut({ FULL_TESTS: '1' })).toEqual([]);
  for (const one of LEFT_OUT)
    expect(leftOut({ [one.variable]: '1' })).toEqual(LEFT_OUT.filter((other) => other !== one));
});

const named = leftOut(process.env).map(({ what, script }) => `${what} (npm run ${script})`);
if (named.length > 0) console.info(`Not tested here: ${named.join(', ')}`);
