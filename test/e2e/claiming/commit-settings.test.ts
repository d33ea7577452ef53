import { spawnSync } from 'node:child_process';
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

it('init signs the first commit of a queue where the settings or git ask for it', async () => {
  await using box = await scene({ files: { 'README.md': 'x\n' }, clones: ['clone'] });
  const { remote } = box;
  await box.run(box.root, 'ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', 'key']);
  await box.git('clone', 'config', 'gpg.format', 'ssh');
  await box.git('clone', 'config', 'user.signingkey', box.path('key'));
  const init = (branch: string) => box.agentq('clone', 'init', '--queue-only', '--branch', branch);
  const isSigned = async (branch: string) => (await box.git(remote, 'cat-file', '-p', branch)).includes('gpgsig ');
  const settings = (branch: string) => box.git(remote, 'show', `${branch}:.agents-core/config/agentq.toon`);

  expect((await init('plain')).code).toBe(0);
  await box.git('clone', 'config', 'commit.gpgsign', 'true');
  expect((await init('habit')).code).toBe(0);
  await box.write('clone', { '.agents-core/config/agentq.toon': 'agentq:\n  sign: true\n' });
  expect((await init('asked')).code).toBe(0);
  expect(await Promise.all(['plain', 'habit', 'asked'].map(isSigned))).toEqual([false, true, true]);
  // Only the settings speak for the others of the pool.
  expect(await settings('habit')).toContain('\n  # sign: false\n');
  expect(await settings('asked')).toContain('\n  sign: true\n');
  expect(await init('asked')).toMatchObject({ code: 0, stdout: '' });

  await box.git('clone', 'config', 'user.signingkey', box.path('gone'));
  expect(await init('more')).toMatchObject({ code: 5, stderr: expect.stringContaining('git cannot sign') });
  await box.write('clone', { '.agents-core/config/agentq.toon': 'agentq:\n' });
  expect(await init('more')).toMatchObject({ code: 0, stderr: expect.stringContaining('the commit is not signed: ') });
});

const HAS_GPGSM = spawnSync('gpgsm', ['--version']).status === 0 && spawnSync('openssl', ['version']).status === 0;

it.runIf(HAS_GPGSM)('commits are signed by x509, too', async () => {
  const files = { '.agents-core/config/agentq.toon': 'agentq:\n  sign: true\n' };
  await using box = await scene({ tasks: 1, files, clones: ['clone'] });
  await box.write('gnupg', { 'gpg-agent.conf': 'allow-loopback-pinentry\n', 'gpgsm.conf': 'disable-crl-checks\n' });
  const env = { GNUPGHOME: box.path('gnupg') };
  const sh = (script: string) => box.run(box.root, 'env', [`GNUPGHOME=${env.GNUPGHOME}`, 'sh', '-c', script]);
  box.owns({ close: async () => void (await sh('gpgconf --kill all')) });
  const subject = '-subj /CN=a1 -addext keyUsage=digitalSignature';
  const made = await sh(
    `chmod 700 gnupg && openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem ${subject} &&
    openssl pkcs12 -export -legacy -inkey k.pem -in c.pem -out k.p12 -passout pass: &&
    echo | gpgsm --batch --pinentry-mode loopback --passphrase-fd 0 --import k.p12 &&
    gpgsm --list-secret-keys --with-colons | grep ^fpr | cut -d: -f10 > key && echo "$(cat key) S relax" > gnupg/trustlist.txt`,
  );
  expect(made.exitCode, made.stderr).toBe(0);
  await box.git('clone', 'config', 'gpg.format', 'x509');
  await box.git('clone', 'config', 'user.signingkey', (await box.read('.', 'key')).trim());
  const { code, stderr } = await box.start('clone', ['claim', 'a1'], { env }).done;
  expect(code, stderr).toBe(0);
  const verified = await sh('git -C remote.git log -1 --format="%G? %an" develop');
  expect(verified.stdout.trim(), verified.stderr).toBe('G a1');
});
