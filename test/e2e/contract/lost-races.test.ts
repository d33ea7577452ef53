import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAgentq } from '../../kit/processes/run-agentq.ts';
import { queueRemote } from '../../kit/queues/queue-files.ts';
import { claimIn } from '../../kit/scene/claim-scene.ts';
import { GitSandbox } from '../../kit/scene/git-sandbox.ts';

/** CONTRACT 6: somebody who asks nobody (an old agent, a person) is first with every push, or with the first few. */

let box: GitSandbox;
let count = 0;
beforeAll(async () => {
  box = await GitSandbox.create();
});
afterAll(() => box.remove());

/** A remote whose branch moves under each push to it, so many times. */
async function racedRemote(races: number): Promise<{ readonly remote: string; readonly clone: string }> {
  count += 1;
  const remote = await queueRemote(box, 2, { name: `remote-${count}.git` });
  const races_ = box.path(`races-${count}`);
  await box.hook(
    remote,
    'pre-receive',
    `grep -q ' refs/heads/develop$' || exit 0
echo race >> '${races_}'
[ "$(wc -l < '${races_}')" -le ${races} ] || exit 0
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
commit=$(git -c user.name=old -c user.email=old@example.com commit-tree 'develop^{tree}' -p develop -m "First $$" </dev/null)
git update-ref refs/heads/develop "$commit"`,
  );
  return { remote, clone: await box.clone(remote, `clone-${count}`) };
}

async function requestsIn(remote: string): Promise<string[]> {
  return Object.keys(await box.refs(remote)).filter((ref) => ref.startsWith('refs/agentq/'));
}

const ALWAYS = 1_000_000;

it.each([
  ['sharing pushes', []],
  ['each for itself', ['--no-combine']],
])('exits with 2 after the only push that --max-retries 0 allows, %s', async (_, options) => {
  const { remote, clone } = await racedRemote(ALWAYS);
  const { run, said } = await claimIn(box, clone, { args: ['--max-retries', '0', ...options] });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(said).toEqual([expect.stringContaining('gave up after 1 attempt')]);
  expect(await box.git(remote, 'log', '--format=%s', '--grep=AGENT-CLAIM', 'develop')).toBe('');
  expect(await requestsIn(remote)).toEqual([]);
});

it('exits with 2 after as many retries as are allowed, however long it could wait', async () => {
  const { remote, clone } = await racedRemote(ALWAYS);
  const { run, said } = await claimIn(box, clone, { args: ['--max-retries', '2'] });
  expect(run).toMatchObject({ code: 2, stdout: '' });
  // The first loss costs no time, the second a pause.
  expect(said).toEqual([
    expect.stringMatching(/; attempt 3 in \d+m?s/),
    expect.stringContaining('gave up after 3 attempts'),
  ]);
  expect((await box.read('.', `races-${count}`)).split('\n').filter(Boolean)).toHaveLength(3);
  expect(await requestsIn(remote)).toEqual([]);
});

it('counts a push that lost the race among the attempts, in its answer and in the commit', async () => {
  const { remote, clone } = await racedRemote(1);
  const { run } = await claimIn(box, clone, { args: ['--json', '--max-retries', '1'] });
  expect(run.code, run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ attempts: 2, rejectedPushes: 1 });
  expect(await box.git(remote, 'log', '-1', '--format=%(trailers:key=Agentq-Attempts,valueonly)', 'develop')).toBe(
    '2\n',
  );
});

it('leaves no request behind for others to carry out, whenever it is interrupted', async () => {
  const { remote, clone } = await racedRemote(ALWAYS);
  for (let round = 0; round < 6; round += 1) {
    const { child, done } = startAgentq(['claim', 'a1', '--max-retries', '1000'], {
      cwd: box.path(clone),
      env: box.env,
    });
    const deadline = Date.now() + 60_000;
    while ((await requestsIn(remote)).length === 0 && Date.now() < deadline) await sleep(10);
    await sleep(round * 70);
    child.kill('SIGTERM');
    const run = await done;
    expect(run.code, run.stderr).toBe(143);
    expect(await requestsIn(remote)).toEqual([]);
  }
});
