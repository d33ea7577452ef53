import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonForHtml } from '../../../../../src/cli/commands/dashboard/serve/json-for-html.ts';

/** Texts in which what matters to a reader of HTML comes often. */
const texts = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('<', '>', '&', '/', 'script', '!--', '\u2028', '\\u003c', '"'),
    ),
  )
  .map((parts) => parts.join(''));

describe('JSON in a document', () => {
  it('is the same value, and has nothing that a reader of HTML or JavaScript takes for its own', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(texts, texts), (value, more) => {
        const json = jsonForHtml({ value, more });
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, more })));
        expect(json).not.toMatch(/[<>&\u2028\u2029]/);
      }),
    );
  });
});
