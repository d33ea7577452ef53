import { describe, expect, it } from 'vitest';
import { claimAtOnce, expectAnswers, expectClaims } from '../../kit/processes/pool.ts';
import type { Fault, RequestKind } from '../../kit/remotes/http-git-server.ts';
import { turnsOf } from '../../kit/sample.ts';
import { type Claim, claimIn, expectClaimed } from '../../kit/scene/claim-scene.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Answers get lost on their way: what landed is found again, what did not is tried again, and nothing happens twice. */

/** A clone of a remote with three tasks, over http. */
async function overHttp(): Promise<Scene> {
  const made = await scene({ tasks: 3 });
  await cloneOverHttp(made, 'clone');
  return made;
}

async function cloneOverHttp(at: Scene, name: string): Promise<void> {
  await at.clone(at.remote, name);
  await at.git(name, 'remote', 'set-url', 'origin', (await at.http()).url(at.remote));
}

/** One claim, and the proof that it came to one commit for one task. */
async function expectOneClaim(box: Scene, base: string, claim: Claim): Promise<void> {
  const { remote } = box;
  await expectClaimed(box, remote, { ...claim, said: claim.said.slice(-1) });
  await expectClaims(box, remote, base, [{ ...claim.run, agent: 'a1', task: claim.run.stdout.trim() }]);
}

const MODES = [
  ['alone', ['--combine', 'none']],
  ['with others', ['--combine', 'all']],
] as const;

describe.each(MODES)('%s', (mode, options) => {
  const isTurn = turnsOf(
    MODES.map(([name]) => name),
    mode,
  );
  const args = ['--no-sync', ...options];

  const faults: readonly [string, Fault][] = [
    ['the connection is cut', { kind: 'reset-after' }],
    ['the answer is cut short', { kind: 'truncate', bytes: 20 }],
    ['nothing of the answer arrives', { kind: 'truncate', bytes: 0 }],
  ];
  it.each(faults.filter(isTurn))('finds its claim again when %s after it landed', async (_how, fault) => {
    await using box = await overHttp();
    const server = await box.http();
    const base = await box.tip();
    server.failNext('push', fault);
    await expectOneClaim(box, base, await claimIn(box, 'clone', { args }));
  });

  it.runIf(isTurn())('finds its claim again when no answer to a push ever arrives', async () => {
    await using box = await overHttp();
    const server = await box.http();
    const base = await box.tip();
    server.fault = ({ kind }) => (kind === 'push' ? { kind: 'reset-after' } : undefined);
    await expectOneClaim(box, base, await claimIn(box, 'clone', { args }));
  });

  it.runIf(isTurn())('tries again when the connection is cut before the push landed', async () => {
    await using box = await overHttp();
    const server = await box.http();
    const base = await box.tip();
    server.failNext('push', { kind: 'reset' });
    await expectOneClaim(box, base, await claimIn(box, 'clone', { args }));
  });

  const requests: readonly RequestKind[] = ['info-fetch', 'fetch', 'info-push', 'push'];
  it.each(requests.filter(isTurn))('tries again when the server is overloaded: 503 to %s', async (kind) => {
    await using box = await overHttp();
    const { remote } = box;
    const server = await box.http();
    // Somebody else has pushed, so that there is something to fetch.
    const base = await box.commitTo(remote, 'refs/heads/develop', { '.agents/news.md': 'News\n' });
    server.failNext(kind, { kind: 'status', status: 503, body: 'come back later' });
    await expectOneClaim(box, base, await claimIn(box, 'clone', { args }));
  });
});

it.each<[number, RequestKind, RegExp]>([
  [401, 'info-fetch', /no permission to read origin: .*could not read Username/],
  [403, 'info-fetch', /no permission to read origin: .*403/],
  [401, 'info-push', /the remote refused the push: .*could not read Username/],
  [403, 'info-push', /the remote refused the push: .*403/],
  [403, 'push', /the remote refused the push: .*403/],
])('exits with 4 at once on %d to %s', async (status, kind, words) => {
  await using box = await overHttp();
  const { remote } = box;
  const server = await box.http();
  const base = await box.tip();
  const headers = status === 401 ? { 'WWW-Authenticate': 'Basic realm="queue"' } : {};
  // Who may not read may not push either, and is asked that first.
  const kinds: readonly RequestKind[] = kind === 'info-fetch' ? [kind, 'info-push'] : [kind];
  server.fault = (request) => (kinds.includes(request.kind) ? { kind: 'status', status, headers } : undefined);
  const { run, said } = await claimIn(box, 'clone', { args: ['--combine', 'none'] });
  expect(run).toMatchObject({ code: 4, stdout: '' });
  expect(said).toEqual([expect.stringMatching(words)]);
  expect(server.seen.filter((request) => request.kind === kind)).toHaveLength(1);
  expect(await box.git(remote, 'rev-parse', 'develop')).toBe(base);
});

it.each([
  ['each for itself', ['--no-combine', '--max-retries', '100']],
  ['sharing pushes', ['--max-retries', '100']],
] as const)('answers a pool truly while every second push goes wrong: %s', async (_mode, options) => {
  await using box = await overHttp();
  const { remote } = box;
  const server = await box.http();
  const base = await box.tip();
  let pushes = 0;
  const faults: readonly (Fault | undefined)[] = [{ kind: 'reset-after' }, undefined, { kind: 'reset' }, undefined];
  server.fault = ({ kind }) => (kind === 'push' ? faults[pushes++ % faults.length] : undefined);
  const members = Array.from({ length: 6 }, (_, index) => ({ agent: `agent-${index}`, dir: `pool-${index}`, options }));
  for (const { dir } of members) await cloneOverHttp(box, dir);
  const answers = await claimAtOnce(box, members);
  expectAnswers(answers);
  expect(answers.filter(({ code }) => code === 0)).toHaveLength(3);
  await expectClaims(box, remote, base, answers);
});

it('gives a task to one of several that call themselves the same, in the same second', async () => {
  await using box = await scene({ tasks: 1 });
  const { remote } = box;
  const base = await box.tip();
  const members = Array.from({ length: 6 }, (_, index) => ({
    agent: 'twin',
    dir: `twin-${index}`,
    options: ['--no-combine', '--max-retries', '100'],
  }));
  for (const { dir } of members) await box.clone(remote, dir);
  const answers = await claimAtOnce(box, members);
  // Without an id of its own in each claim, these would build the very same commit, and "up to date" would be a success.
  expect(answers.map(({ code }) => code).sort()).toEqual([0, 1, 1, 1, 1, 1]);
  expectAnswers(answers);
  await expectClaims(box, remote, base, answers);
});
