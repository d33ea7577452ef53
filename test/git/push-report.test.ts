import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PushOutcome } from '../../src/git/push-outcome.ts';
import { classifyPush } from '../../src/git/push-report.ts';
import { classifyRead } from '../../src/git/read-report.ts';
import { openUpstream, type Upstream } from '../../src/git/upstream.ts';
import { GitSandbox } from '../support/git-sandbox.ts';
import { type Fault, HttpGitServer, type RequestKind } from '../support/http-git-server.ts';

const BRANCH = 'refs/heads/develop';
const EXTRA = 'refs/agentq/requests/x';

let box: GitSandbox;
let http: HttpGitServer;
let count = 0;

beforeAll(async () => {
  box = await GitSandbox.create();
  http = await HttpGitServer.start(box.root, box.env);
});
afterEach(() => {
  http.fault = () => undefined;
});
afterAll(async () => {
  await http.stop();
  await box.remove();
});

interface Scene {
  readonly remote: string;
  readonly clone: string;
  readonly tip: string;
  /** A commit on the tip that only the clone has. */
  readonly next: string;
  readonly upstream: Upstream;
  push(): Promise<PushOutcome>;
  pushAtomic(): Promise<PushOutcome>;
  remoteTip(): Promise<string | undefined>;
}

async function scene(transport: 'file' | 'http' = 'file'): Promise<Scene> {
  count += 1;
  const remote = await box.bareRemote({ 'q/T.toon': 'one\n' }, { name: `r${count}.git` });
  const clone = await box.clone(remote, `c${count}`);
  if (transport === 'http') await box.git(clone, 'remote', 'set-url', 'origin', http.url(remote));
  const tip = await box.git(remote, 'rev-parse', BRANCH);
  const next = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', 'next');
  const upstream = openUpstream(await box.open(clone), 'origin');
  const update = { ref: BRANCH, expected: tip, to: next };
  return {
    remote,
    clone,
    tip,
    next,
    upstream,
    push: () => upstream.push([update]),
    pushAtomic: () => upstream.push([update, { ref: EXTRA, expected: undefined, to: tip }], { atomic: true }),
    remoteTip: async () => (await box.refs(remote))[BRANCH],
  };
}

/** A pre-receive hook may only change refs outside of its quarantine. */
const OUTSIDE = 'unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES;';

