import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileTree } from '../../../src/git/objects/file-tree.ts';
import { parseTree, type TreeEntry } from '../../../src/git/objects/tree.ts';
import { type RawEntry, rawTree, sortedAsGit } from '../../kit/queues/raw-trees.ts';
import { sized } from '../../kit/sample.ts';

const TASK = fc
  .constantFrom('A', 'A-1', 'A-10', 'A-2', 'B.toon', 'A.toon', 'a', '1', '100644')
  .map((id) => `${id}.toon`);
const FILE_MODE = fc.constantFrom('100644', '100755', '120000', '160000', '100664');

/** Names of which one is within another, and those that could be taken for the beginning of an entry. */
const NAME = fc.oneof(
  { weight: 4, arbitrary: TASK },
  fc.tuple(fc.constantFrom('x', '100644', 'x100644', 'é', ' ', '-'), TASK).map(([before, task]) => `${before} ${task}`),
  fc.stringMatching(/^[^/\0]{1,6}$/),
);

/** An id that holds what could be taken for an entry. */
function idOf(idBytes: number): fc.Arbitrary<Uint8Array> {
  const hidden = TASK.map((name) => Buffer.from(`100644 ${name}\0`).subarray(-idBytes));
  return fc.oneof(
    fc.uint8Array({ minLength: idBytes, maxLength: idBytes }),
    hidden.map((text) => Buffer.concat([Buffer.alloc(idBytes - text.length, 0x20), text])),
    hidden.map((text) => Buffer.concat([text, Buffer.alloc(idBytes - text.length)])),
  );
}

function entriesOf(idBytes: number, mode: fc.Arbitrary<string>): fc.Arbitrary<RawEntry[]> {
  return fc.uniqueArray(fc.record({ mode, name: NAME, id: idOf(idBytes) }), {
    selector: ({ name }) => name,
    maxLength: 12,
  });
}

/** Every name of a task that was in an example, and those that were not. */
const ASKED = ['A', 'A-1', 'A-10', 'A-2', 'A-3', 'B', 'B.toon', 'A.toon', 'a', '0', '1', '100644', 'Z'].map(
  (id) => `${id}.toon`,
);

describe.each([20, 32])('a tree whose ids have %i bytes', (idBytes) => {
  it('has the files that parsing finds, wherever else their names are', () => {
    fc.assert(
      fc.property(entriesOf(idBytes, FILE_MODE), fc.boolean(), (entries, isSorted) => {
        const bytes = rawTree(isSorted ? sortedAsGit(entries) : entries);
        const parsed = parseTree(bytes, idBytes);
        const tree = FileTree.of('t', bytes, idBytes);
        expect(tree === undefined).toBe(bytes.includes('40000 '));
        if (tree === undefined) return;
        expect(tree.entries()).toEqual(parsed);
        for (const name of ASKED) expect(tree.find(name)).toEqual(parsed.filter((entry) => entry.name === name));
      }),
      { numRuns: sized(2_000, 600) },
    );
  });

  it('is left to the parser if it has folders', () => {
    fc.assert(
      fc.property(entriesOf(idBytes, fc.oneof(FILE_MODE, fc.constantFrom('40000', '040000'))), (entries) => {
        if (entries.every(({ mode }) => mode.startsWith('1'))) return;
        expect(FileTree.of('t', rawTree(sortedAsGit(entries)), idBytes)).toBeUndefined();
      }),
      { numRuns: sized(1_000, 300) },
    );
  });

  it('has what parsing finds, or cannot be read, if it is cut, repeated, or is anything else', () => {
    fc.assert(
      fc.property(
        entriesOf(idBytes, FILE_MODE).filter((entries) => entries.length > 0),
        fc.nat(),
        fc.uint8Array({ maxLength: 80 }),
        (entries, cut, garbage) => {
          const bytes = rawTree(sortedAsGit(entries));
          const cutBytes = bytes.subarray(0, cut % bytes.length);
          for (const damaged of [cutBytes, Buffer.concat([bytes, garbage]), Buffer.concat([bytes, bytes]), garbage]) {
            const buffer = Buffer.from(damaged);
            const tree = FileTree.of('t', buffer, idBytes);
            if (tree === undefined) continue;
            const parsed = parsedOf(buffer, idBytes);
            for (const name of [...ASKED, ...(parsed ?? []).map((entry) => entry.name).filter(isAscii)]) {
              if (parsed === undefined) expect(() => tree.find(name)).toThrow('tree t cannot be read');
              else expect(tree.find(name)).toEqual(parsed.filter((entry) => entry.name === name));
            }
          }
        },
      ),
      { numRuns: sized(1_000, 300) },
    );
  });
});

function parsedOf(bytes: Buffer, idBytes: number): TreeEntry[] | undefined {
  try {
    return parseTree(bytes, idBytes);
  } catch {
    return undefined;
  }
}

function isAscii(name: string): boolean {
  return /^[\x01-\x7f]+$/.test(name);
}

it('may be empty', () => {
  expect(FileTree.of('t', Buffer.alloc(0), 20)?.find('A.toon')).toEqual([]);
});
