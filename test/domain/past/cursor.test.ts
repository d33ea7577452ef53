import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Cursor, formatCursor, parseCursor } from '../../../src/domain/past/cursor.ts';

const oid = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
);
const cursor: fc.Arbitrary<Cursor> = fc
  .tuple(fc.option(oid, { nil: undefined }), fc.option(fc.record({ end: oid, told: fc.integer({ min: 1, max: 99 }) })))
  .map(([done, within]) => (within === null ? { done } : { done, within }));

it('is read as it was printed', () => {
  fc.assert(
    fc.property(cursor, (one) => {
      expect(parseCursor(formatCursor(one))).toEqual(one);
    }),
  );
});

it('says how far it has come on other branches, too', () => {
  const branches = fc.uniqueArray(fc.tuple(fc.constantFrom('develop-auth', 'q/a,b=c', 'ö'), cursor), {
    selector: ([name]) => name,
    minLength: 1,
  });
  fc.assert(
    fc.property(cursor, branches, (one, others) => {
      const all = { ...one, branches: new Map(others) };
      expect(parseCursor(formatCursor(all))).toEqual(all);
    }),
  );
});

it.each([`${'a'.repeat(40)},`, `${'a'.repeat(40)},x`, `0,x=1`, `0,-x=0`, `0,%=0`, `0,x=0=0`])('%j is none', (text) =>
  expect(parseCursor(text)).toBeUndefined(),
);

it.each(['', 'HEAD', 'abc', '1', `${'a'.repeat(40)}.`, `${'a'.repeat(40)}.${'b'.repeat(40)}.0`, ` ${'a'.repeat(40)}`])(
  '%j is none',
  (text) => expect(parseCursor(text)).toBeUndefined(),
);
