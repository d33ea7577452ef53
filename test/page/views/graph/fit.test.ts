import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fitted, type Measure } from '../../../../src/page/views/graph/fit.ts';

/** Letters of two widths, as in most fonts. */
const measure: Measure = (text) => [...text].reduce((sum, letter) => sum + (/[iljt.… ]/.test(letter) ? 3 : 8), 0);

it('leaves a text that fits as it is', () => {
  expect(fitted('Two vouchers in one cart', 200, measure)).toBe('Two vouchers in one cart');
});

it('cuts wide letters sooner than narrow ones', () => {
  expect(fitted('illillillillillillill', 40, measure)).toBe('illillillill…');
  expect(fitted('WWWWWWWWWWWWWWWWWWWWW', 40, measure)).toBe('WWWW…');
});

it('leaves no blank before the dots, and no half of a character', () => {
  expect(fitted('Send all of it', 56, measure)).toBe('Send all…');
  expect(fitted('👩👩👩👩', 20, measure)).toBe('👩👩…');
});

it('never gets wider than the room, and takes all of it that a prefix can', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 3, max: 120 }), (text, width) => {
      const shown = fitted(text, width, measure);
      expect(measure(shown)).toBeLessThanOrEqual(width);
      if (shown === text) return;
      const characters = [...text];
      const kept = shown.slice(0, -1);
      expect(text.startsWith(kept)).toBe(true);
      // One more character that is no blank would not have fit.
      const next = [...kept].length + 1;
      const longer = `${characters.slice(0, next).join('')}…`;
      if (/\S…$/.test(longer)) expect(measure(longer)).toBeGreaterThan(width);
    }),
  );
});
