import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agentProblem,
  branchProblem,
  MAX_NAME_LENGTH,
  projectProblem,
  prUrlProblem,
  quote,
  remoteProblem,
  taskIdProblem,
} from '../../../src/domain/base/names.ts';

type Rule = (value: string) => string | undefined;

const RULES: readonly (readonly [string, Rule, string])[] = [
  ['agent id', agentProblem, 'letters, digits and . _ @ + -, starting with a letter or digit'],
  ['project', projectProblem, 'letters, digits and . _ -, starting with a letter or digit'],
  ['task id', taskIdProblem, 'letters, digits and . _ -, starting with a letter or digit'],
  ['remote', remoteProblem, 'the name of a remote of this repository, not a URL'],
];

/** What no name may have: each would be an option, another path, another line, or a terminal escape. */
const NEVER = [
  '-x',
  '--upload-pack=x',
  '.x',
  '..',
  'a..b',
  '/x',
  'a b',
  'a\n',
  '\na',
  'a\nb',
  'a\rb',
  'a\tb',
  'a\u0000b',
  'a\u001b[2J',
  'a\u007fb',
  'a\u009bb',
  'a\u202eb',
  'a\u2028b',
  'a:b',
  'a\\b',
  'a$b',
  'a;b',
  'a`b',
  'a"b',
  "a'b",
  'a<b>',
  'a|b',
  'a*b',
  'a~b',
  'a^b',
  'a?b',
  'a{b',
  'a,b',
  'a%b',
];

describe.each(RULES)('a name that is no %s', (what, problem, rule) => {
  it('is one that is empty, too long, or could be more than a name', () => {
    expect(problem('')).toBe(`${what} is empty`);
    expect(problem('a'.repeat(MAX_NAME_LENGTH))).toBeUndefined();
    expect(problem('a'.repeat(MAX_NAME_LENGTH + 1))).toBe(`${what} is 101 characters long, the limit is 100`);
    for (const value of NEVER) {
      expect({ value, problem: problem(value) }).toEqual({
        value,
        problem: `${what} ${quote(value)} is not valid: ${rule}`,
      });
    }
  });

  it('is named in one harmless line, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (value) => {
        expect(problem(value) ?? '').not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it('is not what people use', () => {
    for (const value of ['a', '7', 'A-1', 'x.y', 'x_y', 'TASK-001', 'api.v2-10']) {
      expect({ value, problem: problem(value) }).toEqual({ value, problem: undefined });
    }
  });
});

describe('what only some names may have', () => {
  it.each<[string, readonly string[]]>([
    ['a@b', ['agent id']],
    ['a+b', ['agent id']],
    ['a/b', ['remote']],
    ['größe', ['project']],
    ['٤2', ['project']],
    ['a\u0301', []],
  ])('%s', (value, allowed) => {
    expect(RULES.filter(([, problem]) => problem(value) === undefined).map(([what]) => what)).toEqual(allowed);
  });

  it('a remote ends neither with a slash nor as a lock file', () => {
    for (const value of ['origin/', 'origin.lock', 'a/b.lock']) {
      expect(remoteProblem(value)).toBe(`remote "${value}" is not a name git accepts`);
    }
    expect(remoteProblem('origin.locks')).toBeUndefined();
  });
});

describe('a branch', () => {
  it.each([
    'develop',
    'feature/x',
    'a-b',
    'a+b',
    'größe',
    'x@y',
    '@x',
    'a.b',
    'HEADS',
    'refs',
    'a/HEAD',
    'locked',
    'x{y}',
    'a'.repeat(200),
  ])('may be %s', (value) => {
    expect(branchProblem(value)).toBeUndefined();
  });

  it.each([
    '',
    'a'.repeat(201),
    '-x',
    '+x',
    '/x',
    'x/',
    'a//b',
    'a..b',
    'a@{1}',
    'x.',
    '@',
    'HEAD',
    'refs/heads/x',
    '.x',
    'a/.x',
    'x.lock',
    'x.lock/y',
    'a b',
    'a\tb',
    'a\nb',
    'a\u001bb',
    'a\u007fb',
    'a\u0085b',
    'a\u009fb',
    'a~b',
    'a^b',
    'a:b',
    'a?b',
    'a*b',
    'a[b',
    'a\\b',
  ])('may not be %j', (value) => {
    expect(branchProblem(value)).toBe(`branch ${quote(value)} is not a branch name git accepts`);
  });
});

describe('the URL of a pull request', () => {
  it.each([
    'https://example.com/o/r/pull/1',
    'http://example.com/1',
    'https://x/#a?b=c&d=%20',
    `https://${'a'.repeat(492)}`,
  ])('may be %s', (value) => {
    expect(prUrlProblem(value)).toBeUndefined();
  });

  it.each([
    '',
    'javascript:alert(1)',
    'javascript://example.com/%0aalert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ftp://example.com/x',
    'ssh://example.com/x',
    'git://example.com/x',
    'blob:https://example.com/x',
    'view-source:https://example.com',
    'httpss://example.com',
    'xhttps://example.com',
    ' https://example.com',
    'https:example.com',
    'https:/example.com',
    'https://',
    '//example.com/x',
    'example.com/1',
    'https://a b',
    'https://a\nb',
    'https://a\n',
    'x\nhttps://a',
    'https://a"b',
    "https://a'b",
    'https://a\\b',
    'https://a<b',
    'https://a>b',
    'https://a`b',
    'https://a{b',
    'https://a}b',
    'https://a|b',
    'https://a^b',
    'https://a\u0007b',
    'https://a\u009bb',
    `https://${'a'.repeat(493)}`,
  ])('may not be %j', (value) => {
    expect(prUrlProblem(value)).toBe(`pull request URL ${quote(value)} is not an http(s) URL`);
  });
});

describe('a quoted text', () => {
  it('is cut where it is long', () => {
    expect(quote('a'.repeat(80))).toBe(`"${'a'.repeat(80)}"`);
    expect(quote('a'.repeat(81))).toBe(`"${'a'.repeat(77)}..."`);
  });

  it('shows what a terminal would act on as escapes', () => {
    expect(quote('"\n\u001b\u007f\u009f\u2028\u202e\u2069ü')).toBe(
      '"\\"\\n\\u001b\\u007f\\u009f\\u2028\\u202e\\u2069ü"',
    );
  });
});
