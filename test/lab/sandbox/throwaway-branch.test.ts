import { expect, it } from 'vitest';
import { createThrowawayBranch } from '../../../lab/sandbox/throwaway-branch.ts';
import { scene } from '../../kit/scene/scene.ts';

it('is reached as the user reaches the remote, by settings that concern nothing else', async () => {
  await using box = await scene({ files: { 'README.md': 'text\n' }, clones: ['clone'] });
  const settings = [
    ['core.sshCommand', 'ssh -i key'],
    ['http.extraHeader', 'X-A: b\nX-C: d'],
    ['url.file:///elsewhere/.insteadOf', 'elsewhere:'],
    ['core.abbrev', '12'],
    ['user.name', 'Somebody'],
  ] as const;
  for (const [key, value] of settings) await box.git('clone', 'config', key, value);
  const branch = await createThrowawayBranch({
    dir: box.path('clone'),
    remote: 'origin',
    branch: 'simulation',
    commit: { message: 'Begin', author: { name: 'A', email: 'a@example.com' }, timeSeconds: 1, files: { a: 'text\n' } },
    parent: await box.folder('parent'),
    env: box.env,
  });
  expect(Object.keys(await box.refs('remote.git'))).toContain(branch.ref);
  const get = (key: string): Promise<string> =>
    branch.git.attempt(['config', '--local', '--get', key]).then(({ stdout }) => stdout.replace(/\n$/, ''));
  expect(await Promise.all(['remote.origin.url', ...settings.map(([key]) => key)].map(get))).toEqual([
    `file://${box.path('remote.git')}`,
    'ssh -i key',
    'X-A: b\nX-C: d',
    'elsewhere:',
    '',
    '',
  ]);
  await branch.remove([]);
  expect(Object.keys(await box.refs('remote.git'))).not.toContain(branch.ref);
});
