import { expect, it } from 'vitest';
import { scene } from '../../kit/scene/scene.ts';

it('a queue on a branch that others watch: its commits are signed and start nothing, and are found as ever', async () => {
  await using box = await scene({
    tasks: 2,
    files: { '.agents-core/config/agentq.toon': 'agentq:\n  skip_ci: true\n  sign: true\n' },
    clones: ['clone'],
  });
  const { remote } = box;
  await box.run(box.root, 'ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', 'key']);
  await box.write('.', { allowed: `user@example.com ${await box.read('.', 'key.pub')}` });
  await box.git('clone', 'config', 'gpg.format', 'ssh');
  await box.git('clone', 'config', 'user.signingkey', box.path('gone'));
  const before = await box.tip();

  const refused = await box.agentq('clone', 'claim', 'a1');
  expect(refused).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining('git config user.signingKey') });
  expect(await box.tip()).toBe(before);
  expect(Object.keys(await box.refs(remote))).toEqual(['refs/heads/develop']);

  await box.git('clone', 'config', 'user.signingkey', box.path('key'));
  const claimed = await box.agentq('clone', 'claim', 'a1');
  expect(claimed.code, claimed.stderr).toBe(0);
  // The branch says what has become of a request that is signed, too.
  const [request = ''] = (
    await box.git(remote, 'log', '-1', '--format=%(trailers:key=Agentq-Request,valueonly)', 'develop')
  ).split('\n');
  const again = await box.agentq('clone', 'claim', 'a1', '--request', request);
  expect(again).toMatchObject({ code: 0, stdout: claimed.stdout });
  const task = claimed.stdout.trim();
  expect(await box.agentq('clone', 'release', task, 'a1', '--reason', 'try later')).toMatchObject({ code: 0 });

  const verify = ['-c', `gpg.ssh.allowedSignersFile=${box.path('allowed')}`, 'log', `--format=%G? %an %s`];
  const [project, id] = task.split('/');
  expect(await box.git(remote, ...verify, `${before}..develop`)).toBe(
    `G a1 [AGENT-RELEASE] a1 released ${id} from ${project}\nG a1 [AGENT-CLAIM] a1 claimed ${id} from ${project}`,
  );
  for (const commit of ['develop', 'develop~1']) {
    const message = await box.git(remote, 'log', '-1', '--format=%B', commit);
    expect(message.match(/\[skip ci\]/g)).toHaveLength(1);
    expect(await box.git(remote, 'log', '-1', '--format=%(trailers:key=Agentq-Agent,valueonly)', commit)).toContain(
      'a1',
    );
  }
});
