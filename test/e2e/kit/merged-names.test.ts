import { readFileSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { scene } from '../../kit/scene/scene.ts';
import { githubSteps, gitlabSteps } from '../../kit/workflow-steps.ts';

/** What the jobs for merged pull requests take for the name of a task, with an agentq that only notes what it is asked. */

const kit = new URL('../../../.agents-core/workflows/', import.meta.url);
const text = (file: string): string => readFileSync(new URL(file, kit), 'utf8');
const SERVICES = [
  {
    service: 'GitHub',
    script: githubSteps(text('github/complete-merged.yml')).at(-1)?.script ?? '',
    env: (title: string, branch: string) => ({ PR_TITLE: title, PR_BRANCH: branch }),
  },
  {
    service: 'GitLab',
    script: gitlabSteps(text('gitlab/agentq.gitlab-ci.yml')).find(({ name }) => name.endsWith('merged'))?.script ?? '',
    env: (title: string, branch: string) => ({
      CI_COMMIT_MESSAGE: `Merge branch '${branch}' into 'main'\n\n${title}\n\nSee merge request team/app!7`,
    }),
  },
];

describe.each(SERVICES)('the $service job for merged pull requests', ({ script, env }) => {
  const CASES: readonly (readonly [title: string, branch: string, ...asked: readonly string[]])[] = [
    ['TASK-9: sign in', 'work', 'TASK-9'],
    ['[TASK-9]: sign in', 'work', 'TASK-9'],
    ['[TASK-9] sign in', 'work', 'TASK-9'],
    ['auth/TASK-9: sign in', 'work', 'auth/TASK-9'],
    ['[auth/TASK-9] sign in', 'work', 'auth/TASK-9'],
    ['feat(TASK-9): sign in', 'work', 'TASK-9'],
    ['fix(auth/T.9)!: sign in', 'work', 'auth/T.9'],
    // The title counts first, then what the branch may mean: a project, the id, the id with words, agentq's other names.
    ['feat(TASK-9): sign in', 'feature/TASK-8', 'TASK-9', 'feature/TASK-8', 'TASK-8'],
    ['Sign in', 'feature/TASK-9', 'feature/TASK-9', 'TASK-9'],
    ['Sign in', 'TASK-9', 'TASK-9'],
    ['Sign in', 'feature/TASK-9-sign-in', 'TASK-9'],
    ['Sign in', 'agentq/auth/TASK-9', 'auth/TASK-9', 'TASK-9'],
    ['Sign in', 'feature/auth-TASK-9', 'feature/auth-TASK-9', 'auth-TASK-9', 'auth/TASK-9'],
    ['Sign in', 'agentq-auth-TASK-9', 'agentq-auth-TASK-9', 'auth/TASK-9'],
    ['Revert "feat(TASK-9): sign in"', 'revert'],
    ['fix: TASK-9', 'work'],
    ['--help-1: x', '--help-1'],
    ['$(touch pwned)-1: x', '`touch$IFS$9pwned`1'],
    ['* [x] TASK-9', 'a*/?'],
  ];

  it('takes the title, then the branch, as people and agentq write them, and runs nothing of them', async () => {
    await using box = await scene();
    await box.write('bin', { agentq: '#!/bin/sh\necho "$3" >> "$ASKED"\necho \'{"error": {}}\'\nexit 3\n' });
    await chmod(box.path('bin', 'agentq'), 0o755);
    const asked = box.path('asked');
    for (const [title, branch, ...expected] of CASES) {
      const variables = Object.entries({
        ...env(title, branch),
        ASKED: asked,
        PATH: `${box.path('bin')}:${process.env.PATH ?? ''}`,
      }).map(([name, value]) => `${name}=${value}`);
      const ran = await box.run(box.root, 'env', [...variables, 'bash', '-e', '-c', script]);
      const names = await readFile(asked, 'utf8').catch(() => '');
      expect({ title, branch, exitCode: ran.exitCode, names: names.split('\n').filter(Boolean) }).toEqual({
        title,
        branch,
        exitCode: 0,
        names: expected,
      });
      expect(ran.stdout).toContain('nothing to complete');
      await rm(asked, { force: true });
    }
    expect((await box.run(box.root, 'find', ['.', '-name', 'pwned*'])).stdout).toBe('');
  });
});
