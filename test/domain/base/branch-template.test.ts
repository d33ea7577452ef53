import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  branchNames,
  branchTemplateProblem,
  DEFAULT_BRANCH_TEMPLATE,
  expandBranch,
} from '../../../src/domain/base/branch-template.ts';

describe('the branch of a task', () => {
  it('has names that git takes and that no other task has, whatever the ids', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/);
    fc.assert(
      fc.property(id, id, (one, other) => {
        for (const name of branchNames(DEFAULT_BRANCH_TEMPLATE, { project: 'p', task: one, agent: 'a' })) {
          for (const part of name.split('/')) expect(part).not.toMatch(/^\.|\.\.|\.$|\.lock$|[\s~^:?*[\\]|@\{/);
        }
        const first = (key: string): string | undefined =>
          branchNames(DEFAULT_BRANCH_TEMPLATE, { project: 'p', task: key, agent: 'a' })[0];
        if (one !== other) expect(first(one)).not.toBe(first(other));
      }),
    );
  });

  it.each([
    ['feature/{task}', ['feature/T-1', 'feature/shop-T-1', 'agentq/shop/T-1', 'agentq-shop-T-1', 'agentq-shop-T-1-2']],
    ['{project}/{task}', ['shop/T-1', 'agentq/shop/T-1', 'agentq-shop-T-1', 'agentq-shop-T-1-2', 'agentq-shop-T-1-3']],
    [
      'u/{agent}/{task}-x',
      ['u/a@b/T-1-x', 'u/a@b/shop-T-1-x', 'agentq/shop/T-1', 'agentq-shop-T-1', 'agentq-shop-T-1-2'],
    ],
  ])('by %s is one of %j', (template, names) => {
    expect(branchTemplateProblem(template)).toBeUndefined();
    expect(branchNames(template, { project: 'shop', task: 'T-1', agent: 'a@b' }).slice(0, 5)).toEqual(names);
  });

  it('has the values as they are', () => {
    expect(expandBranch('{task}', { project: '$&', task: '{agent}', agent: 'a' })).toBe('{agent}');
    expect(expandBranch('x/{task}', { project: 'p', task: 'a..b.lock', agent: 'a' })).toBe('x/a.%2Eb%2Elock');
  });

  it.each([
    ['', 'lacks {task}'],
    ['feature/x', 'lacks {task}'],
    ['feature/{Task}', 'has "{Task}": the known ones are {task}, {project}, {agent}'],
    ['feature/{task}{}', 'has "{}"'],
    ['feature/{task', 'lacks {task}'],
    ['a{/{task}', 'stray brace'],
    ['{task}}', 'stray brace'],
    ['-{task}', 'not a branch name'],
    ['feature/{task}.lock', 'not a branch name'],
    ['feature//{task}', 'not a branch name'],
    ['refs/heads/{task}', 'not a branch name'],
    ['a b/{task}', 'not a branch name'],
    [`${'x'.repeat(200)}/{task}`, 'not a branch name'],
  ])('cannot be made by %j: %s', (template, words) => {
    expect(branchTemplateProblem(template)).toContain(words);
  });
});
