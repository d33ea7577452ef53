import { readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { bareMachine } from '../../kit/processes/bare-machine.ts';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { AGENTQ_BIN, type runAgentq } from '../../kit/processes/run-agentq.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { turnsOf } from '../../kit/sample.ts';
import type { RunResult } from '../../kit/scene/git-sandbox.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { githubSteps, gitlabSteps, type ShellStep } from '../../kit/workflow-steps.ts';

/** The shell steps of the workflows, taken out of the files and run as CI runs them: detached, and one commit deep. */

const kit = new URL('../../../.agents-core/workflows/', import.meta.url);
const text = (file: string): string => readFileSync(new URL(file, kit), 'utf8');
const GITLAB = gitlabSteps(text('gitlab/agentq.gitlab-ci.yml'));
const FOLDER = '.agents/auth';

interface Ci {
  readonly remote: string;
  /** Runs the steps on a machine that has agentq on its PATH. */
  run(steps: readonly ShellStep[], env?: Readonly<Record<string, string>>): Promise<RunResult>;
  agent(...args: readonly string[]): ReturnType<typeof runAgentq>;
  stateOf(id: string): Promise<string | undefined>;
}

async function ciOf(box: Scene, files: Readonly<Record<string, string>>): Promise<Ci> {
  const remote = await box.bareRemote(files);
  const clone = await box.clone(remote, 'agents');
  await box.write('bin', { '.keep': '' });
  await symlink(AGENTQ_BIN, box.path('bin', 'agentq'));
  let runs = 0;
  return {
    remote,
    async run(steps, env = {}) {
      const checkout = `ci-${++runs}`;
      await box.clone(remote, checkout, '--depth=1');
      await box.git(checkout, 'checkout', '-q', '--detach');
      // The runner's machine has no identity for git.
      const variables = {
        PATH: `${box.path('bin')}:${process.env.PATH ?? ''}`,
        GIT_CONFIG_GLOBAL: '/dev/null',
        AGENTQ_BRANCH: 'develop',
        ...env,
      };
      const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
      let all: RunResult = { exitCode: 0, stdout: '', stderr: '' };
      for (const { script } of steps) {
        const step = await box.run(box.path(checkout), 'env', [...assignments, 'bash', '-e', '-c', script]);
        all = { exitCode: step.exitCode, stdout: all.stdout + step.stdout, stderr: all.stderr + step.stderr };
        if (step.exitCode !== 0) break;
      }
      return all;
    },
    agent: (...args) => box.agentq(clone, ...args),
    async stateOf(id) {
      const paths = Object.keys(await box.files(remote, 'develop'));
      return paths
        .find((path) => path.endsWith(`/${id}.toon`))
        ?.split('/')
        .at(-2);
    },
  };
}

/** The same job on both services: how a title and an address get there is all that differs. */
const MERGES = [
  {
    service: 'GitHub',
    steps: githubSteps(text('github/complete-merged.yml')),
    env: (title: string, branch = 'work') => ({
      PR_TITLE: title,
      PR_BRANCH: branch,
      PR_URL: 'https://example.com/team/app/pull/7',
    }),
    url: 'https://example.com/team/app/pull/7',
  },
  {
    service: 'GitLab',
    steps: GITLAB.filter(({ name }) => name === 'agentq:complete-merged'),
    env: (title: string, branch = 'work') => ({
      CI_COMMIT_MESSAGE: `Merge branch '${branch}' into 'develop'\n\n${title}\n\nSee merge request team/app!7`,
      CI_PROJECT_URL: 'https://example.com/team/app',
    }),
    url: 'https://example.com/team/app/-/merge_requests/7',
  },
];

const SERVICES = MERGES.map(({ service }) => service);

describe.each(MERGES)('the $service job for merged pull requests', ({ service, steps, env, url }) => {
  const isTurn = turnsOf(SERVICES, service);
  it.runIf(isTurn())('completes the task for whoever claimed it, and opens what waited', async () => {
    await using box = await scene();
    const ci = await ciOf(box, {
      [`${FOLDER}/tasks/TASK-1.toon`]: plainTask('TASK-1'),
      [`${FOLDER}/tasks/TASK-2.toon`]: plainTask('TASK-2', { required: ['TASK-1'] }).replace('ready', 'blocked'),
    });
    expect(await ci.agent('claim', 'agent-7')).toMatchObject({ code: 0 });
    const done = await ci.run(steps, env('TASK-1: Sign in'));
    expect(done).toMatchObject({ exitCode: 0, stdout: 'auth/TASK-1\nauth/TASK-2\n' });
    const shown = JSON.parse((await ci.agent('show', 'TASK-1', '--json')).stdout);
    expect(shown).toMatchObject({ state: 'completed', completion: { completedBy: 'agent-7', prUrl: url } });
    // The same merge again, as when a job is repeated.
    expect(await ci.run(steps, env('TASK-1: Sign in'))).toMatchObject({ exitCode: 0 });
    expect((await auditQueue(box.path(ci.remote))).violations).toEqual([]);
  });

  it.runIf(isTurn())('completes what an older script claimed, and what nobody did', async () => {
    await using box = await scene();
    const claimed = `${plainTask('TASK-1')}\nclaim:\n  claimed_by: old-1\n  last_heartbeat: 2026-01-01T00:00:00Z\n`;
    const ci = await ciOf(box, {
      [`${FOLDER}/claimed/TASK-1.toon`]: claimed,
      [`${FOLDER}/tasks/TASK-2.toon`]: plainTask('TASK-2'),
      'state/billing/tasks/TASK-2.toon': plainTask('TASK-2'),
    });
    expect(await ci.run(steps, env('[TASK-1]: in brackets'))).toMatchObject({ exitCode: 0 });
    expect(await ci.stateOf('TASK-1')).toBe('completed');
    // Two projects have it: the title must say which, and a person must see that it did not.
    expect((await ci.run(steps, env('TASK-2: which one?'))).exitCode).toBe(64);
    expect(await ci.run(steps, env('auth/TASK-2: this one'))).toMatchObject({ exitCode: 0 });
    expect((await auditQueue(box.path(ci.remote))).tip.get('auth/TASK-2')).toBe('completed');
    expect((await auditQueue(box.path(ci.remote))).tip.get('billing/TASK-2')).toBe('ready');
  });

  it.runIf(isTurn())('completes what is in review, by its branch, and says of others that they stay', async () => {
    await using box = await scene();
    const ci = await ciOf(box, {
      [`${FOLDER}/tasks/TASK-1.toon`]: plainTask('TASK-1'),
      [`${FOLDER}/tasks/TASK-2.toon`]: plainTask('TASK-2', { required: ['TASK-1'] }),
    });
    await ci.agent('claim', 'agent-7');
    await ci.agent('review', 'TASK-1', 'agent-7', 'https://example.com/draft/1');
    const waiting = await ci.run(steps, env('feat(TASK-2): too early'));
    expect(waiting).toMatchObject({ exitCode: 0, stdout: 'auth/TASK-2 is waiting: it stays as it is.\n' });
    expect(await ci.run(steps, env('Sign in', 'feature/TASK-1'))).toMatchObject({
      exitCode: 0,
      stdout: 'auth/TASK-1\n',
    });
    const shown = JSON.parse((await ci.agent('show', 'TASK-1', '--json')).stdout);
    expect(shown).toMatchObject({ state: 'completed', completion: { agent: 'agent-7', prUrl: url } });
  });

  it.runIf(isTurn())('does nothing for other titles, and runs nothing that a title holds', async () => {
    await using box = await scene();
    const ci = await ciOf(box, { [`${FOLDER}/tasks/TASK-1.toon`]: plainTask('TASK-1') });
    const tip = await box.git(ci.remote, 'rev-parse', 'develop');
    const titles = [
      'Fix a bug',
      'fix: TASK-1',
      'TASK-99: not there',
      '--help-1: x',
      '$(touch pwned)-1: x',
      '`touch pwned`1: x',
      'TASK-1; touch pwned: x',
      '"; touch pwned #1: x',
      '../TASK-1: x',
    ];
    for (const title of titles) expect(await ci.run(steps, env(title))).toMatchObject({ exitCode: 0 });
    expect(await box.git(ci.remote, 'rev-parse', 'develop')).toBe(tip);
    const found = await box.run(box.root, 'find', ['.', '-name', 'pwned*']);
    expect(found.stdout).toBe('');
  });
});

describe.each([
  { service: 'GitHub', steps: githubSteps(text('github/release-stalled.yml')) },
  { service: 'GitLab', steps: GITLAB.filter(({ name }) => name === 'agentq:release-stalled') },
])('the $service job for stalled tasks', ({ steps }) => {
  it('gives back what nobody works on, and stays green where there is nothing to do', async () => {
    await using box = await scene();
    const silent = `${plainTask('TASK-1')}\nclaim:\n  claimed_by: a1\n  last_heartbeat: 2026-01-01T00:00:00Z\n`;
    const ci = await ciOf(box, {
      [`${FOLDER}/claimed/TASK-1.toon`]: silent,
      [`${FOLDER}/tasks/TASK-2.toon`]: plainTask('TASK-2'),
    });
    await ci.agent('claim', 'a2', '--task', 'TASK-2');
    expect(await ci.run(steps)).toMatchObject({ exitCode: 0, stdout: 'auth/TASK-1\n' });
    expect([await ci.stateOf('TASK-1'), await ci.stateOf('TASK-2')]).toEqual(['tasks', 'claimed']);
    expect(await ci.run(steps)).toMatchObject({ exitCode: 0, stdout: '' });
  });
});

describe.each([
  { service: 'GitHub', steps: githubSteps(text('github/validate-queue.yml')) },
  { service: 'GitLab', steps: GITLAB.filter(({ name }) => name === 'agentq:validate') },
])('the $service job that validates', ({ service, steps }) => {
  it('fails for errors of what is checked out, and for nothing else', async () => {
    await using box = await scene();
    const ci = await ciOf(box, { [`${FOLDER}/tasks/TASK-1.toon`]: plainTask('TASK-1') });
    expect(await ci.run(steps)).toMatchObject({ exitCode: 0, stdout: 'nothing to fix in 1 task of 1 project\n' });
    await box.commitTo(ci.remote, 'refs/heads/develop', {
      [`${FOLDER}/tasks/TASK-2.toon`]: plainTask('TASK-2', { required: ['TASK-9'] }),
    });
    const failed = await ci.run(steps);
    expect(failed.exitCode).toBe(5);
    const place = `${FOLDER}/tasks/TASK-2.toon`;
    expect(failed.stdout).toContain(
      service === 'GitHub'
        ? `::error file=${place},line=8,title=unknown-dependency::TASK-2 requires TASK-9`
        : `${place}:8: error unknown-dependency: TASK-2 requires TASK-9`,
    );
  });
});

describe.each([
  { service: 'GitHub', steps: githubSteps(text('github/merge-branches.yml')) },
  { service: 'GitLab', steps: GITLAB.filter(({ name }) => name === 'agentq:merge-branches') },
])('the $service job that merges branches of projects', ({ steps }) => {
  it('brings tasks to where their project lives, from a checkout of one commit', async () => {
    await using box = await scene();
    const ci = await ciOf(box, { [`${FOLDER}/tasks/TASK-1.toon`]: plainTask('TASK-1') });
    expect(await ci.run(steps)).toMatchObject({ exitCode: 0, stdout: '' });
    await ci.agent('branch', 'auth', 'develop-auth');
    await box.commitTo(ci.remote, 'refs/heads/develop', { [`${FOLDER}/tasks/TASK-2.toon`]: plainTask('TASK-2') });
    expect(await ci.run(steps)).toMatchObject({ exitCode: 0, stdout: 'develop-auth\n' });
    const { tip } = await auditQueue(box.path(ci.remote), { branch: 'develop-auth' });
    expect(Object.fromEntries(tip)).toEqual({ 'auth/TASK-1': 'ready', 'auth/TASK-2': 'ready' });
  });
});

const ON_GITHUB = ['release-stalled', 'merge-branches', 'validate-queue', 'complete-merged'].map((name) =>
  githubSteps(text(`github/${name}.yml`)),
);
const ON_GITLAB = ['release-stalled', 'merge-branches', 'validate', 'complete-merged'].map((name) =>
  GITLAB.filter((step) => step.name === '.agentq before_script' || step.name === `agentq:${name}`),
);

describe.each([
  { service: 'GitHub', jobs: ON_GITHUB, env: MERGES[0]?.env('auth/TASK-2: Sign in') ?? {}, apart: true },
  // GitLab runs the lines of a job and those before it in one shell.
  { service: 'GitLab', jobs: ON_GITLAB, env: MERGES[1]?.env('auth/TASK-2: Sign in') ?? {}, apart: false },
])('every job of $service', ({ jobs, env, apart }) => {
  it('runs from the default branch, with git and node and nothing from a network', async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ 'README.md': 'Code.\n' }, { branch: 'main' });
    const agents = await box.clone(remote, 'agents');
    expect(await box.agentq(agents, 'init', 'auth', '--branch', 'queue')).toMatchObject({ code: 0 });
    const silent = `${plainTask('TASK-1')}\nclaim:\n  claimed_by: a1\n  last_heartbeat: 2026-01-01T00:00:00Z\n`;
    await box.commitTo(remote, 'refs/heads/queue', {
      [`${FOLDER}/claimed/TASK-1.toon`]: silent,
      [`${FOLDER}/tasks/TASK-2.toon`]: plainTask('TASK-2'),
    });
    await bareMachine(box, 'bin', ['git', 'node', 'bash', 'sh', 'env', 'dirname', 'mkdir', 'mv', 'sed', 'head']);
    await box.git('.', 'clone', '-q', '--depth=1', '--branch=main', `file://${box.path(remote)}`, 'ci');
    await box.git('ci', 'checkout', '-q', '--detach');
    const variables = { PATH: box.path('bin'), GIT_CONFIG_GLOBAL: '/dev/null', AGENTQ_BRANCH: 'queue', ...env };
    const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    let said = '';
    for (const steps of jobs) {
      const scripts = steps.map(({ script }) => script);
      for (const script of apart ? scripts : [scripts.join('\n')]) {
        const step = await box.run(box.path('ci'), 'env', [...assignments, 'bash', '-e', '-c', script]);
        expect(step, step.stderr).toMatchObject({ exitCode: 0 });
        said += step.stdout;
      }
    }
    expect(said).toContain('auth/TASK-1\n');
    const { tip } = await auditQueue(box.path(remote), { branch: 'queue' });
    expect(Object.fromEntries(tip)).toEqual({ 'auth/TASK-1': 'ready', 'auth/TASK-2': 'completed' });
  });
});

describe('the workflow files', () => {
  it('install nothing', () => {
    const all = [...ON_GITHUB, ...ON_GITLAB].flat().map(({ script }) => script);
    expect(all.length).toBeGreaterThan(8);
    for (const script of all) expect(script).not.toMatch(/\b(npm|npx|yarn|pnpm|curl|wget)\b/);
  });

  const files = ['complete-merged', 'merge-branches', 'release-stalled', 'validate-queue'].map(
    (name) => `github/${name}.yml`,
  );

  it('put no expression into a shell step', () => {
    for (const file of files) {
      const steps = githubSteps(text(file));
      expect(steps.length).toBeGreaterThan(1);
      for (const { script } of steps) expect(script).not.toContain('${{');
    }
  });

  it('give no more rights than a job needs', () => {
    for (const file of files) expect(text(file)).toMatch(/^permissions:\n {2}contents: (read|write)$/m);
    expect(text('github/validate-queue.yml')).toContain('contents: read');
  });
});
