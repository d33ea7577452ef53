import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FILTERS } from '../../../src/page/state/filters.ts';
import { fromHash, type Place, toHash, VIEWS } from '../../../src/page/state/hash.ts';

const START: Place = { view: 'board', filters: NO_FILTERS, opened: null, cancelled: false };
const text = fc.string({ unit: 'grapheme', minLength: 1 });
const places: fc.Arbitrary<Place> = fc.record({
  view: fc.constantFrom(...VIEWS),
  filters: fc.record({
    project: fc.option(text),
    agent: fc.option(text),
    label: fc.option(text),
    search: fc.string({ unit: 'grapheme' }),
  }),
  opened: fc.option(text),
  cancelled: fc.boolean(),
});

describe('the fragment of the URL', () => {
  it('says every place so that it is found again', () => {
    fc.assert(
      fc.property(places, (place) => {
        expect(fromHash(toHash(place))).toEqual(place);
      }),
    );
  });

  it('survives what a browser does to it', () => {
    fc.assert(
      fc.property(places, (place) => {
        const { hash } = new URL(toHash(place), 'http://127.0.0.1:1/');
        expect(fromHash(hash)).toEqual(place);
      }),
    );
  });

  it('is short for the start', () => {
    expect(toHash(START)).toBe('#/board');
  });

  it.each(['', '#', '#/', '#/nowhere', '#/board?x=1', '#board'])('of %j is the start', (hash) => {
    expect(fromHash(hash)).toEqual(START);
  });
});