describe('what servers answer over file://', () => {
  it('landed', async () => {
    const { push, remoteTip, next } = await scene();
    expect(await push()).toEqual({ kind: 'landed' });
    expect(await remoteTip()).toBe(next);
  });

  it('a hook that declines is refused, with its words and without its escapes', async () => {
    const { push, pushAtomic, remote, remoteTip, tip } = await scene();
    await box.hook(remote, 'pre-receive', 'printf "\\033[31mPolicy:\\033[0m no\\007 pushes\\r\\n" >&2; exit 1');
    const refused = { kind: 'refused', reason: 'declined', words: 'Policy: no pushes (pre-receive hook declined)' };
    expect(await push()).toEqual({ ...refused, refs: [BRANCH] });
    expect(await pushAtomic()).toEqual({ ...refused, refs: [BRANCH, EXTRA] });
    expect(await remoteTip()).toBe(tip);
  });

  it('an update hook that declines one ref of an atomic push is refused', async () => {
    const { pushAtomic, remote, remoteTip, tip } = await scene();
    await box.hook(remote, 'update', `test "$1" != ${EXTRA}`);
    expect(await pushAtomic()).toMatchObject({ kind: 'refused', reason: 'declined', refs: [EXTRA] });
    expect(await remoteTip()).toBe(tip);
  });

  it('an update hook that declines one of two refs without atomic is unknown: the other is written', async () => {
    const { upstream, remote, tip, next } = await scene();
    await box.hook(remote, 'update', `test "$1" != ${EXTRA}`);
    const outcome = await upstream.push([
      { ref: BRANCH, expected: tip, to: next },
      { ref: EXTRA, expected: undefined, to: tip },
    ]);
    expect(outcome.kind).toBe('unknown');
  });

  it('a hidden ref is refused', async () => {
    const { upstream, remote, tip } = await scene();
    await box.git(remote, 'config', 'receive.hideRefs', 'refs/agentq');
    expect(await upstream.push([{ ref: EXTRA, expected: undefined, to: tip }])).toEqual({
      kind: 'refused',
      reason: 'hidden-ref',
      refs: [EXTRA],
      words: 'deny updating a hidden ref',
    });
  });

  it('a branch that is checked out on the server is refused', async () => {
    const { clone, tip, next, remote } = await scene();
    const server = await box.clone(remote, `server-${clone}`);
    await box.git(clone, 'remote', 'set-url', 'origin', `file://${box.path(server)}`);
    const upstream = openUpstream(await box.open(clone), 'origin');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toMatchObject({
      kind: 'refused',
      reason: 'declined',
      words: expect.stringContaining('refusing to update checked out branch'),
    });
  });

  it('a deletion that is prohibited is refused', async () => {
    const { upstream, remote, tip } = await scene();
    await box.git(remote, 'config', 'receive.denyDeletes', 'true');
    await box.git(remote, 'update-ref', `${BRANCH}2`, tip);
    expect(await upstream.push([{ ref: `${BRANCH}2`, expected: tip, to: undefined }])).toMatchObject({
      kind: 'refused',
      reason: 'declined',
    });
  });

  it('a server without atomic is refused as such', async () => {
    const { pushAtomic, push, remote } = await scene();
    await box.git(remote, 'config', 'receive.advertiseAtomic', 'false');
    expect(await pushAtomic()).toMatchObject({ kind: 'refused', reason: 'no-atomic' });
    expect(await push()).toEqual({ kind: 'landed' });
  });

  it('a name that stands in the way is refused', async () => {
    const { upstream, tip } = await scene();
    expect(await upstream.push([{ ref: `${BRANCH}/x`, expected: undefined, to: tip }])).toMatchObject({
      kind: 'refused',
      reason: 'declined',
    });
  });

  it('a name that is none is our own defect; an object that does not exist was pruned, and may be had again', async () => {
    const { upstream, tip } = await scene();
    const usage = { kind: 'refused', reason: 'usage' };
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: '1'.repeat(40) }])).toMatchObject({
      kind: 'local',
      failure: { code: 'repository-damaged', details: { passing: true } },
    });
    expect(await upstream.push([{ ref: 'refs/heads/a..b', expected: tip, to: tip }])).toMatchObject(usage);
  });

  it('stale info is rejected, also for one ref of an atomic push', async () => {
    const { push, pushAtomic, remote } = await scene();
    await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    expect(await push()).toMatchObject({ kind: 'rejected', words: 'stale info' });
    expect(await pushAtomic()).toMatchObject({ kind: 'rejected' });
  });

  it('a ref that moves between advertisement and update is rejected', async () => {
    const { push, pushAtomic, remote, clone, tip } = await scene();
    const other = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-p', tip, '-m', 'other');
    await box.git(clone, 'push', '-q', 'origin', `${other}:refs/heads/other`);
    await box.hook(remote, 'pre-receive', `${OUTSIDE} git update-ref ${BRANCH} ${other}`);
    expect(await push()).toMatchObject({ kind: 'rejected', words: expect.stringContaining('but expected') });
    await box.git(remote, 'update-ref', BRANCH, tip);
    expect(await pushAtomic()).toMatchObject({ kind: 'rejected' });
  });

  it('a ref that is created or deleted in between is rejected', async () => {
    const { upstream, remote, tip, next } = await scene();
    await box.hook(remote, 'pre-receive', `${OUTSIDE} git update-ref ${EXTRA} ${tip}`);
    expect(await upstream.push([{ ref: EXTRA, expected: undefined, to: next }])).toMatchObject({ kind: 'rejected' });
    await box.hook(remote, 'pre-receive', `${OUTSIDE} git update-ref -d ${EXTRA}`);
    expect(await upstream.push([{ ref: EXTRA, expected: tip, to: undefined }])).toMatchObject({ kind: 'rejected' });
  });

  it('a server that denies non-fast-forwards rejects', async () => {
    const { upstream, remote, clone, tip } = await scene();
    await box.git(remote, 'config', 'receive.denyNonFastForwards', 'true');
    const sibling = await box.git(clone, 'commit-tree', `${tip}^{tree}`, '-m', 'no parent');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: sibling }])).toMatchObject({ kind: 'rejected' });
  });

  for (const lock of [`${BRANCH}.lock`, 'HEAD.lock']) {
    it(`a lock file on the server (${lock}) is no lost race`, async () => {
      const { push, pushAtomic, remote, remoteTip, tip } = await scene();
      await writeFile(box.path(remote, lock), '');
      const locked = { kind: 'locked', words: expect.stringContaining(`${lock}': File exists`) };
      expect(await push()).toEqual(locked);
      expect(await pushAtomic()).toEqual(locked);
      expect(await remoteTip()).toBe(tip);
    });
  }

  it('a lock file on the packed refs is no lost race', async () => {
    const { upstream, remote, tip } = await scene();
    await box.git(remote, 'update-ref', EXTRA, tip);
    await writeFile(box.path(remote, 'packed-refs.lock'), '');
    expect(await upstream.push([{ ref: EXTRA, expected: tip, to: undefined }])).toMatchObject({ kind: 'locked' });
  });

  it('a server that takes no pack of this size refuses it', async () => {
    const { push, remote } = await scene();
    await box.git(remote, 'config', 'receive.maxInputSize', '10');
    expect(await push()).toMatchObject({
      kind: 'refused',
      reason: 'too-large',
      words: expect.stringContaining('pack exceeds maximum allowed size'),
    });
  });

  it('a server that dies before it updates is unknown', async () => {
    const { push, remote, remoteTip, tip } = await scene();
    await box.hook(remote, 'pre-receive', 'kill -9 $PPID');
    expect(await push()).toMatchObject({ kind: 'unknown' });
    expect(await remoteTip()).toBe(tip);
  });

  it('a server that dies after it updated is unknown', async () => {
    const { push, remote, remoteTip, next } = await scene();
    await box.hook(remote, 'post-receive', 'kill -9 $PPID');
    expect(await push()).toMatchObject({ kind: 'unknown' });
    expect(await remoteTip()).toBe(next);
  });

  it('a repository that is not there is refused', async () => {
    const { clone, tip, next } = await scene();
    await box.git(clone, 'remote', 'set-url', 'origin', `file://${box.path('nowhere.git')}`);
    const upstream = openUpstream(await box.open(clone), 'origin');
    expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toMatchObject({
      kind: 'refused',
      words: expect.stringContaining('does not appear to be a git repository'),
    });
  });
});

