import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editBranches } from '../../../src/store/reading/edit-settings.ts';
import { parseSettings } from '../../../src/store/reading/settings.ts';

const KIT = readFileSync(new URL('../../../.agents-core/config/agentq.toon', import.meta.url), 'utf8');

function edit(text: string, project: string, branch: string | undefined): string {
  return editBranches(text, project, branch, 'develop:agentq.toon');
}

describe('the branch of a project in the settings file', () => {
  it.each([
    ['an empty file', '', 'agentq:\n  branches:\n    auth: develop-auth\n'],
    ['only a comment', '# ours\n', '# ours\nagentq:\n  branches:\n    auth: develop-auth\n'],
    ['an empty section', 'agentq:\n', 'agentq:\n  branches:\n    auth: develop-auth\n'],
    [
      'another setting, without a newline at its end',
      'agentq:\r\n  sign: true',
      'agentq:\r\n  sign: true\r\n  branches:\r\n    auth: develop-auth',
    ],
    [
      'lines for others, and settings after them',
      '\uFEFFagentq:\n  branches:\n      # ours\n    pay:  x\n\n  # said before\n  sign: true\n',
      '\uFEFFagentq:\n  branches:\n      # ours\n    pay:  x\n    auth: develop-auth\n\n  # said before\n  sign: true\n',
    ],
    [
      'another branch of it',
      'agentq:\n  branches:\n    "auth":   old  \n    pay: x\n',
      'agentq:\n  branches:\n    "auth":   develop-auth  \n    pay: x\n',
    ],
    [
      'one line with braces',
      'agentq:\n  branches: { pay: x }\n  sign: true\n',
      'agentq:\n  branches: { pay: x, auth: develop-auth }\n  sign: true\n',
    ],
    [
      'one line with another branch of it',
      'agentq:\n  branches: {auth: old, pay: x}\n',
      'agentq:\n  branches: {auth: develop-auth, pay: x}\n',
    ],
    ['empty braces', 'agentq:\n  branches: {}\n', 'agentq:\n  branches: { auth: develop-auth }\n'],
  ])('is set beside %s', (_, before, after) => {
    expect(edit(before, 'auth', 'develop-auth')).toBe(after);
    expect(edit(after, 'auth', 'develop-auth')).toBe(after);
  });

  it.each([
    ['the only one', 'agentq:\n  branches:\n    auth: a\n  sign: true\n', 'agentq:\n  sign: true\n'],
    ['one of two', 'agentq:\n  branches:\n    auth: a\n    pay: x\n', 'agentq:\n  branches:\n    pay: x\n'],
    ['the first in braces', 'agentq:\n  branches: { auth: a, pay: x }\n', 'agentq:\n  branches: { pay: x }\n'],
    ['the last in braces', 'agentq:\n  branches: { pay: x, auth: a }\n', 'agentq:\n  branches: { pay: x }\n'],
    ['one with a comment below it', 'agentq:\n  branches:\n    auth: a\n    # why\n', 'agentq:\n    # why\n'],
  ])('is removed: %s', (_, before, after) => {
    expect(edit(before, 'auth', undefined)).toBe(after);
  });

  it('is refused where only a person can change it, and where the file cannot be read', () => {
    const flow = 'agentq:\n  branches: "{ pay: x }"\nagentq2: 1\n';
    expect(() => edit(flow, 'auth', 'x')).toThrow(/develop:agentq.toon:3: unknown key `agentq2`/);
    const odd = '"agentq":\n  branches:\n    pay: x\n';
    expect(() => edit(odd, 'auth', 'x')).toThrow(/cannot change `branches` as it is written here/);
  });

  it('changes nothing else of any file, and leaves it as it was when it is removed again', () => {
    const line = fc.constantFrom(
      '  # a comment',
      '',
      '  sign: true',
      '  limits: { total: 3 }',
      '  # branches: {}',
      '  stalled_after: 10m',
    );
    const list = fc.constantFrom(
      [],
      ['  branches:', '    pay: x', '    "web": y/z', '    # why'],
      ['  branches: { pay: x }'],
      ['  branches: {}'],
    );
    const file = fc
      .tuple(fc.uniqueArray(line), list, fc.uniqueArray(line), fc.constantFrom('\n', '\r\n'), fc.boolean())
      .map(([above, middle, below, newline, isEnded]) => {
        const under = below.filter((one) => one.trim() === '' || !above.includes(one));
        const text = ['agentq:', ...above, ...middle, ...under].join(newline);
        return isEnded ? `${text}${newline}` : text;
      });
    const branch = fc.constantFrom('develop-auth', 'x', '7up', 'queues/auth', 'true');
    fc.assert(
      fc.property(fc.oneof(file, fc.constant(KIT)), branch, (text, name) => {
        const before = parseSettings(text, 'f');
        const after = edit(text, 'auth-service', name);
        const { branches = new Map(), ...rest } = before;
        expect(parseSettings(after, 'f')).toEqual({
          ...rest,
          branches: new Map([...branches, ['auth-service', name]]),
        });
        expect(edit(after, 'auth-service', undefined)).toBe(text);
        const kept = text.split(/\r?\n/).filter((one) => !one.includes('branches: {'));
        for (const one of kept) expect(after.split(/\r?\n/)).toContain(one);
      }),
      { numRuns: 60 },
    );
  });
});
