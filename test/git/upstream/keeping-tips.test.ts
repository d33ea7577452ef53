import { describe, expect, it } from 'vitest';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { ReceivedObjects } from '../../kit/remotes/received-objects.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { BRANCH, remoteAndClone } from '../../kit/scene/upstream-scene.ts';

/** What four commits bring, each with a changed file: a commit, two trees and a blob. */
const FOUR_COMMITS = 4 * 4;

let edits = 0;

/** Somebody's commits, each with a change of its own. @returns the last one */
async function news(box: Scene, repository: string, commits = 4, branch = BRANCH): Promise<string> {
  const parent = (await box.tryGit(repository, 'rev-parse', '-q', '--verify', branch)).stdout.trim();
  const lines = Array.from({ length: commits }, (_, index) => {
    const text = `${++edits}`;
    const from = index === 0 && parent !== '' ? `from ${parent}\n` : '';
    const when = `${1_800_000_000 + edits} +0000`;
    const file = `M 100644 inline q/T.toon\ndata ${text.length}\n${text}\n`;
    return `commit ${branch}\ncommitter Somebody <s@example.com> ${when}\ndata 6\nChange\n${from}${file}`;
  });
  const { exitCode, stderr } = await box.run(box.path(repository), 'git', ['fast-import', '--quiet'], lines.join(''));
  expect(exitCode, stderr).toBe(0);
  return box.git(repository, 'rev-parse', branch);
}

/** A process that fetches the commit and ends. @returns how many objects it got */
async function fetched(box: Scene, clone: string, tip: string): Promise<number> {
  const received = new ReceivedObjects(box);
  const upstream = openUpstream(await box.open(clone, { env: received.env }), 'origin');
  expect(await upstream.fetchCommit(BRANCH, tip)).toEqual({ kind: 'present' });
  await upstream.tidy?.();
  return received.count();
}

async function keptRefs(box: Scene, clone: string): Promise<readonly (readonly [string, string])[]> {
  return Object.entries(await box.refs(clone)).filter(([ref]) => ref.startsWith('refs/agentq/'));
}

describe('a clone that only fetches', () => {
  it.each([
    ['file, protocol 2', '2', 'file', []],
    ['file, protocol 0', '0', 'file', []],
    ['http', '2', 'http', []],
    ['file, one branch', '2', 'file', ['--single-branch', '--branch=develop']],
    ['file, shallow', '2', 'file', ['--depth=1']],
    ['file, partial', '2', 'file', ['--filter=blob:none']],
  ] as const)('gets as many objects as there are new ones, over %s', async (name, version, transport, cloning) => {
    await using box = await scene();
    const { remote, clone } = await remoteAndClone(box, { cloning });
    await box.git(clone, 'config', 'protocol.version', version);
    if (transport === 'http') await box.git(clone, 'remote', 'set-url', 'origin', (await box.http()).url(remote));
    const before = await box.refs(clone);
    const counts: number[] = [];
    for (let round = 0; round < 4; round++) counts.push(await fetched(box, clone, await news(box, remote)));
    const isWithoutBlobs = name === 'file, partial';
    expect(counts).toEqual(Array.from({ length: 4 }, () => (isWithoutBlobs ? FOUR_COMMITS - 4 : FOUR_COMMITS)));
    const kept = await keptRefs(box, clone);
    expect(kept).toHaveLength(1);
    expect(await box.refs(clone)).toEqual({ ...before, ...Object.fromEntries(kept) });
    expect(await box.git(clone, 'branch', '-a', '--contains', kept[0]?.[1] ?? '')).toBe('');
    // Of a partial clone, git does not follow what it could fetch again, and takes its trees for dangling.
    const dangling = isWithoutBlobs ? ['--no-dangling'] : [];
    expect(await box.git(clone, 'fsck', '--connectivity-only', ...dangling)).toBe('');
  });

  it('keeps it through a packing of the refs, and a pruning of what no ref reaches', async () => {
    await using box = await scene();
    const { remote, clone } = await remoteAndClone(box);
    await fetched(box, clone, await news(box, remote));
    await box.git(clone, 'gc', '-q', '--prune=now');
    expect(await fetched(box, clone, await news(box, remote))).toBe(FOUR_COMMITS);
    expect(await fetched(box, clone, await news(box, remote))).toBe(FOUR_COMMITS);
  });

  it('follows a branch that was made anew', async () => {
    await using box = await scene();
    const { remote, clone, tip } = await remoteAndClone(box);
    await fetched(box, clone, await news(box, remote));
    await box.git(remote, 'update-ref', BRANCH, tip);
    const other = await news(box, remote);
    expect(await fetched(box, clone, other)).toBe(FOUR_COMMITS);
    expect((await keptRefs(box, clone)).map(([, oid]) => oid)).toEqual([other]);
  });

  it('leaves a clone alone that mirrors: its refs are pushed', async () => {
    await using box = await scene();
    const { remote } = await remoteAndClone(box);
    const mirror = await box.clone(remote, 'mirror', '--bare');
    await box.git(mirror, 'config', 'remote.origin.mirror', 'true');
    await fetched(box, mirror, await news(box, remote));
    expect(await keptRefs(box, mirror)).toEqual([]);
  });
});

