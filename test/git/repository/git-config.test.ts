import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byKey, parseConfigFile, parseConfigListing } from '../../../src/git/repository/git-config.ts';
import { sized } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** One for all tests: they write one file each. */
let box: Scene;
beforeAll(async () => {
  box = await scene();
});
afterAll(() => box[Symbol.asyncDispose]());

/** What git reads in a file of this text; undefined: it complains. */
async function gits(text: string) {
  const file = box.path('config');
  await writeFile(file, text);
  const { exitCode, stdout } = await box.tryGit('.', 'config', '--file', file, '--list', '-z');
  return exitCode === 0 ? parseConfigListing(stdout) : undefined;
}

/** `section.variable=value` of each setting. */
function linesOf(text: string): readonly string[] | undefined {
  return parseConfigFile(text)?.map(({ key, value }) => `${key}=${value}`);
}

describe('a configuration file', () => {
  it.each<readonly [what: string, text: string, settings: readonly string[]]>([
    ['nothing', '', []],
    ['a setting', '[user]\n\tname = A B\n', ['user.name=A B']],
    ['no end of line at its end', '[user]\nname = A', ['user.name=A']],
    ['lines that end as on Windows', '[user]\r\n\tname = A\r\n', ['user.name=A']],
    ['a byte order mark', '\uFEFF[user]\nname = A\n', ['user.name=A']],
    ['letters of any case in section and variable', '[User]\nFullName = A\n', ['user.fullname=A']],
    ['a subsection, whose case counts', '[Remote "Origin"]\nURL = X\n', ['remote.Origin.url=X']],
    ['a subsection in the old way, whose case does not', '[Branch.Main]\nmerge = X\n', ['branch.main.merge=X']],
    [
      'a subsection with dots and brackets',
      '[url "http://a.b/[c]"]\ninsteadOf = d\n',
      ['url.http://a.b/[c].insteadof=d'],
    ],
    ['a subsection with quotes and backslashes', '[remote "a\\"b\\\\c\\d"]\nurl = x\n', ['remote.a"b\\cd.url=x']],
    ['several blanks before a subsection', '[remote \t "a"]\nurl = x\n', ['remote.a.url=x']],
    ['an empty subsection', '[remote ""]\nurl = x\n', ['remote..url=x']],
    ['a setting on the line of its section', '[core] bare = false\n', ['core.bare=false']],
    ['two sections on a line', '[a] [b] c = d\n', ['b.c=d']],
    ['a section twice', '[a]\nb = 1\n[c]\n[a]\nb = 2\n', ['a.b=1', 'a.b=2']],
    ['a variable by itself', '[core]\nbare\nother = x\n', ['core.bare=true', 'core.other=x']],
    ['a variable by itself at the end', '[core]\nbare', ['core.bare=true']],
    ['nothing behind the equals sign', '[a]\nb =\nc = \n', ['a.b=', 'a.c=']],
    ['equals signs in a value', '[a]\nb=c=d\n', ['a.b=c=d']],
    ['comments', '# x\n; [no]\n[a] # y\nb = c ; d\ne = f#g\n', ['a.b=c', 'a.e=f']],
    ['comments in quotes, which are none', '[a]\nb = "c # d" ; e\n', ['a.b=c # d']],
    ['blanks around a value', '[a]\nb = \t c d  \t\n', ['a.b=c d']],
    ['blanks in quotes', '[a]\nb = " c "\n', ['a.b= c ']],
    ['blanks between quotes', '[a]\nb = "c"  "d"\n', ['a.b=c  d']],
    ['blanks before quotes that are empty', '[a]\nb = c ""\n', ['a.b=c ']],
    ['quotes within a value', '[a]\nb = c"d e"f\n', ['a.b=cd ef']],
    ['escapes', '[a]\nb = \\\\ \\" \\t \\n \\b |\n', ['a.b=\\ " \t \n \b |']],
    ['escapes in quotes', '[a]\nb = "\\\\\\"\\t"\n', ['a.b=\\"\t']],
    ['a value of several lines', '[a]\nb = c \\\n  d\\\ne\n', ['a.b=c   de']],
    ['quotes of several lines', '[a]\nb = "c\\\n d"\n', ['a.b=c d']],
    ['several lines as on Windows', '[a]\r\nb = c\\\r\nd\r\n', ['a.b=cd']],
    ['a comment that a backslash does not continue', '[a]\nb = c # d \\\ne = f\n', ['a.b=c', 'a.e=f']],
  ])('may have %s', async (_, text, settings) => {
    expect(linesOf(text)).toEqual(settings);
    expect(await gits(text)).toEqual(parseConfigFile(text));
  });

  it.each([
    ['a section that does not end', '[a\nb = c\n'],
    ['a subsection that does not end', '[a "b\n"]\nc = d\n'],
    ['a subsection without quotes', '[a b]\nc = d\n'],
    ['blanks in the brackets', '[ a ]\nb = c\n'],
    ['a variable that begins with a digit', '[a]\n1b = c\n'],
    ['a variable with an underscore', '[a]\nb_c = d\n'],
    ['a comment behind a variable by itself', '[a]\nb # c\n'],
    ['quotes that do not end', '[a]\nb = "c\nd = e\n'],
    ['quotes that do not end in the last line', '[a]\nb = "c'],
    ['an escape that is none', '[a]\nb = \\x\n'],
  ])('is not understood where git complains of it: %s', async (_, text) => {
    expect(parseConfigFile(text)).toBeUndefined();
    expect(await gits(text)).toBeUndefined();
  });

  it.each([
    ['it includes another', '[a]\nb = c\n[include]\npath = other\n'],
    ['it includes another in some places', '[includeIf "gitdir:/x"]\npath = other\n'],
    ['it includes another, in other letters', '[INCLUDE]\npath = other\n'],
    ['it is not UTF-8', `[a]\nb = ${Buffer.from([0x63, 0xe9]).toString('utf8')}\n`],
    ['it has a NUL', '[a]\nb = c\0\n'],
    ['it has a setting in no section', 'b = c\n[a]\n'],
    ['it ends in a backslash', '[a]\nb = c\\'],
  ])('does not tell where %s', (_, text) => {
    expect(parseConfigFile(text)).toBeUndefined();
  });

  it('is read as git reads it, whatever it is made of', async () => {
    const piece = fc.constantFrom(
      ...[
        '[a]',
        '[A "B"]',
        '[a.B]',
        '[',
        ']',
        '\n',
        '\n',
        '\r\n',
        'b',
        'c-d',
        '=',
        ' = ',
        ' ',
        '"',
        '\\',
        '\\n',
        '#',
        ';',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 14 }), fc.boolean(), async (pieces, isInSection) => {
        const text = `${isInSection ? '[a]\nb = ' : ''}${pieces.join('')}\n`;
        const own = parseConfigFile(text);
        // What it does not understand it leaves to git, which is more patient in some places.
        if (own !== undefined) expect(await gits(text)).toEqual(own);
      }),
      { numRuns: sized(400, 100) },
    );
  });
});

it('is the same as git lists it, in one piece', () => {
  const listing = 'core.bare\nfalse\0remote.A.b.url\nx\0a.b\0a.b\ntwo\nlines\0';
  expect(parseConfigListing(listing)).toEqual([
    { key: 'core.bare', value: 'false' },
    { key: 'remote.A.b.url', value: 'x' },
    { key: 'a.b', value: 'true' },
    { key: 'a.b', value: 'two\nlines' },
  ]);
  expect(parseConfigListing('')).toEqual([]);
  expect(byKey(parseConfigListing(listing)).get('a.b')).toEqual(['true', 'two\nlines']);
});
