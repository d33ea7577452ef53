import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asciiFirst } from '../../../src/domain/base/ascii-first.ts';

const CLASSES = [
  /^[\p{L}_$][\p{L}\p{N}\p{M}_.$-]*$/u,
  /[\p{L}\p{N}][\p{L}\p{N}_-]*/u,
  /^([\p{L}\p{N}][\p{L}\p{N}._-]*)\/(?=[A-Za-z0-9])/u,
];
/** ASCII and what looks like it; letters, numbers and marks of other scripts; half of a pair. */
const characters = fc.constantFrom(...'aZ09_$.-/ \n\u007f', 'é', 'ж', '٣', '\u0301', '𝒳', 'ａ', '\ud800');

it.each(CLASSES)('finds what %s finds, in ASCII and in any text', (any) => {
  const first = asciiFirst(any);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: characters, maxLength: 8 }), fc.string({ unit: 'binary' })), (text) => {
      expect([first.exec(text), first.test(text)]).toEqual([any.exec(text), any.test(text)]);
    }),
  );
});

it.each(CLASSES)('asks %s itself about other than ASCII alone', (any) => {
  class Counting extends RegExp {
    asked = 0;
    override exec(text: string): RegExpExecArray | null {
      this.asked++;
      return super.exec(text);
    }
  }
  const counting = new Counting(any.source, any.flags);
  const first = asciiFirst(counting);
  first.exec('TASK-1/x');
  expect(counting.asked).toBe(0);
  first.exec('é');
  expect(counting.asked).toBe(1);
});