describe('what servers answer over http', () => {
  it('landed, and rejected', async () => {
    const { push } = await scene('http');
    expect(await push()).toEqual({ kind: 'landed' });
    const late = await scene('http');
    await box.commitTo(late.remote, BRANCH, { 'q/T.toon': 'two\n' });
    expect(await late.push()).toMatchObject({ kind: 'rejected' });
  });

  const basic = { 'WWW-Authenticate': 'Basic realm="git"' };
  const rows: readonly (readonly [string, RequestKind, Fault, object])[] = [
    [
      '401',
      'info-push',
      { kind: 'status', status: 401, headers: basic },
      { kind: 'refused', reason: 'authentication' },
    ],
    ['403', 'info-push', { kind: 'status', status: 403 }, { kind: 'refused', reason: 'authentication' }],
    ['403 for the push itself', 'push', { kind: 'status', status: 403 }, { kind: 'refused', reason: 'authentication' }],
    ['404', 'info-push', { kind: 'status', status: 404 }, { kind: 'refused', reason: 'no-repository' }],
    ['413 for the push itself', 'push', { kind: 'status', status: 413 }, { kind: 'refused', reason: 'too-large' }],
    ['429 for the push itself', 'push', { kind: 'status', status: 429 }, { kind: 'transient', reason: 'rate-limited' }],
    ['429', 'info-push', { kind: 'status', status: 429 }, { kind: 'transient', reason: 'rate-limited' }],
    ['500', 'info-push', { kind: 'status', status: 500 }, { kind: 'transient' }],
    ['503', 'info-push', { kind: 'status', status: 503 }, { kind: 'transient' }],
    ['a reset on the first request', 'info-push', { kind: 'reset' }, { kind: 'transient' }],
    ['a reset of the push', 'push', { kind: 'reset' }, { kind: 'unknown' }],
    ['503 for the push itself', 'push', { kind: 'status', status: 503 }, { kind: 'unknown' }],
  ];
  for (const [name, request, fault, outcome] of rows) {
    it(`${name}: nothing was written`, async () => {
      const { push, remoteTip, tip } = await scene('http');
      // Every one: curl sends a request again whose connection was reset.
      http.fault = ({ kind }) => (kind === request ? fault : undefined);
      expect(await push()).toMatchObject(outcome);
      expect(await remoteTip()).toBe(tip);
    });
  }

  const lost: readonly (readonly [string, Fault])[] = [
    ['reset', { kind: 'reset-after' }],
    ['cut off at once', { kind: 'truncate', bytes: 0 }],
    ['cut off in the middle', { kind: 'truncate', bytes: 20 }],
  ];
  for (const [name, fault] of lost) {
    it(`an answer that is ${name} after the push landed is unknown`, async () => {
      const { push, remoteTip, next } = await scene('http');
      http.fault = ({ kind }) => (kind === 'push' ? fault : undefined);
      expect(await push()).toMatchObject({ kind: 'unknown', words: expect.stringMatching(/\S/) });
      expect(await remoteTip()).toBe(next);
    });
  }

  it('a race lost to the first copy of itself is unknown: curl sent the push twice', async () => {
    const { push, remoteTip, next } = await scene('http');
    http.seen.length = 0;
    http.failNext('push', { kind: 'reset-after' });
    expect(await push()).toMatchObject({
      kind: 'unknown',
      likely: 'rejected',
      words: expect.stringContaining(`is at ${next}`),
    });
    expect(http.seen.filter(({ kind }) => kind === 'push')).toHaveLength(2);
    expect(await remoteTip()).toBe(next);
  });

  it('a push that is sent again because the first copy never arrived lands', async () => {
    const { push, remoteTip, next } = await scene('http');
    http.failNext('push', { kind: 'reset' });
    expect(await push()).toEqual({ kind: 'landed' });
    expect(await remoteTip()).toBe(next);
  });

  it('nobody listening, and a name that does not resolve, are transient', async () => {
    const { clone, tip, next } = await scene();
    const port = await freePort();
    for (const url of [`http://127.0.0.1:${port}/x.git`, 'http://nohost.invalid/x.git', 'ssh://nohost.invalid/x.git']) {
      await box.git(clone, 'remote', 'set-url', 'origin', url);
      const upstream = openUpstream(await box.open(clone), 'origin');
      const outcome = await upstream.push([{ ref: BRANCH, expected: tip, to: next }]);
      expect(outcome, url).toMatchObject({ kind: 'transient' });
    }
  });

  it('does not show a password', async () => {
    const { clone, tip, next } = await scene();
    const port = await freePort();
    await box.git(clone, 'remote', 'set-url', 'origin', `http://agent:secret@127.0.0.1:${port}/x.git`);
    const upstream = openUpstream(await box.open(clone), 'origin');
    const outcome = await upstream.push([{ ref: BRANCH, expected: tip, to: next }]);
    expect(JSON.stringify(outcome)).not.toContain('secret');
    await expect(upstream.look(BRANCH, [])).rejects.not.toThrow('secret');
  });

  it('reads are unreachable or refused', async () => {
    const { upstream } = await scene('http');
    for (const status of [500, 503, 429]) {
      http.failNext('info-fetch', { kind: 'status', status });
      await expect(upstream.look(BRANCH, [])).rejects.toMatchObject({ code: 'remote-unreachable' });
    }
    http.failNext('info-fetch', { kind: 'reset' });
    await expect(upstream.look(BRANCH, [])).rejects.toMatchObject({ code: 'remote-unreachable' });
    for (const status of [401, 403, 404]) {
      http.failNext('info-fetch', { kind: 'status', status, headers: basic });
      await expect(upstream.look(BRANCH, [])).rejects.toMatchObject({ code: 'remote-refused' });
    }
  });
});