describe('a clone that knows more than it has kept', () => {
  it('names what a push has moved, and what is checked out', async () => {
    await using box = await scene();
    const { remote, clone } = await remoteAndClone(box);
    await fetched(box, clone, await news(box, remote));
    // Our own push: the ref of the remote's branch moves, and nothing else need be kept.
    const log: string[][] = [];
    const upstream = openUpstream(await box.open(clone, { log }), 'origin');
    const tip = await news(box, remote);
    await upstream.fetchCommit(BRANCH, tip);
    const own = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', 'own');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: own }])).toEqual({ kind: 'landed' });
    await upstream.tidy?.();
    // A push moves it by one process, unless git does both.
    const kept = log.filter(([command, ...args]) => command === 'update-ref' && !args.includes('--stdin'));
    expect(kept).toEqual([]);
    expect(await fetched(box, clone, await news(box, remote))).toBe(FOUR_COMMITS);
    // The user pulls what others have done.
    await news(box, remote, 30);
    await box.git(clone, 'fetch', '-q', `file://${box.path(remote)}`, 'develop');
    await box.git(clone, 'merge', '-q', '--ff-only', 'FETCH_HEAD');
    expect(await fetched(box, clone, await news(box, remote))).toBe(FOUR_COMMITS);
  });

  it('keeps what it pushed where no ref of the clone follows the branch', async () => {
    await using box = await scene();
    const { clone, tip } = await remoteAndClone(box);
    await box.git(clone, 'config', 'remote.origin.fetch', '+refs/heads/main:refs/remotes/origin/main');
    const upstream = openUpstream(await box.open(clone), 'origin');
    const own = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', 'own');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: own }])).toEqual({ kind: 'landed' });
    await upstream.tidy?.();
    expect((await keptRefs(box, clone)).map(([, oid]) => oid)).toEqual([own]);
  });

  it('does not ask the server about commits that were never pushed', async () => {
    await using box = await scene();
    const { remote, clone } = await remoteAndClone(box);
    const server = await box.http();
    await box.git(clone, 'remote', 'set-url', 'origin', server.url(remote));
    await fetched(box, clone, await news(box, remote));
    // An agent's own work: newer than all that the server has.
    await news(box, clone, 40, 'refs/heads/feature');
    const tip = await news(box, remote);
    server.seen.length = 0;
    expect(await fetched(box, clone, tip)).toBe(FOUR_COMMITS);
    expect(server.seen.map(({ kind }) => kind)).toEqual(['info-fetch', 'fetch']);
  });
});

it('lets any number of processes of one clone keep at once, and moves back for none', async () => {
  await using box = await scene();
  const { remote, clone } = await remoteAndClone(box);
  const tips: string[] = [];
  for (let one = 0; one < 12; one++) tips.push(await news(box, remote, 1));
  await Promise.all(tips.map((tip) => fetched(box, clone, tip)));
  const [kept] = await keptRefs(box, clone);
  expect(tips).toContain(kept?.[1]);
  expect(await fetched(box, clone, await news(box, remote))).toBeLessThanOrEqual(FOUR_COMMITS + 12 * 4);
  // Who comes too late, with an older commit, leaves a newer one where it is.
  const late = openUpstream(await box.open(clone), 'origin');
  const older = await news(box, remote);
  await late.fetchCommit(BRANCH, older);
  const newer = await news(box, remote);
  await fetched(box, clone, newer);
  await late.tidy?.();
  expect((await keptRefs(box, clone)).map(([, oid]) => oid)).toEqual([newer]);
});
