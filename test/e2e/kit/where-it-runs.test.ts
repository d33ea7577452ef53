import { chmod, mkdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

it('init puts workflows where they run, and says where the kit is and what to give to cron', async () => {
  await using box = await scene();
  const remote = await box.bareRemote({ 'README.md': 'Code.\n' }, { branch: 'main', name: "o'rigin%.git" });
  await mkdir(box.path('my clones'));
  const clone = await box.clone(remote, 'my clones/100%');
  const silent = `${plainTask('TASK-1')}\nclaim:\n  claimed_by: a1\n  last_heartbeat: 2026-01-01T00:00:00Z\n`;
  const made = await box.agentq(clone, 'init', 'auth', '--workflows', 'github', '--json');
  expect(made.code, made.stderr).toBe(0);
  const { workflows } = JSON.parse(made.stdout);
  expect(workflows).toMatchObject({ branch: 'main', commit: await box.git(remote, 'rev-parse', 'main') });
  const changed = await box.git(remote, 'diff-tree', '-r', '--name-only', 'main~1', 'main');
  expect(changed.split('\n').sort()).toEqual([...workflows.created].sort());
  expect(workflows.created).toContain('.github/workflows/release-stalled.yml');
  expect(await box.git(clone, 'status', '--porcelain')).toBe('');
  expect(made.stderr).toContain('the kit is on develop of origin, which is not checked out here');

  // The line works as it is printed: in the home folder, with the shell and the variables of cron.
  const [, line = ''] = /for a crontab: \*\/10 \* \* \* \* (.*)/.exec(made.stderr) ?? [];
  await box.commitTo(remote, 'refs/heads/develop', { '.agents/auth/claimed/TASK-1.toon': silent });
  const script = line.replaceAll('\\%', '%');
  expect(line.replaceAll('\\%', '')).not.toContain('%');
  const ran = await box.run('/', 'env', ['-i', `HOME=${box.root}`, 'PATH=/usr/bin:/bin', '/bin/sh', '-c', script]);
  expect(ran, ran.stderr).toMatchObject({ exitCode: 0, stdout: 'auth/TASK-1\n', stderr: '' });

  // A protected branch: the commit is there to be proposed.
  await box.write(`${remote}/hooks`, {
    update: '#!/bin/sh\n[ "$1" = refs/heads/main ] && echo protected && exit 1\nexit 0\n',
  });
  await chmod(box.path(remote, 'hooks', 'update'), 0o755);
  const refused = await box.agentq(clone, 'init', '--workflows', 'gitlab');
  expect(refused).toMatchObject({ code: 4, stdout: '' });
  expect(refused.stderr).toContain('protected');
  const [, patch = ''] = /as a patch: `(.*)`/.exec(refused.stderr) ?? [];
  const identity = ['user.name=u', 'user.email=u@example.invalid'];
  for (const each of identity) await box.git(clone, 'config', ...each.split('='));
  await box.git(clone, 'pull', '-q');
  const applied = await box.run(box.path(clone), 'sh', ['-c', patch]);
  expect(applied, applied.stderr).toMatchObject({ exitCode: 0 });
  expect(await box.read(clone, '.gitlab-ci.yml')).toContain('local: .gitlab/agentq.gitlab-ci.yml');
});

it('init without a remote has no place for workflows', async () => {
  await using box = await scene();
  await box.git('.', 'init', '-q', 'local');
  expect(await box.agentq('local', 'init', '--workflows', 'github')).toMatchObject({ code: 5, stdout: '' });
});