/** What hosts print that cannot be run here, as their documentation and issue trackers quote it. */
describe('what hosts answer', () => {
  const line = (reason: string) => `To host\n!\tabc:${BRANCH}\t[remote rejected] (${reason})\nDone\n`;
  const rows: readonly (readonly [string, string, string, object])[] = [
    [
      'GitHub, protected branch',
      line('protected branch hook declined'),
      'remote: error: GH006: Protected branch update failed for refs/heads/develop.\nremote: error: Changes must be made through a pull request.\n',
      { kind: 'refused', reason: 'declined' },
    ],
    [
      'GitHub, repository rule',
      line('push declined due to repository rule violations'),
      'remote: error: GH013: Repository rule violations found for refs/heads/develop.\n',
      { kind: 'refused', reason: 'declined' },
    ],
    [
      'GitLab, protected branch',
      line('pre-receive hook declined'),
      'remote: GitLab: You are not allowed to push code to protected branches on this project.\n',
      { kind: 'refused', reason: 'declined' },
    ],
    ['GitLab, lost race', line('incorrect old value provided'), '', { kind: 'rejected' }],
    ['git 2.50, lost race on creation', line('reference already exists'), '', { kind: 'rejected' }],
    ['somebody was first', '!\ta:b\t[rejected] (fetch first)\n', '', { kind: 'rejected' }],
    [
      'GitHub over ssh, no permission',
      '',
      'ERROR: Permission to owner/repo.git denied to somebody.\nfatal: Could not read from remote repository.\n',
      { kind: 'refused', reason: 'authentication' },
    ],
    [
      'ssh without a key',
      '',
      'git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.\n',
      { kind: 'refused', reason: 'authentication' },
    ],
    [
      'ssh with an unknown host key',
      '',
      'Host key verification failed.\nfatal: Could not read from remote repository.\n',
      { kind: 'refused', reason: 'authentication' },
    ],
    [
      'GitHub over ssh, no such repository',
      '',
      'ERROR: Repository not found.\nfatal: Could not read from remote repository.\n',
      { kind: 'refused' },
    ],
    [
      'GitHub over https, password',
      '',
      "remote: Support for password authentication was removed on August 13, 2021.\nfatal: Authentication failed for 'https://github.com/o/r.git/'\n",
      { kind: 'refused', reason: 'authentication' },
    ],
    [
      'ssh, connection reset at once',
      '',
      'kex_exchange_identification: read: Connection reset by peer\nfatal: Could not read from remote repository.\n',
      { kind: 'transient' },
    ],
    [
      'ssh, connection timed out',
      '',
      'ssh: connect to host github.com port 22: Connection timed out\nfatal: Could not read from remote repository.\n',
      { kind: 'transient' },
    ],
    [
      'ssh, connection lost in the middle',
      '',
      'client_loop: send disconnect: Broken pipe\nfatal: the remote end hung up unexpectedly\n',
      { kind: 'unknown' },
    ],
    [
      'a gateway that gave up waiting',
      '',
      'error: RPC failed; HTTP 504 curl 22 The requested URL returned error: 504\nsend-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\n',
      { kind: 'unknown' },
    ],
    [
      "the user's mirror",
      '',
      "fatal: --mirror can't be combined with refspecs\n",
      { kind: 'refused', reason: 'usage' },
    ],
    ['silence', '', '', { kind: 'unknown' }],
  ];
  for (const [name, stdout, stderr, outcome] of rows) {
    it(name, () => {
      expect(classifyPush({ exitCode: 1, stdout, stderr })).toMatchObject(outcome);
    });
  }

  it('success without a line for the ref, or up to date, is unknown', () => {
    expect(classifyPush({ exitCode: 0, stdout: 'To x\nDone\n', stderr: '' }).kind).toBe('unknown');
    expect(classifyPush({ exitCode: 0, stdout: `=\ta:${BRANCH}\t[up to date]\nDone\n`, stderr: '' }).kind).toBe(
      'unknown',
    );
  });

  it('a written ref and exit code 1 is unknown, whatever else is said', () => {
    const stdout = ` \ta:${BRANCH}\t1..2\n!\tb:c\t[remote rejected] (hook declined)\n`;
    expect(classifyPush({ exitCode: 1, stdout, stderr: '' }).kind).toBe('unknown');
  });

  it('words of a read are on one line, without what is only for terminals', () => {
    const failure = classifyRead('remote: \u001b[1mone\u001b[0m\u0007\nremote: two\u202e\nhint: do this\n', 'origin');
    expect(failure.message).toBe('remote origin cannot be reached: one; two');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}
