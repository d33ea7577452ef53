import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { claimIn } from '../../kit/scene/claim-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** CONTRACT 6: somebody who asks nobody (an old agent, a person) is first with every push, or with the first few. */

const QUEUE = { tasks: 2, clones: ['clone'] };

/** A remote whose branch moves under each push to it, this many times. */
async function raced(box: Scene, races: number): Promise<void> {
  const noted = box.path('races');
  await box.hook(
    box.remote,
    'pre-receive',
    `grep -q ' refs/heads/develop$' || exit 0
echo race >> '${noted}'
[ "$(wc -l < '${noted}')" -le ${races} ] || exit 0
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
commit=$(git -c user.name=old -c user.email=old@example.com commit-tree 'develop^{tree}' -p develop -m "First $$" </dev/null)
git update-ref refs/heads/develop "$commit"`,
  );
}

async function requestsIn(box: Scene): Promise<string[]> {
  return Object.keys(await box.refs(box.remote)).filter((ref) => ref.startsWith('refs/agentq/'));
}

const ALWAYS = 1_000_000;

it.each([
  ['sharing pushes', []],
  ['each for itself', ['--no-combine']],
])('exits with 2 after the only push that --max-retries 0 allows, %s', async (_, options) => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  await raced(box, ALWAYS);
  const { run, said } = await claimIn(box, 'clone', { args: ['--max-retries', '0', ...options] });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(said).toEqual([expect.stringContaining('gave up after 1 attempt')]);
  expect(await box.git(remote, 'log', '--format=%s', '--grep=AGENT-CLAIM', 'develop')).toBe('');
  expect(await requestsIn(box)).toEqual([]);
});

it('exits with 2 after as many retries as are allowed, however long it could wait', async () => {
  await using box = await scene(QUEUE);
  await raced(box, ALWAYS);
  const { run, said } = await claimIn(box, 'clone', { args: ['--max-retries', '2'] });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  // The first loss costs no time, the second a pause.
  expect(said).toEqual([
    expect.stringMatching(/; attempt 3 in \d+m?s/),
    expect.stringContaining('gave up after 3 attempts'),
  ]);
  expect((await box.read('.', 'races')).split('\n').filter(Boolean)).toHaveLength(3);
  expect(await requestsIn(box)).toEqual([]);
});

it('counts a push that lost the race among the attempts, in its answer and in the commit', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  await raced(box, 1);
  const { run } = await claimIn(box, 'clone', { args: ['--json', '--max-retries', '1'] });
  expect(run.code, run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ attempts: 2, rejectedPushes: 1 });
  expect(await box.git(remote, 'log', '-1', '--format=%(trailers:key=Agentq-Attempts,valueonly)', 'develop')).toBe(
    '2\n',
  );
});

it('leaves no request behind for others to carry out, whenever it is interrupted', async () => {
  await using box = await scene(QUEUE);
  await raced(box, ALWAYS);
  for (let round = 0; round < 6; round += 1) {
    const { child, done } = box.start('clone', ['claim', 'a1', '--max-retries', '1000']);
    const deadline = Date.now() + 60_000;
    while ((await requestsIn(box)).length === 0 && Date.now() < deadline) await sleep(10);
    await sleep(round * 70);
    child.kill('SIGTERM');
    const run = await done;
    expect(run.code, run.stderr).toBe(143);
    expect(await requestsIn(box)).toEqual([]);
  }
});
