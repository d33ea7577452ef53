import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

const PROTECTED =
  '[ "$1" != refs/heads/develop ] || { echo "GH006: Protected branch update failed for $1." >&2; exit 1; }';

it('init --queue-only is what the refusal of a protected branch proposes, and makes a branch with nothing but the queue', async () => {
  await using box = await scene({ files: { 'app.txt': 'code' }, clones: ['clone'] });
  const { remote } = box;
  const agentq = (...args: string[]) => box.agentq('clone', ...args);
  await box.hook(remote, 'update', PROTECTED);
  const before = await box.git('clone', 'status', '--porcelain=v2', '--branch');
  const code = await box.tip();

  const refused = await agentq('init', 'shop');
  expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining('GH006: Protected branch') });
  const [, command = ''] = /`agentq (init --queue-only[^`]*)`/.exec(refused.stderr) ?? [];
  const [, setting = ''] = /`(branch: [^`]*)`/.exec(refused.stderr) ?? [];
  expect([command, setting]).toEqual(['init --queue-only --branch agentq-queue', 'branch: agentq-queue']);

  const made = await agentq(...command.split(' '), 'shop');
  expect(made.code, made.stderr).toBe(0);
  expect(made.stderr).toContain(`\`${setting}\``);
  expect(await box.git(remote, 'rev-list', '--count', 'agentq-queue')).toBe('1');
  expect(await box.git(remote, 'ls-tree', '--name-only', 'agentq-queue')).toBe('.agents-core\n.agents');
  expect(await box.tip()).toBe(code);
  expect(await box.git('clone', 'status', '--porcelain=v2', '--branch')).toBe(before);
  expect(await agentq(...command.split(' '))).toMatchObject({ code: 0, stdout: '' });
  // The checkout has the code, by design: no command says of it that it was not updated.
  expect(made.stderr).toContain('the kit is on agentq-queue of origin, which is not checked out here');
  expect(made.stderr).not.toContain('the checkout was not updated');

  // The setting on the branch of the code is all that agents need.
  await box.write('clone', { '.agents-core/config/agentq.toon': `agentq:\n  ${setting}\n` });
  await box.commitTo(remote, 'refs/heads/agentq-queue', { '.agents/shop/tasks/T-1.toon': plainTask('T-1') });
  const worked = await agentq('work', 'a1', '--worktree', '--', 'sh', '-c', 'echo "$AGENTQ_BASE"; ls');
  expect(worked).toMatchObject({ code: 0, stdout: 'shop/T-1\n', stderr: expect.stringContaining('app.txt') });
  expect(worked.stderr).toContain('[a1] develop\n');
});

it('init --queue-only does not touch a branch that holds code, whoever made it, nor one that is checked out', async () => {
  await using box = await scene({ files: { 'app.txt': 'code' }, clones: ['clone'] });
  const refused = await box.agentq('clone', 'init', '--queue-only');
  expect(refused).toMatchObject({ code: 64, stderr: expect.stringContaining('--queue-only --branch agentq-queue') });
  expect(await box.git(box.remote, 'rev-list', '--count', 'develop')).toBe('1');

  await box.git('clone', 'remote', 'remove', 'origin');
  const local = await box.agentq('clone', 'init', '--queue-only', '--branch', 'queue', 'shop');
  expect(local.code, local.stderr).toBe(0);
  expect(await box.git('clone', 'ls-tree', '--name-only', 'queue')).toBe('.agents-core\n.agents');
  expect(await box.git('clone', 'status', '--porcelain')).toBe('');
  expect(await box.git('clone', 'rev-list', '--count', 'develop')).toBe('1');
});
