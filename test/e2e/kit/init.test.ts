import { describe, expect, it } from 'vitest';
import { LAYOUT_NAMES } from '../../../src/domain/queue/layouts.ts';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { NODE, runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { sampleOf } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const KIT = [
  '.agents-core/AGENTS.md',
  '.agents-core/bin/agentq',
  '.agents-core/config/agentq.toon',
  '.agents-core/scripts/claim-task-v2.sh',
  '.agents-core/templates/task.toon',
  '.agents-core/workflows/github/complete-merged.yml',
  '.agents-core/workflows/github/merge-branches.yml',
  '.agents-core/workflows/gitlab/agentq.gitlab-ci.yml',
];

function agentqIn(box: Scene, folder: string) {
  return (...args: string[]) => box.agentq(folder, ...args);
}

async function emptyRemote(box: Scene): Promise<string> {
  await box.git('.', 'init', '-q', '--bare', '--initial-branch=main', 'empty.git');
  return 'empty.git';
}

describe('init', () => {
  it('puts kit and folders on the branch in one commit, prints their paths, and then has nothing to do', async () => {
    await using box = await scene({ files: { 'README.md': 'A project.\n' }, clones: ['clone'] });
    const { remote } = box;
    const agentq = agentqIn(box, 'clone');
    const first = await agentq('init', 'auth', 'billing');
    expect(first.code).toBe(0);
    const printed = first.stdout.trim().split('\n');
    expect(printed).toEqual(
      expect.arrayContaining([...KIT, '.agents/auth/tasks/.gitkeep', '.agents/billing/completed/.gitkeep']),
    );
    const changed = await box.git(remote, 'diff-tree', '-r', '--name-only', 'develop~1', 'develop');
    expect(changed.split('\n').sort()).toEqual([...printed].sort());
    expect(await box.git(remote, 'ls-tree', 'develop', '.agents-core/scripts/')).toMatch(/^(100755 .*\n?)+$/);
    // The checkout followed, and has the files to read.
    expect(await box.git('clone', 'status', '--porcelain')).toBe('');
    expect(await box.read('clone', '.agents-core/AGENTS.md')).toContain('agentq claim');

    const tip = await box.tip(remote);
    expect(await agentq('init', 'auth', 'billing')).toMatchObject({ code: 0, stdout: '' });
    expect(await agentq('init')).toMatchObject({ code: 0, stdout: '' });
    expect(await box.tip(remote)).toBe(tip);
    expect(await agentq('validate')).toMatchObject({ code: 0, stdout: 'nothing to fix in 0 tasks of 2 projects\n' });
  });

  it('makes the branch from the default branch, and touches neither work tree nor local commits', async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ 'README.md': 'A project.\n' }, { branch: 'main' });
    const clone = await box.clone(remote, 'clone');
    await box.commit(clone, { 'local.txt': 'mine' });
    await box.write(clone, { 'README.md': 'changed', 'new.txt': 'new' });
    const before = await box.git(clone, 'status', '--porcelain=v2', '--branch');
    const main = await box.git(remote, 'rev-parse', 'main');
    const made = await agentqIn(box, clone)('init', '--json');
    expect(JSON.parse(made.stdout)).toMatchObject({ branch: 'develop', remote: 'origin', branchCreated: true });
    expect(made.stderr).toContain('made the branch develop of origin');
    expect(await box.git(remote, 'rev-parse', 'develop~1')).toBe(main);
    expect(await box.git(remote, 'rev-parse', 'main')).toBe(main);
    expect(await box.git(clone, 'status', '--porcelain=v2', '--branch')).toBe(before);
    expect(Object.keys(await box.files(remote, 'develop'))).not.toContain('local.txt');
  });

  it('works on an empty remote, in a detached and shallow clone, and without a remote', async () => {
    await using box = await scene();
    const remote = await emptyRemote(box);
    await box.git('.', 'clone', '-q', remote, 'clone');
    expect(await agentqIn(box, 'clone')('init', 'auth')).toMatchObject({ code: 0 });
    expect(await box.git(remote, 'rev-list', '--count', 'develop')).toBe('1');

    const main = await box.bareRemote({ a: '1' }, { branch: 'main', name: 'main.git' });
    await box.commitTo(main, 'refs/heads/main', { a: '2' });
    await box.clone(main, 'ci', '--depth=1');
    await box.git('ci', 'checkout', '-q', '--detach');
    expect(await agentqIn(box, 'ci')('init', 'auth')).toMatchObject({ code: 0 });
    expect(await box.git(main, 'rev-list', '--count', 'develop')).toBe('3');
  });

  it.each(['sha1', 'sha256'])('makes a queue in a new repository without a remote (%s)', async (format) => {
    await using box = await scene();
    await box.git('.', 'init', '-q', `--object-format=${format}`, 'local');
    await box.write('local', { 'mine.txt': 'mine', 'staged.txt': 'staged', '.agents-core/AGENTS.md': 'my own' });
    await box.git('local', 'add', 'staged.txt');
    const agentq = agentqIn(box, 'local');
    expect(await agentq('init', 'auth')).toMatchObject({ code: 0 });
    // Born under the user's feet: what the queue brought is there, what was there is as it was.
    expect((await box.git('local', 'status', '--porcelain')).split('\n').sort()).toEqual([
      ' M .agents-core/AGENTS.md',
      '?? mine.txt',
      'A  staged.txt',
    ]);
    expect(await box.read('local', '.agents-core/AGENTS.md')).toBe('my own');
    await box.commit('local', { '.agents/auth/tasks/TASK-1.toon': plainTask('TASK-1') });
    expect(await agentq('claim', 'a1')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
  });

  // From the other end: those that the test of `add` leaves out.
  it.each(sampleOf([...LAYOUT_NAMES].reverse(), 2))(
    'makes the folders of the layout %s, and claiming works in them',
    async (layout) => {
      await using box = await scene({ files: { 'README.md': 'A project.\n' }, clones: ['clone'] });
      const { remote } = box;
      const agentq = agentqIn(box, 'clone');
      const project = layout === 'flat' ? 'default' : 'auth';
      const made = await agentq('init', project, '--layout', layout, '--json');
      const [{ tasks }] = JSON.parse(made.stdout).projects;
      expect(await agentq('init', project)).toMatchObject({ code: 0, stdout: '' });
      await box.commitTo(remote, 'refs/heads/develop', { [`${tasks}TASK-1.toon`]: plainTask('TASK-1') });
      expect(await agentq('claim', 'a1')).toMatchObject({ code: 0, stdout: `${project}/TASK-1\n` });
      expect(await agentq('complete', 'TASK-1', 'a1')).toMatchObject({ code: 0 });
      // More projects go where the first one is.
      if (layout === 'flat') return;
      expect(JSON.parse((await agentq('init', 'more', '--json')).stdout).projects).toMatchObject([
        { project: 'more', layout },
      ]);
      const audit = await auditQueue(box.path(remote));
      expect(audit.violations).toEqual([]);
      expect(audit.tip.get('auth/TASK-1')).toBe('completed');
    },
  );

  it('leaves what differs, says so, and overwrites it only with --force', async () => {
    const path = '.agents-core/AGENTS.md';
    await using box = await scene({ files: { [path]: 'our own rules\n' }, clones: ['clone'] });
    const { remote } = box;
    const agentq = agentqIn(box, 'clone');
    const kept = await agentq('init');
    expect(kept.stdout).not.toContain(path);
    expect(kept.stderr).toContain(`left as they are, though they differ from this version's: ${path} (--force`);
    expect(await box.git(remote, 'show', `develop:${path}`)).toBe('our own rules');
    expect(await agentq('init', '--force')).toMatchObject({ code: 0, stdout: `${path}\n` });
    expect(await box.git(remote, 'show', `develop:${path}`)).toContain('# How an agent works');
    expect(await agentq('init', '--force')).toMatchObject({ code: 0, stdout: '' });

    // An earlier version wrote these, and somebody has changed the second since.
    const [worker, claim] = ['.agents-core/scripts/worker.sh', '.agents-core/scripts/claim-task.sh'];
    await box.write('clone', { [worker]: 'earlier\n', [claim]: 'earlier\n' });
    const author = ['--author', 'agentq <agentq@agentq.invalid>', '-m', '[ORCHESTRATOR] Set up the queue: default'];
    await box.git('clone', 'commit', '-q', '-a', ...author);
    await box.commit('clone', { [claim]: 'our own\n' });
    await box.git('clone', 'push', '-q', 'origin', 'develop');
    const again = await agentq('init');
    expect(again.stdout).toBe(`${worker}\n`);
    expect(again.stderr).toContain(`updated, since nobody had changed them: ${worker}\n`);
    expect(again.stderr).toContain(`though they differ from this version's: ${claim} (--force`);
    expect(await box.git(remote, 'show', `develop:${claim}`)).toBe('our own');
    expect(await box.git(remote, 'ls-tree', 'develop', worker)).toMatch(/^100755 /);
  });

  it('puts the running agentq beside the queue, and updates it from one version to the next', async () => {
    const older = '.agents-core/releases/agentq-0.0.9.cjs';
    await using box = await scene({ files: { [older]: 'an older one' }, clones: ['clone'] });
    const { remote } = box;
    const agentq = agentqIn(box, 'clone');
    const version = (await agentq('--version')).stdout.trim();
    const release = `.agents-core/releases/agentq-${version}.cjs`;
    const updated = await agentq('init', '--json');
    expect(JSON.parse(updated.stdout)).toMatchObject({
      removed: [older],
      created: expect.arrayContaining([release]),
      program: { from: '0.0.9', to: version },
    });
    expect(updated.stderr).toContain(`scripts and workflows ran agentq 0.0.9; now they run agentq ${version}`);
    expect(await box.git(remote, 'ls-tree', '--name-only', 'develop', '.agents-core/releases/')).toBe(
      `.agents-core/releases/.gitattributes\n${release}`,
    );
    // The one file is all of agentq: it makes the very same file again, and finds nothing to do.
    const alone = await box.run(box.path('clone'), NODE, [release, 'init', '--json']);
    expect(JSON.parse(alone.stdout)).toMatchObject({ commit: null, program: { from: version, to: version }, kept: [] });
    expect((await box.run(box.path('clone'), NODE, [release, '--version'])).stdout).toBe(`${version}\n`);

    expect(await agentq('init', '--package', 'agentq@1.0.0')).toMatchObject({ code: 64 });
    expect(await agentq('init', '--package', 'npm:@acme/agentq@1.2.3')).toMatchObject({
      code: 0,
      stdout: '.agents-core/releases/package\n',
    });
    expect(await box.git(remote, 'show', 'develop:.agents-core/releases/package')).toBe('@acme/agentq@1.2.3');
    expect(await agentq('init')).toMatchObject({ code: 0, stdout: '' });
    expect(await agentq('init', '--package', 'bundled')).toMatchObject({ code: 0, stdout: `${release}\n` });
  });

  it('replaces no file by a folder', async () => {
    await using box = await scene({ files: { '.agents': 'a file' }, clones: ['clone'] });
    const { remote } = box;
    const refused = await box.agentq('clone', 'init');
    expect(refused).toMatchObject({ code: 5, stdout: '' });
    expect(refused.stderr).toContain('.agents is not a folder');
    expect(await box.git(remote, 'rev-list', '--count', 'develop')).toBe('1');
  });

  it('writes its branch down, so that other commands find the queue without options', async () => {
    await using box = await scene();
    const remote = await box.bareRemote({ 'README.md': 'A project.\n' }, { branch: 'main' });
    const clone = await box.clone(remote, 'clone');
    const agentq = agentqIn(box, clone);
    expect(await agentq('init', 'auth', '--branch', 'queue/v2')).toMatchObject({ code: 0 });
    expect(await agentq('list')).toMatchObject({ code: 5 });
    await box.git(clone, 'fetch', '-q');
    await box.git(clone, 'checkout', '-q', 'queue/v2');
    expect(await agentq('list')).toMatchObject({ code: 0 });
    expect(await agentq('init', 'auth')).toMatchObject({ code: 0, stdout: '' });
  });

  it('lets many make the same queue at once: nothing is lost', async () => {
    await using box = await scene();
    const remote = await emptyRemote(box);
    const projects = ['p1', 'p2', 'p3', 'p4', 'p5'];
    for (const project of projects) await box.git('.', 'clone', '-q', remote, project);
    const runs = await runAgentqAtOnce(
      projects.map((project) => ({
        args: ['init', project],
        options: box.in(project),
      })),
    );
    expect(runs.map(({ code }) => code)).toEqual(projects.map(() => 0));
    const files = Object.keys(await box.files(remote, 'develop'));
    for (const project of projects) expect(files).toContain(`.agents/${project}/tasks/.gitkeep`);
    expect(await box.git(remote, 'rev-list', '--count', '--max-parents=0', 'develop')).toBe('1');
  });
});
