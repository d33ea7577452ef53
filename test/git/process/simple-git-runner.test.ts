import { type SimpleGitOptions, simpleGit } from 'simple-git';
import { describe, expect, it } from 'vitest';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const REFUSED = /is not permitted without enabling/;

/** What a user may have set so that git reaches a remote, by name. */
const REACH = {
  GIT_SSH_COMMAND: 'ssh -i key',
  GIT_SSH: 'ssh',
  GIT_ASKPASS: 'askpass',
  SSH_ASKPASS: 'askpass',
  GIT_PROXY_COMMAND: 'proxy',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TEMPLATE_DIR: '',
  GIT_CONFIG_PARAMETERS: "'gc.pruneExpire'='never'",
  GIT_CONFIG_COUNT: '4',
  GIT_CONFIG_KEY_0: 'url.https://mirror.example/.insteadOf',
  GIT_CONFIG_VALUE_0: 'https://example.com/',
  GIT_CONFIG_KEY_1: 'credential.helper',
  GIT_CONFIG_VALUE_1: 'store',
  GIT_CONFIG_KEY_2: 'core.sshCommand',
  GIT_CONFIG_VALUE_2: 'ssh -v',
  // What prints the environment that git has, where it is asked for.
  GIT_CONFIG_KEY_3: 'alias.environment',
  GIT_CONFIG_VALUE_3: '!env',
  // Of other programs; simple-git takes it for a path of configuration.
  PREFIX: '/usr',
};

describe('git that is run by simple-git', () => {
  it('has what the user has set, whatever it makes git do', async () => {
    await using box = await scene({ files: { 'a/file': 'text\n' }, clones: ['clone'] });
    const lines = (await box.client('clone', { env: REACH }).run(['environment'])).split('\n');
    const wanted = Object.entries(REACH).map(([name, value]) => `${name}=${value}`);
    // Git adds settings of our command line to this one.
    const own = wanted.filter((line) => !line.startsWith('GIT_CONFIG_PARAMETERS='));
    expect(lines).toEqual(expect.arrayContaining(own));
    expect(lines.find((line) => line.startsWith('GIT_CONFIG_PARAMETERS='))).toContain('gc.pruneExpire');
  });

  it('has each of these also where the others are not set', async () => {
    await using box = await scene({ files: { 'a/file': 'text\n' }, clones: ['clone'] });
    for (const [name, value] of Object.entries(REACH)) {
      if (name.startsWith('GIT_CONFIG_')) continue;
      expect((await box.client('clone', { env: { [name]: value } }).attempt(['version'])).exitCode, name).toBe(0);
    }
  });

  it('lets server hooks of a file:// remote abbreviate options', async () => {
    await using box = await scene({ files: { 'a/file': 'text\n' }, clones: ['clone'] });
    await box.hook('remote.git', 'update', 'git for-each-ref --cou=1 >&2');
    await box.commit('clone', { 'b/file': 'more\n' });
    await expect(bare(box, {}).raw(PUSH)).rejects.toThrow('disallowed abbreviated');
    await box.client('clone').run(PUSH);
  });

  it('is refused what makes it run another program, where the user has not set the like', async () => {
    await using box = await scene({ files: { 'a/file': 'text\n' }, clones: ['clone'] });
    for (const args of COMMANDS)
      await expect(box.client('clone').attempt(args), args.join(' ')).rejects.toThrow(REFUSED);
  });

  it('would be refused the setting that keeps hooks from running', async () => {
    await using box = await scene({ files: { 'a/file': 'text\n' }, clones: ['clone'] });
    await expect(bare(box, {}).raw(HOOKLESS)).rejects.toThrow('allowUnsafeHooksPath');
    expect(await bare(box, { allowUnsafeHooksPath: true }).raw(HOOKLESS)).toMatch(/^git version/);
  });
});

const COMMANDS = [
  ['fetch', '--upload-pack=other', 'origin'],
  ['push', '--receive-pack=other', 'origin', 'HEAD'],
  ['config', 'core.sshCommand', 'other'],
  ['-c', 'alias.x=!other', 'x'],
  ['init', '--template=other', 'repository'],
];

const PUSH = ['push', '-q', 'origin', 'HEAD:refs/heads/other'];

const HOOKLESS = ['-c', 'core.hooksPath=/dev/null', 'version'];

/** simple-git as it is. */
function bare(box: Scene, unsafe: NonNullable<SimpleGitOptions['unsafe']>) {
  return simpleGit({ baseDir: box.path('clone'), unsafe });
}
