import { describe, expect, it } from 'vitest';
import { LAYOUT_NAMES } from '../../../src/domain/queue/layouts.ts';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { runAgentq, runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { sampleOf } from '../../kit/sample.ts';
import { GitSandbox } from '../../kit/scene/git-sandbox.ts';

const KIT = [
  '.agents-core/AGENTS.md',
  '.agents-core/config/agentq.toon',
  '.agents-core/scripts/claim-task-v2.sh',
  '.agents-core/templates/task.toon',
  '.agents-core/workflows/github/complete-merged.yml',
  '.agents-core/workflows/gitlab/agentq.gitlab-ci.yml',
];

function agentqIn(sandbox: GitSandbox, folder: string) {
  return (...args: string[]) => runAgentq(args, { cwd: sandbox.path(folder), env: sandbox.env });
}

async function emptyRemote(sandbox: GitSandbox): Promise<string> {
  await sandbox.git('.', 'init', '-q', '--bare', '--initial-branch=main', 'empty.git');
  return 'empty.git';
}

describe('init', () => {
  it('puts kit and folders on the branch in one commit, prints their paths, and then has nothing to do', async () => {
    await using sandbox = await GitSandbox.create();
    const remote = await sandbox.bareRemote({ 'README.md': 'A project.\n' });
    const agentq = agentqIn(sandbox, await sandbox.clone(remote, 'clone'));
    const first = await agentq('init', 'auth', 'billing');
    expect(first.code).toBe(0);
    const printed = first.stdout.trim().split('\n');
    expect(printed).toEqual(
      expect.arrayContaining([...KIT, '.agents/auth/tasks/.gitkeep', '.agents/billing/completed/.gitkeep']),
    );
    const changed = await sandbox.git(remote, 'diff-tree', '-r', '--name-only', 'develop~1', 'develop');
    expect(changed.split('\n').sort()).toEqual([...printed].sort());
    expect(await sandbox.git(remote, 'ls-tree', 'develop', '.agents-core/scripts/')).toMatch(/^(100755 .*\n?)+$/);
    // The checkout followed, and has the files to read.
    expect(await sandbox.git('clone', 'status', '--porcelain')).toBe('');
    expect(await sandbox.read('clone', '.agents-core/AGENTS.md')).toContain('agentq claim');

    const tip = await sandbox.git(remote, 'rev-parse', 'develop');
    expect(await agentq('init', 'auth', 'billing')).toMatchObject({ code: 0, stdout: '' });
    expect(await agentq('init')).toMatchObject({ code: 0, stdout: '' });
    expect(await sandbox.git(remote, 'rev-parse', 'develop')).toBe(tip);
    expect(await agentq('validate')).toMatchObject({ code: 0, stdout: 'nothing to fix in 0 tasks of 2 projects\n' });
  });

  it('makes the branch from the default branch, and touches neither work tree nor local commits', async () => {
    await using sandbox = await GitSandbox.create();
    const remote = await sandbox.bareRemote({ 'README.md': 'A project.\n' }, { branch: 'main' });
    const clone = await sandbox.clone(remote, 'clone');
    await sandbox.commit(clone, { 'local.txt': 'mine' });
    await sandbox.write(clone, { 'README.md': 'changed', 'new.txt': 'new' });
    const before = await sandbox.git(clone, 'status', '--porcelain=v2', '--branch');
    const main = await sandbox.git(remote, 'rev-parse', 'main');
    const made = await agentqIn(sandbox, clone)('init', '--json');
    expect(JSON.parse(made.stdout)).toMatchObject({ branch: 'develop', remote: 'origin', branchCreated: true });
    expect(made.stderr).toContain('made the branch develop of origin');
    expect(await sandbox.git(remote, 'rev-parse', 'develop~1')).toBe(main);
    expect(await sandbox.git(remote, 'rev-parse', 'main')).toBe(main);
    expect(await sandbox.git(clone, 'status', '--porcelain=v2', '--branch')).toBe(before);
    expect(Object.keys(await sandbox.files(remote, 'develop'))).not.toContain('local.txt');
  });

  it('works on an empty remote, in a detached and shallow clone, and without a remote', async () => {
    await using sandbox = await GitSandbox.create();
    const remote = await emptyRemote(sandbox);
    await sandbox.git('.', 'clone', '-q', remote, 'clone');
    expect(await agentqIn(sandbox, 'clone')('init', 'auth')).toMatchObject({ code: 0 });
    expect(await sandbox.git(remote, 'rev-list', '--count', 'develop')).toBe('1');

    const main = await sandbox.bareRemote({ a: '1' }, { branch: 'main', name: 'main.git' });
    await sandbox.commitTo(main, 'refs/heads/main', { a: '2' });
    await sandbox.clone(main, 'ci', '--depth=1');
    await sandbox.git('ci', 'checkout', '-q', '--detach');
    expect(await agentqIn(sandbox, 'ci')('init', 'auth')).toMatchObject({ code: 0 });
    expect(await sandbox.git(main, 'rev-list', '--count', 'develop')).toBe('3');
  });

  it.each(['sha1', 'sha256'])('makes a queue in a new repository without a remote (%s)', async (format) => {
    await using sandbox = await GitSandbox.create();
    await sandbox.git('.', 'init', '-q', `--object-format=${format}`, 'local');
    await sandbox.write('local', { 'mine.txt': 'mine', 'staged.txt': 'staged', '.agents-core/AGENTS.md': 'my own' });
    await sandbox.git('local', 'add', 'staged.txt');
    const agentq = agentqIn(sandbox, 'local');
    expect(await agentq('init', 'auth')).toMatchObject({ code: 0 });
    // Born under the user's feet: what the queue brought is there, what was there is as it was.
    expect((await sandbox.git('local', 'status', '--porcelain')).split('\n').sort()).toEqual([
      ' M .agents-core/AGENTS.md',
      '?? mine.txt',
      'A  staged.txt',
    ]);
    expect(await sandbox.read('local', '.agents-core/AGENTS.md')).toBe('my own');
    await sandbox.commit('local', { '.agents/auth/tasks/TASK-1.toon': plainTask('TASK-1') });
    expect(await agentq('claim', 'a1')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  });

  // From the other end: those that the test of `add` leaves out.
  it.each(sampleOf([...LAYOUT_NAMES].reverse(), 3))(
    'makes the folders of the layout %s, and claiming works in them',
    async (layout) => {
      await using sandbox = await GitSandbox.create();
      const remote = await sandbox.bareRemote({ 'README.md': 'A project.\n' });
      const agentq = agentqIn(sandbox, await sandbox.clone(remote, 'clone'));
      const project = layout === 'flat' ? 'default' : 'auth';
      const made = await agentq('init', project, '--layout', layout, '--json');
      const [{ tasks }] = JSON.parse(made.stdout).projects;
      expect(await agentq('init', project)).toMatchObject({ code: 0, stdout: '' });
      await sandbox.commitTo(remote, 'refs/heads/develop', { [`${tasks}TASK-1.toon`]: plainTask('TASK-1') });
      expect(await agentq('claim', 'a1')).toMatchObject({ code: 0, stdout: `${project}/TASK-1\n` });
      expect(await agentq('complete', 'TASK-1', 'a1')).toMatchObject({ code: 0 });
      // More projects go where the first one is.
      if (layout === 'flat') return;
      expect(JSON.parse((await agentq('init', 'more', '--json')).stdout).projects).toMatchObject([
        { project: 'more', layout },
      ]);
      const audit = await auditQueue(sandbox.path(remote));
      expect(audit.violations).toEqual([]);
      expect(audit.tip.get('auth/TASK-1')).toBe('completed');
    },
  );

  it('leaves what differs, says so, and overwrites it only with --force', async () => {
    await using sandbox = await GitSandbox.create();
    const path = '.agents-core/AGENTS.md';
    const remote = await sandbox.bareRemote({ [path]: 'our own rules\n' });
    const agentq = agentqIn(sandbox, await sandbox.clone(remote, 'clone'));
    const kept = await agentq('init');
    expect(kept.stdout).not.toContain(path);
    expect(kept.stderr).toContain(`left as they are, though they differ from this version's: ${path} (--force`);
    expect(await sandbox.git(remote, 'show', `develop:${path}`)).toBe('our own rules');
    expect(await agentq('init', '--force')).toMatchObject({ code: 0, stdout: `${path}\n` });
    expect(await sandbox.git(remote, 'show', `develop:${path}`)).toContain('# How an agent works');
    expect(await agentq('init', '--force')).toMatchObject({ code: 0, stdout: '' });
  });

  it('replaces no file by a folder', async () => {
    await using sandbox = await GitSandbox.create();
    const remote = await sandbox.bareRemote({ '.agents': 'a file' });
    const refused = await agentqIn(sandbox, await sandbox.clone(remote, 'clone'))('init');
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toContain('.agents is not a folder');
    expect(await sandbox.git(remote, 'rev-list', '--count', 'develop')).toBe('1');
  });

  it('writes its branch down, so that other commands find the queue without options', async () => {
    await using sandbox = await GitSandbox.create();
    const remote = await sandbox.bareRemote({ 'README.md': 'A project.\n' }, { branch: 'main' });
    const clone = await sandbox.clone(remote, 'clone');
    const agentq = agentqIn(sandbox, clone);
    expect(await agentq('init', 'auth', '--branch', 'queue/v2')).toMatchObject({ code: 0 });
    expect(await agentq('list')).toMatchObject({ code: 5 });
    await sandbox.git(clone, 'fetch', '-q');
    await sandbox.git(clone, 'checkout', '-q', 'queue/v2');
    expect(await agentq('list')).toMatchObject({ code: 0 });
    expect(await agentq('init', 'auth')).toMatchObject({ code: 0, stdout: '' });
  });

  it('lets many make the same queue at once: nothing is lost', async () => {
    await using sandbox = await GitSandbox.create();
    const remote = await emptyRemote(sandbox);
    const projects = ['p1', 'p2', 'p3', 'p4', 'p5'];
    for (const project of projects) await sandbox.git('.', 'clone', '-q', remote, project);
    const runs = await runAgentqAtOnce(
      projects.map((project) => ({
        args: ['init', project],
        options: { cwd: sandbox.path(project), env: sandbox.env },
      })),
    );
    expect(runs.map(({ code }) => code)).toEqual(projects.map(() => 0));
    const files = Object.keys(await sandbox.files(remote, 'develop'));
    for (const project of projects) expect(files).toContain(`.agents/${project}/tasks/.gitkeep`);
    expect(await sandbox.git(remote, 'rev-list', '--count', '--max-parents=0', 'develop')).toBe('1');
  });
});
