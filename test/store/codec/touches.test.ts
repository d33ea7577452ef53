import { describe, expect, it } from 'vitest';
import { readText } from '../../kit/queues/read-text.ts';

describe('what a task touches', () => {
  it.each<[string, string, readonly string[] | undefined]>([
    ['a text', 'task:\n  id: T\n  touches: src/auth/**\n', ['src/auth/**']],
    ['a quoted text', 'task:\n  id: T\n  touches: "src/{a,b}/**"\n', ['src/{a,b}/**']],
    ['a list of TOON', 'task:\n  id: T\ntouches[2]: src/auth/**,docs/*.md\n', ['src/auth/**', 'docs/*.md']],
    [
      'a list in the task',
      'task:\n  id: T\n  touches[2]:\n    - src/auth/**\n    - docs/*.md\n',
      ['src/auth/**', 'docs/*.md'],
    ],
    ['bare lines', 'task:\n id: T\n status: ready\ntouches:\n src/auth/**\n docs/*.md\n', ['src/auth/**', 'docs/*.md']],
    [
      'dashes and a wrong count',
      'task:\n id: T\n touches[3]:\n - src/auth/**\n - docs/*.md\n',
      ['src/auth/**', 'docs/*.md'],
    ],
    ['texts with commas', 'task:\n id: T\n touches: src/auth/**, docs/*.md\n', ['src/auth/**', 'docs/*.md']],
    ['a list on one line', 'task:\n id: T\n touches: [src/auth/**, docs/*.md]\n', ['src/auth/**', 'docs/*.md']],
    ['nothing', 'task:\n id: T\n touches: []\n', undefined],
    ['nothing at all', 'task:\n id: T\n', undefined],
  ])('may be %s', (_, text, expected) => {
    expect(readText(text).task.touches).toEqual(expected);
  });
});
