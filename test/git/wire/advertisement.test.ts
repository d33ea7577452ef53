import { describe, expect, it } from 'vitest';
import { AdvertisementReader } from '../../../src/git/wire/advertisement.ts';
import { FLUSH, packet } from '../../../src/git/wire/packets.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const NONE = '0'.repeat(40);
const CAPABILITIES = 'report-status delete-refs side-band-64k agent=git/2.39.5';

function read(...lines: readonly string[]) {
  const reader = new AdvertisementReader();
  const pieces = [...lines.map(packet), FLUSH].map((piece) => Buffer.from(piece));
  const taken = pieces.map((piece) => reader.take(piece));
  return { taken: taken.at(-1), result: reader.result() };
}

describe('what a server advertises', () => {
  it('is its refs, and what it can do', () => {
    const { taken, result } = read(
      `${A} refs/heads/develop\0 ${CAPABILITIES}\n`,
      `${B} refs/heads/é/x\n`,
      `${B} .have\n`,
      `${A} refs/tags/v1\n`,
    );
    expect(taken).toBe('whole');
    expect([...(result?.refs ?? [])]).toEqual([
      ['refs/heads/develop', A],
      ['refs/heads/é/x', B],
      ['refs/tags/v1', A],
    ]);
    for (const each of CAPABILITIES.split(' ')) expect(result?.capabilities.has(each), each).toBe(true);
  });

  it('is the same by protocol 1', () => {
    const line = `${A} refs/heads/develop\0${CAPABILITIES}`;
    expect(read('version 1\n', line)).toEqual(read(line));
  });

  it('is no ref of an empty repository, and of one that has only refs of others', () => {
    for (const only of ['capabilities^{}', '.have']) {
      const { result } = read(`${only === '.have' ? A : NONE} ${only}\0${CAPABILITIES}\n`);
      expect(result?.refs.size).toBe(0);
      expect(result?.capabilities.has('delete-refs')).toBe(true);
    }
  });

  const first = `${A} refs/heads/develop\0${CAPABILITIES}\n`;
  it.each<[string, readonly string[]]>([
    ['nothing', []],
    ['a version only', ['version 1\n']],
    ['protocol 2', ['version 2\n', 'ls-refs\n']],
    ['ids of SHA-256', [`${A}${'a'.repeat(24)} refs/heads/develop\0object-format=sha256\n`]],
    ['a shallow repository', [first, `shallow ${A}\n`]],
    ['an error', ['ERR no such repository\n']],
    ['an error in the middle', [first, 'ERR gone\n']],
    ['a name that is not UTF-8', [first, `${A} refs/heads/\uFFFD\n`]],
    ['a name with a blank', [first, `${A} refs/heads/a b\n`]],
    ['no name', [first, `${A}\n`]],
  ])('is not understood: %s', (_, lines) => {
    expect(read(...lines)).toEqual({ taken: 'whole', result: undefined });
  });

  it('has a limit, and ends with what is no packet', () => {
    const reader = new AdvertisementReader();
    const piece = Buffer.from(packet(`${A} refs/heads/${'x'.repeat(60_000)}\n`));
    let taken = reader.take(piece);
    for (let n = 0; n < 300 && taken === 'more'; n++) taken = reader.take(piece);
    expect(taken).toBe('full');
    expect(new AdvertisementReader().take(Buffer.from('fatal: no'))).toBe('full');
  });
});
