import { expect, it } from 'vitest';
import { claimIn } from '../../kit/scene/claim-scene.ts';
import { scene } from '../../kit/scene/scene.ts';

/** Remotes that cannot be claimed from: the exit code says what kind of trouble it is, and the remote says it in its words. */

const QUEUE = { tasks: 1, clones: ['clone'] };

it('exits with 5 where the remote does not have the branch', async () => {
  await using box = await scene(QUEUE);
  const { run, said, before, after } = await claimIn(box, 'clone', { args: ['--branch', 'queue'] });
  expect(run).toMatchObject({ code: 5, stdout: '' });
  expect(said).toEqual([expect.stringContaining('there is no branch queue on origin')]);
  expect(after).toEqual(before);
});

it('exits with 4 where the remote is not there', async () => {
  await using box = await scene(QUEUE);
  await box.git('clone', 'remote', 'set-url', 'origin', `file://${box.path('nowhere.git')}`);
  const { run, said, before, after } = await claimIn(box, 'clone');
  expect(run).toMatchObject({ code: 4, stdout: '' });
  expect(said).toEqual([expect.stringContaining('does not appear to be a git repository')]);
  expect(after).toEqual(before);
});

it('exits with 4 where nobody listens, once the retries are used up', async () => {
  await using box = await scene(QUEUE);
  // Port 9 of the loopback address: refused at once.
  await box.git('clone', 'remote', 'set-url', 'origin', 'http://127.0.0.1:9/queue.git');
  const { run, said, before, after } = await claimIn(box, 'clone', { args: ['--max-retries', '2'] });
  expect(run).toMatchObject({ code: 4, stdout: '' });
  expect(said.filter((line) => line.includes('; attempt '))).toHaveLength(2);
  expect(said.at(-1)).toMatch(/remote origin cannot be reached: .*127\.0\.0\.1/);
  expect(after).toEqual(before);
});

it('exits with 4 and the words of a hook that declines, without trying again', async () => {
  await using box = await scene(QUEUE);
  await box.hook(
    box.remote,
    'pre-receive',
    `echo tried >> '${box.path('tries')}'; echo 'The queue is closed today' >&2; exit 1`,
  );
  const { run, said, before, after } = await claimIn(box, 'clone', { args: ['--combine', 'local'] });
  expect(run).toMatchObject({ code: 4, stdout: '' });
  expect(said).toEqual([expect.stringMatching(/the remote refused the push: .*The queue is closed today/)]);
  expect(await box.read('.', 'tries')).toBe('tried\n');
  expect(after).toEqual(before);
});

it('exits with 4 for an update hook that protects the branch', async () => {
  await using box = await scene(QUEUE);
  await box.hook(box.remote, 'update', 'echo "branch $1 is protected" >&2; exit 1');
  const { run, said } = await claimIn(box, 'clone');
  expect(run).toMatchObject({ code: 4, stdout: '' });
  expect(said).toEqual([expect.stringContaining('branch refs/heads/develop is protected')]);
});
