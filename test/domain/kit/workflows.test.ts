import { describe, expect, it } from 'vitest';
import type { Existing } from '../../../src/domain/kit/existing.ts';
import { decideWorkflows, type Service, withInclude } from '../../../src/domain/kit/workflows.ts';

const KIT = [
  { path: '.agents-core/workflows/github/a.yml', content: 'AGENTQ_BRANCH: develop\n', mode: 'file' as const },
  {
    path: '.agents-core/workflows/gitlab/agentq.gitlab-ci.yml',
    content: 'AGENTQ_BRANCH: develop\n',
    mode: 'file' as const,
  },
  { path: '.agents-core/AGENTS.md', content: 'x', mode: 'file' as const },
];

function plan(service: Service, there: Readonly<Record<string, string>>, onDifference: 'keep' | 'overwrite' = 'keep') {
  const existing = (path: string): Existing => {
    const content = there[path];
    return content === undefined ? { kind: 'absent' } : { kind: 'file', content, mode: 'file' };
  };
  return decideWorkflows({ service, kit: KIT, onDifference, branch: 'queue', signing: 'off' }, existing);
}

const ON_GITHUB = '.github/workflows/a.yml';
const CONTENT = 'AGENTQ_BRANCH: queue\n';

describe('workflows', () => {
  it('go where GitHub looks for them, and name the branch', () => {
    expect(plan('github', {})).toMatchObject({ created: [ON_GITHUB], writes: [{ path: ON_GITHUB, content: CONTENT }] });
    expect(plan('github', { [ON_GITHUB]: CONTENT })).toMatchObject({ writes: [], created: [], kept: [] });
  });

  it('that somebody changed stay, unless told otherwise', () => {
    expect(plan('github', { [ON_GITHUB]: 'mine' })).toMatchObject({ writes: [], kept: [ON_GITHUB] });
    expect(plan('github', { [ON_GITHUB]: 'mine' }, 'overwrite')).toMatchObject({ overwritten: [ON_GITHUB], kept: [] });
  });

  it('are included in the pipeline of GitLab', () => {
    const jobs = '.gitlab/agentq.gitlab-ci.yml';
    const first = plan('gitlab', {});
    expect(first.created).toEqual([jobs, '.gitlab-ci.yml']);
    const there = Object.fromEntries(first.writes.map(({ path, content = '' }) => [path, content]));
    expect(plan('gitlab', there)).toMatchObject({ writes: [], created: [], overwritten: [] });
    expect(plan('gitlab', { '.gitlab-ci.yml': 'include: [x]\n' })).toMatchObject({
      created: [jobs],
      byHand: expect.stringContaining('include'),
    });
  });
});

describe('withInclude', () => {
  const line = '- local: .gitlab/agentq.gitlab-ci.yml';
  it.each([
    ['', `include:\n  ${line}\n`],
    ['test:\n  script: x\n', `test:\n  script: x\n\ninclude:\n  ${line}\n`],
    ['a: b', `a: b\n\ninclude:\n  ${line}\n`],
    ['include:\n- local: x.yml\na: b\n', `include:\n${line}\n- local: x.yml\na: b\n`],
    [`include:\n  ${line}\n`, `include:\n  ${line}\n`],
    ['include: x.yml\n', undefined],
    ['include:\n  local: x.yml\n', undefined],
  ])('keeps every line of %j', (text, expected) => {
    expect(withInclude(text)).toBe(expected);
  });
});
