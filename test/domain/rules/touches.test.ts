import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, doOverlap, globsIn } from '../../../src/domain/rules/touches.ts';

/** It has no types of its own. */
const picomatch = createRequire(import.meta.url)('picomatch') as (
  glob: string,
  options: { readonly dot: boolean },
) => (path: string) => boolean;

const overlap = (one: string, other: string): boolean => {
  const answer = doOverlap(compileGlob(one), compileGlob(other));
  expect(doOverlap(compileGlob(other), compileGlob(one))).toBe(answer);
  return answer;
};

describe('two globs', () => {
  it.each<[string, string, boolean]>([
    ['src/auth/**', 'src/auth/login.ts', true],
    ['src/auth/**', 'src/pay/**', false],
    ['src/**', '**/*.md', true],
    ['src/*.ts', 'src/auth/**', false],
    ['src/*.ts', 'src/*.js', false],
    ['src/a*b*.ts', 'src/*c.ts', true],
    ['src/?.ts', 'src/ab.ts', false],
    ['**/test/**', 'src/*/*.ts', true],
    ['**/test/**', 'src/auth/*.ts', false],
    ['**/test/*', 'src/*.ts', false],
    ['*', 'src', true],
    ['*', 'src/auth', false],
    ['*.md', 'docs/*.md', false],
    // A plain name may be a folder.
    ['src/auth', 'src/auth/login.ts', true],
    ['src/auth/', 'src/authority/x.ts', false],
    ['./src/auth', '/src/auth/x', true],
    ['.', 'src/x', true],
    // Lists in braces, also nested.
    ['src/{auth,pay}/**', 'src/pay/x.ts', true],
    ['src/{auth,pay}/**', 'src/ui/**', false],
    ['{a,b/{c,d}}/*.ts', 'b/d/x.ts', true],
    ['{a,b/{c,d}}/*.ts', 'b/e/x.ts', false],
    // Taken for more than they are.
    ['src/[ab].ts', 'src/c.ts', true],
    ['src/[ab].ts', 'src/cd.ts', false],
    ['src/[]a].ts', 'src/b.ts', true],
    ['src/+(a|b).ts', 'src/c.ts', true],
    ['src/+(a|b).ts', 'lib/c.ts', false],
    ['src/{1..3}', 'lib/x', true],
    ['Src/Auth', 'src/auth', true],
    ['src/../lib', 'lib/x', true],
    ['src/a**b', 'src/a/x/b', true],
    ['src/\\*', 'src/x', false],
    ['src/\\*', 'src/*', true],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(overlap(one, other)).toBe(expected);
  });

  it('overlap wherever a path matches both', () => {
    // Two globs that are made of one path, each segment of it by chance.
    const name = fc.constantFrom('a', 'b', 'ab', 'a.ts', 'b.ts', 'x', '.a');
    const wilder = (part: string): readonly string[] => [
      part,
      '*',
      '**',
      '?'.repeat(part.length),
      `${part[0]}*`,
      `*${part.at(-1)}`,
      `[${part[0]}-z]${part.slice(1)}`,
      `[!_]${part.slice(1)}`,
      `{${part},y}`,
      `{y/z,${part}}`,
      `@(${part}|y)`,
      `\\${part}`,
      `${part[0]}**`,
    ];
    const globOf = (parts: readonly string[]) =>
      fc.tuple(...parts.map((part) => fc.constantFrom(...wilder(part)))).map((some) => some.join('/'));
    const pair = fc
      .array(name, { minLength: 1, maxLength: 5 })
      .chain((parts) => fc.tuple(fc.constant(parts.join('/')), globOf(parts), globOf(parts)));
    let both = 0;
    fc.assert(
      fc.property(pair, ([path, one, other]) => {
        const isMatch = (glob: string): boolean => [true, false].some((dot) => picomatch(glob, { dot })(path));
        if (!isMatch(one) || !isMatch(other)) return;
        both++;
        expect(overlap(one, other)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
    expect(both).toBeGreaterThan(500);
  });

  it('are compared in a time that their length bounds', () => {
    const hostile = [
      '*a'.repeat(140),
      '**/'.repeat(90),
      '{a,b}'.repeat(55),
      '{'.repeat(280),
      '[a'.repeat(140),
      '('.repeat(290),
      '?*'.repeat(145),
    ];
    const started = process.cpuUsage();
    for (const one of hostile) for (const other of hostile) overlap(`${one}x`, `${other}y`);
    // 98 pairs of them take some 60 ms; backtracking would take years.
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(10_000);
    expect(overlap('*a'.repeat(5_000), 'anything')).toBe(true);
  });
});

describe('the globs of a task', () => {
  it.each<[readonly string[], readonly string[]]>([
    [['src/auth/**'], ['src/auth/**']],
    [['src/auth/**, docs/*.md'], ['src/auth/**', 'docs/*.md']],
    [['src/{a,b}/**,x'], ['src/{a,b}/**', 'x']],
    [['[src/a, "src/b"]'], ['src/a', 'src/b']],
    [['[ab].ts'], ['[ab].ts']],
    [['src/**', '!src/gen/**'], ['src/**']],
    [['!src/gen/**'], ['**']],
    [['', ' , '], []],
    [Array.from({ length: 65 }, (_, index) => `f${index}`), ['**']],
  ])('of %j', (items, expected) => {
    expect(globsIn(items)).toEqual(expected);
  });
});
