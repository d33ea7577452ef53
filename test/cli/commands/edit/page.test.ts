import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageOf, shown, takenFrom } from '../../../../src/cli/commands/edit/page.ts';
import { taskFile } from '../../../kit/queues/task-files.ts';

const NOTES = ['Leave the line above.', '', 'Über auth/T-1'];

function edit(text: string, by: (page: string) => string): string {
  const page = pageOf(Buffer.from(text), NOTES);
  return Buffer.from(takenFrom(Buffer.from(by(Buffer.from(shown(page)).toString())), page)).toString();
}

describe('the page for an editor', () => {
  it('gives back any bytes that nobody has changed, and any text that somebody puts in their place', () => {
    const hard = fc.constantFrom(
      '',
      '\ufeff',
      '# a\n',
      `# ${'-'.repeat(24)} >8 ${'-'.repeat(24)}\n`,
      '# Leave the line above.\r\n',
      '\r',
    );
    const bytes = fc.oneof(
      fc.array(hard).map((parts) => Buffer.from(parts.join(''))),
      taskFile.map((file) => Buffer.from(file.bytes)),
      fc.uint8Array().map((some) => Buffer.from(some)),
    );
    fc.assert(
      fc.property(bytes, bytes, (before, after) => {
        const page = pageOf(before, NOTES);
        expect(Buffer.from(takenFrom(shown(page), page)).equals(before)).toBe(true);
        // What is above the scissors is the text, whatever it is; only a mark that was there stays.
        const below = Buffer.from(shown(page)).subarray(before.length + (page.isOpenEnded ? page.newline.length : 0));
        const typed = Buffer.concat([
          after,
          Buffer.from(page.isOpenEnded || !after.toString('latin1').endsWith('\n') ? page.newline : ''),
          below,
        ]);
        const taken = Buffer.from(takenFrom(typed, page)).toString('latin1');
        const bare = after.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '');
        expect(taken.replace(/^\u00ef\u00bb\u00bf/, '').replace(/[\r\n]*$/, '')).toBe(bare.replace(/[\r\n]*$/, ''));
      }),
      { numRuns: 100 },
    );
  });

  it('leaves out our own words where somebody has taken the scissors away, and nothing else', () => {
    const without = (page: string): string => page.replace(/^# -+ >8 -+\n/m, '');
    expect(edit('a: 1\n# mine\n', without)).toBe('a: 1\n# mine\n');
    expect(edit('a: 1', (page) => without(page).replace('# Über auth/T-1\n', '# about T-1\n'))).toContain(
      '# about T-1',
    );
    expect(edit('a: 1', () => 'b: 2\n')).toBe('b: 2');
    expect(edit('a: 1\n', () => '')).toBe('');
  });

  it('keeps the mark that an editor drops, and the line breaks of the file', () => {
    expect(edit('\ufeffa: 1\r\n', (page) => page.replace('\ufeff', '').replace('1', '2'))).toBe('\ufeffa: 2\r\n');
    expect(Buffer.from(shown(pageOf(Buffer.from('a: 1\r\n'), NOTES))).toString()).not.toMatch(/[^\r]\n/);
  });
});
