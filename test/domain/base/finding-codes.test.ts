import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('docs/validate.md', () => {
  it('explains every code there is, and no other', () => {
    const union =
      /FindingCode =\n((?: {2}\| '[a-z-]+'\n?)+);?/.exec(
        read('src/domain/base/finding.ts').replaceAll("';", "'\n;"),
      )?.[1] ?? '';
    const codes = [...union.matchAll(/'([a-z-]+)'/g)].map(([, code]) => code);
    const explained = [...read('docs/validate.md').matchAll(/^### `([a-z-]+)`$/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(20);
    expect([...explained].sort()).toEqual([...codes].sort());
  });
});
