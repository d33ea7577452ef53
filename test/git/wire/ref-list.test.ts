import { describe, expect, it } from 'vitest';
import { FLUSH, packet } from '../../../src/git/wire/packets.ts';
import { askForRefs, RefListReader } from '../../../src/git/wire/ref-list.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const HEAD = [packet('version 2\n'), packet('agent=git/2.39.5\n'), packet('ls-refs=unborn\n'), FLUSH];

function read(...pieces: readonly string[]) {
  const reader = new RefListReader();
  let taken: string = 'more';
  for (const piece of pieces) if (taken === 'more') taken = reader.take(Buffer.from(piece));
  return { taken, refs: [...reader.refs()] };
}

describe('the refs that a server lists', () => {
  it('come after what it can do', () => {
    const lines = [packet(`${A} refs/heads/develop\n`), packet(`${B} refs/agentq/requests/é`), FLUSH];
    const refs = [
      ['refs/heads/develop', A],
      ['refs/agentq/requests/é', B],
    ];
    expect(read(...HEAD, ...lines)).toEqual({ taken: 'whole', refs });
    expect(read([...HEAD, ...lines].join(''))).toEqual({ taken: 'whole', refs });
    expect(read(...HEAD, FLUSH)).toEqual({ taken: 'whole', refs: [] });
    expect(read(...HEAD)).toEqual({ taken: 'more', refs: [] });
  });

  it.each<[string, readonly string[]]>([
    ['protocol 0', [packet(`${A} HEAD\0agent=git\n`)]],
    ['an end before the beginning', [FLUSH]],
    ['an error', [packet('ERR no such repository')]],
    ['what is no packet', ['fatal: no']],
    ['ids of SHA-256', [...HEAD, packet(`${A}${'a'.repeat(24)} refs/heads/x\n`)]],
    ['a branch that is not born', [...HEAD, packet('unborn HEAD\n')]],
    ['a name that is not UTF-8', [...HEAD, packet(`${A} refs/\uFFFD\n`)]],
  ])('are not understood: %s', (_, pieces) => {
    expect(read(...pieces).taken).toBe('full');
  });

  it('have a limit', () => {
    const piece = packet(`${A} refs/heads/${'x'.repeat(60_000)}\n`);
    expect(read(...HEAD, ...Array.from({ length: 300 }, () => piece)).taken).toBe('full');
  });

  it('are those that are asked for', () => {
    expect(askForRefs(['refs/heads/develop'])).toBe(
      '0014command=ls-refs\n0016object-format=sha10001' + '0022ref-prefix refs/heads/develop\n0000',
    );
  });
});
