import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { CommitSpec } from '../../../src/git/objects/commit-spec.ts';
import { buildCommits } from '../../../src/git/objects/fast-import.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { signCommits } from '../../../src/git/objects/sign-commits.ts';
import { sampleOf } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const hasGpg = spawnSync('gpg', ['--version']).status === 0;

const WHO = { name: 'Zoë "Z" Agent', email: 'a1@agentq.invalid' };

const SPECS: readonly CommitSpec[] = [1, 2, 3].map((n) => ({
  message: `[AGENT-CLAIM] a${n} claimed T-${n} from shop\n\n  naïve – körper\n\nAgentq-Agent: a${n}\n`,
  author: { ...WHO, name: `a${n}` },
  committer: WHO,
  timeSeconds: 1_700_000_000 + n,
  changes: [{ path: `${n}.txt`, mode: '100644', content: Buffer.from(`${n}`) }],
}));

async function setUp(box: Scene, ...config: readonly (readonly [string, string])[]): Promise<void> {
  for (const [key, value] of config) await box.git('clone', 'config', key, value);
}

async function withSshKey(box: Scene): Promise<void> {
  await box.run(box.root, 'ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', 'key']);
  await box.write('.', { allowed: `${WHO.email} ${await box.read('.', 'key.pub')}` });
  await setUp(box, ['gpg.format', 'ssh'], ['user.signingkey', box.path('key')]);
  await setUp(box, ['gpg.ssh.allowedSignersFile', box.path('allowed')]);
}

async function withGpgKey(box: Scene): Promise<void> {
  const home = box.env.HOME ?? '';
  await box.run(box.root, 'chmod', ['700', home]);
  await box.run(box.root, 'gpg', [
    '--homedir',
    home,
    '--batch',
    '--passphrase',
    '',
    '--quick-gen-key',
    'test@example.com',
    'ed25519',
    'sign',
  ]);
  box.owns({ close: () => box.run(box.root, 'gpgconf', ['--homedir', home, '--kill', 'all']) });
  await box.write('.', { gpg: `#!/bin/sh\nexec gpg --homedir '${home}' "$@"\n` });
  await box.run(box.root, 'chmod', ['700', box.path('gpg')]);
  await setUp(box, ['gpg.program', box.path('gpg')], ['user.signingkey', 'test@example.com']);
}

/** Builds the chain with and without signatures. */
async function build(box: Scene, parent: string | undefined): Promise<{ plain: string[]; signed: string[] }> {
  // Nobody is asked, not even at the terminal that the tests run in.
  const repository = await box.open('clone', { env: { SSH_ASKPASS: 'false', SSH_ASKPASS_REQUIRE: 'force' } });
  const objects = openObjects(repository);
  box.owns(objects);
  const plain = await buildCommits(repository, parent, SPECS);
  return { plain: [...plain], signed: [...(await signCommits(repository, objects, parent, plain, SPECS))] };
}

/** Everything of a commit but its signature and its parent. */
async function content(box: Scene, commit: string): Promise<string> {
  const text = await box.git('clone', 'cat-file', 'commit', commit);
  return text.replace(/^gpgsig(?:-sha256)? .*\n(?: .*\n)+/m, '').replace(/^parent .*\n/m, '');
}

describe('signed commits', () => {
  it.each(sampleOf(['sha1', 'sha256'] as const, 1))(
    'are the same but for the signature, each on the one before (ssh, %s)',
    async (format) => {
      await using box = await scene();
      await box.bareRemote({ 'a.txt': 'a' }, { format });
      await box.clone(box.remote, 'clone');
      await withSshKey(box);
      // The encoding of commits is ours to choose.
      await setUp(box, ['i18n.commitEncoding', 'ISO-8859-1']);
      const tip = await box.git('clone', 'rev-parse', 'HEAD');
      const { plain, signed } = await build(box, tip);
      expect(await box.git('clone', 'log', '--format=%H %G?', `${tip}..${signed[2]}`)).toBe(
        [...signed]
          .reverse()
          .map((oid) => `${oid} G`)
          .join('\n'),
      );
      for (const [index, oid] of signed.entries())
        expect(await content(box, oid)).toBe(await content(box, plain[index] ?? ''));
      const first = (await build(box, undefined)).signed[0] ?? '';
      expect(await box.git('clone', 'log', '--format=%P%G?', first)).toBe('G');
    },
  );

  it.runIf(hasGpg)('are signed by gpg where nothing else is said', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    await withGpgKey(box);
    const { signed } = await build(box, await box.git('clone', 'rev-parse', 'HEAD'));
    expect(await box.git('clone', 'log', '-3', '--format=%G?', signed[2] ?? '')).toMatch(/^[GU]\n[GU]\n[GU]$/);
  });

  it.each<[string, (box: Scene) => Promise<void>, string]>([
    ['is not there', (box) => setUp(box, ['user.signingkey', box.path('gone')]), 'gone'],
    ['needs a passphrase that nobody types', withPassphrase, 'passphrase'],
    [
      'is not named',
      (box) => box.git('clone', 'config', '--unset', 'user.signingkey').then(() => undefined),
      'signing',
    ],
  ])('cannot be made with a key that %s, and it is said what to do', async (_, change, words) => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    await withSshKey(box);
    await change(box);
    await expect(build(box, await box.git('clone', 'rev-parse', 'HEAD'))).rejects.toMatchObject({
      code: 'machine-unusable',
      message: expect.stringMatching(new RegExp(words, 'i')),
      hint: expect.stringContaining('git config user.signingKey'),
    });
  });
});

async function withPassphrase(box: Scene): Promise<void> {
  await box.run(box.root, 'ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', 'key']);
}
