import { chmod, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWorthRemembering, type PushOutcome } from '../../../src/git/answers/push-outcome.ts';
import { classifyPush } from '../../../src/git/answers/push-report.ts';
import { classifyRead } from '../../../src/git/answers/read-report.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const BRANCH = 'refs/heads/develop';
const NO_ANSWER =
  'fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\n';

/** The report of a push whose only ref the server rejected for this reason. */
const rejected = (reason: string, to = 'host') => `To ${to}\n!\tabc:${BRANCH}\t[remote rejected] (${reason})\nDone\n`;

function answer(stdout: string, stderr: string, exitCode = 1): PushOutcome {
  return classifyPush({ exitCode, stdout, stderr });
}

describe('a server that says no, ref by ref', () => {
  const reasons: readonly string[] = [
    'Working directory has unstaged changes',
    'Working directory has staged changes',
    'working tree is not clean',
    'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.',
    'prohibited by Gerrit: not permitted: update',
    'no new changes',
    'branch is currently checked out',
    'deletion of the current branch prohibited',
    'deny updating a hidden ref',
    'shallow update not allowed',
    'push declined due to email privacy restrictions',
    'Repository is archived',
    'a reason that nobody has ever seen',
  ];
  it.each(reasons)('is refused in its own words: %s', (reason) => {
    expect(answer(rejected(reason), '')).toMatchObject({
      kind: 'refused',
      refs: [BRANCH],
      words: expect.stringContaining(reason),
    });
  });

  it('is refused for every reason that is not known to be a race, or unclear', () => {
    const known =
      /atomic|lock|fetch|stale|transaction|update|value|reference|fail|intern|time|tempor|try|busy|load|main/i;
    const reason = fc.stringMatching(/^[a-z][a-z ]{0,30}[a-z]$/).filter((text) => !known.test(text));
    fc.assert(fc.property(reason, (text) => answer(rejected(text), '').kind === 'refused'));
  });

  const races: readonly string[] = [
    'fetch first',
    'non-fast-forward',
    'failed to update ref',
    'incorrect old value provided',
    'failed to lock',
    'lock failure',
    'transaction aborted',
    'atomic push failure',
    `cannot lock ref '${BRANCH}': is at 1111111 but expected 2222222`,
    'reference already exists',
  ];
  it.each(races)('and means a race: %s', (reason) => {
    expect(answer(rejected(reason), '')).toMatchObject({ kind: 'rejected' });
    // curl may have sent the push twice.
    expect(answer(rejected(reason, 'https://host/r.git'), '')).toMatchObject({ kind: 'unknown', likely: 'rejected' });
  });

  it.each(['Internal Server Error', 'timed out', 'temporarily unavailable', 'please try again later', ''])(
    'and does not know itself: %s',
    (reason) => {
      expect(answer(rejected(reason), '').kind).toBe('unknown');
    },
  );

  it('has not said anything of the ref where the connection broke before', () => {
    const line = `!\tabc:${BRANCH}\t[remote failure] (remote failed to report status)\n`;
    expect(answer(line, 'fatal: the remote end hung up unexpectedly\n').kind).toBe('unknown');
  });

  it('is no lost race where it may not write to its own files', () => {
    for (const trouble of ['Permission denied', 'Read-only file system', 'File name too long', 'Not a directory']) {
      const stderr = `remote: error: cannot lock ref '${BRANCH}': Unable to create '/r.git/${BRANCH}.lock': ${trouble}\n`;
      for (const reason of ['failed to update ref', 'atomic transaction failed']) {
        expect(answer(rejected(reason), stderr)).toMatchObject({ kind: 'refused', reason: 'declined' });
      }
    }
    const objects =
      'remote: error: insufficient permission for adding an object to repository database ./objects\nremote: fatal: failed to write object\nerror: remote unpack failed: unpack-objects abnormal exit\n';
    expect(answer(rejected('unpacker error'), objects)).toMatchObject({ kind: 'refused', reason: 'declined' });
  });

  it('is transient where its disk is full', () => {
    const stderr =
      'remote: fatal: write error: No space left on device\nerror: remote unpack failed: index-pack abnormal exit\n';
    expect(answer(rejected('unpacker error'), stderr)).toMatchObject({ kind: 'transient' });
  });

  it('and has another push at work: a lock file counts less than a ref that has moved', () => {
    const lock = `remote: error: Unable to create '/r.git/${BRANCH}.lock': File exists.\n`;
    const moved = `remote: error: cannot lock ref '${BRANCH}': is at 1111111 but expected 2222222\n`;
    expect(answer(rejected('failed to update ref'), lock)).toMatchObject({ kind: 'locked' });
    expect(answer(rejected('failed to update ref'), lock + moved)).toMatchObject({ kind: 'rejected' });
  });

  it('also where git ends with 0: then it is not known what was written', () => {
    expect(answer(rejected('hook declined'), '', 0).kind).toBe('unknown');
  });

  it('and a banner says nothing of who was first', () => {
    const banner = 'remote: You are not welcome here without permission. Access denied to strangers.\n';
    expect(answer('!\ta:b\t[rejected] (stale info)\n', banner)).toMatchObject({ kind: 'rejected' });
  });
});

describe('a server that does not serve us, over ssh', () => {
  const permanent: readonly string[] = [
    'FATAL: W any q user DENIED by fallthru',
    'FATAL: R any q user DENIED by fallthru',
    '(or you mis-spelled the reponame)\nFATAL: R any repo user DENIED',
    'ERROR: The repository you are trying to push to is marked as read only.',
    'ERROR: This repository was archived so it is read-only.',
    'ERROR: Repository is read-only',
    'Repository is read-only',
    'ERROR: Permission to owner/repo.git denied to somebody.',
    'ERROR: Permission to owner/repo denied',
    "ERROR: You're using an RSA key with SHA-1, which is no longer allowed.",
    'ERROR: Your account is suspended. Please contact support.',
    'GitLab: You are not allowed to push code to this project.',
    'remote: ERROR: The project you were looking for could not be found.',
    'remote: ERROR: This deploy key does not have write access to this project.',
    'ERROR: Something that we have never seen, said for good.',
    "remote: TF401027: You need the Git 'GenericContribute' permission to perform this action.",
    'conq: repository access denied.',
    'Unauthorized',
    'bash: line 1: git-receive-pack: command not found',
    'Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa',
    'Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures',
    '/home/u/.ssh/config: line 3: Bad configuration option: foo',
  ];
  it.each(permanent)('for good: %s', (said) => {
    expect(answer('', `${said}\n${NO_ANSWER}`)).toMatchObject({ kind: 'refused' });
    expect(classifyRead(`${said}\n${NO_ANSWER}`, 'origin').code).toBe('remote-refused');
  });

  const passing: readonly string[] = [
    'ERROR: Internal Server Error',
    'ERROR: The service is temporarily unavailable, please try again later.',
    'ERROR: Repository is temporarily read-only while it is being moved.',
    'kex_exchange_identification: Connection closed by remote host',
    'ssh: connect to host example.com port 22: Connection refused',
    'ssh: connect to host example.com port 22: Operation not permitted',
    'Connection closed by 10.0.0.1 port 22',
  ];
  it.each(passing)('just now: %s', (said) => {
    expect(answer('', `${said}\n${NO_ANSWER}`)).toMatchObject({ kind: 'transient' });
    expect(classifyRead(`${said}\n${NO_ANSWER}`, 'origin').code).toBe('remote-unreachable');
  });
});

describe('a server that does not serve us, over http', () => {
  const unable = (what: string) => `fatal: unable to access 'https://host/r.git/': ${what}\n`;
  const returned = (status: number) => unable(`The requested URL returned error: ${status}`);
  const broken = (status: number) =>
    `error: RPC failed; HTTP ${status} curl 22 The requested URL returned error: ${status}\nsend-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\n`;

  it.each<[number, object, object]>([
    [401, { kind: 'refused', reason: 'authentication' }, { kind: 'refused', reason: 'authentication' }],
    [403, { kind: 'refused', reason: 'authentication' }, { kind: 'refused', reason: 'authentication' }],
    [404, { kind: 'refused', reason: 'no-repository' }, { kind: 'refused', reason: 'no-repository' }],
    [407, { kind: 'refused', reason: 'authentication' }, { kind: 'refused', reason: 'authentication' }],
    [413, { kind: 'refused', reason: 'too-large' }, { kind: 'refused', reason: 'too-large' }],
    [429, { kind: 'transient', reason: 'rate-limited' }, { kind: 'transient', reason: 'rate-limited' }],
    [400, { kind: 'unknown' }, { kind: 'unknown' }],
    [409, { kind: 'unknown' }, { kind: 'unknown' }],
    [408, { kind: 'transient' }, { kind: 'unknown' }],
    [500, { kind: 'transient' }, { kind: 'unknown' }],
    [502, { kind: 'transient' }, { kind: 'unknown' }],
    [504, { kind: 'transient' }, { kind: 'unknown' }],
  ])('%d, at first and for the push itself', (status, first, then) => {
    expect(answer('', returned(status))).toMatchObject(first);
    expect(answer('', broken(status))).toMatchObject(then);
  });

  it('whose certificate is not trusted: the hint is about that, not about the URL', () => {
    const stderr = unable('SSL certificate problem: unable to get local issuer certificate');
    expect(answer('', stderr)).toMatchObject({ kind: 'refused', reason: 'certificate' });
    expect(classifyRead(stderr, 'origin')).toMatchObject({
      code: 'remote-refused',
      hint: expect.stringContaining('http.sslCAInfo'),
    });
  });

  it('behind a proxy that wants a password', () => {
    const stderr = unable('Received HTTP code 407 from proxy after CONNECT');
    expect(answer('', stderr)).toMatchObject({ kind: 'refused', reason: 'authentication' });
  });
});

describe('what is remembered of a server', () => {
  it('is what it can do, and never that credentials were missing or requests too many', () => {
    const refused = (reason: Extract<PushOutcome, { kind: 'refused' }>['reason']): PushOutcome => ({
      kind: 'refused',
      reason,
      words: '',
    });
    expect(isWorthRemembering(refused('declined'))).toBe(true);
    expect(isWorthRemembering(refused('hidden-ref'))).toBe(true);
    for (const reason of ['authentication', 'certificate', 'too-large', 'damaged', 'usage', 'no-repository'] as const) {
      expect(isWorthRemembering(refused(reason)), reason).toBe(false);
    }
    expect(isWorthRemembering({ kind: 'transient', reason: 'rate-limited', words: '' })).toBe(false);
    expect(isWorthRemembering({ kind: 'unknown', words: '' })).toBe(false);
  });
});

describe('a repository that is damaged', () => {
  async function pushing(box: Scene, name = 'clone') {
    const remote = await box.bareRemote({ 'q/T.toon': 'one\n' }, { name: `${name}.git` });
    const clone = await box.clone(remote, name);
    const tip = await box.git(remote, 'rev-parse', BRANCH);
    const next = await box.commit(clone, { 'q/U.toon': 'two\n' });
    const upstream = openUpstream(await box.open(clone), 'origin');
    return {
      remote,
      clone,
      tip,
      next,
      upstream,
      push: () => upstream.push([{ ref: BRANCH, expected: tip, to: next }]),
    };
  }
  const objectFile = (box: Scene, dir: string, oid: string) => box.path(dir, 'objects', oid.slice(0, 2), oid.slice(2));
  async function corrupt(file: string): Promise<void> {
    await chmod(file, 0o644);
    await writeFile(file, 'garbage');
  }

  it('on the server is called that, whatever is asked of it', async () => {
    const damaged = { kind: 'refused', reason: 'damaged' };
    for (const spoil of [(file: string) => rm(file), corrupt]) {
      await using box = await scene();
      const { remote, push, upstream, tip } = await pushing(box);
      const objects = await box.git(remote, 'rev-parse', `${tip}:q/T.toon`, `${tip}^{tree}`);
      for (const oid of objects.split('\n')) await spoil(objectFile(box, remote, oid));
      expect(await push()).toMatchObject(damaged);
      await box.git('.', 'init', '-q', 'other');
      await box.git('other', 'remote', 'add', 'origin', `file://${box.path(remote)}`);
      const fresh = openUpstream(await box.open('other'), 'origin');
      await expect(fresh.fetchCommit(BRANCH, tip)).rejects.toMatchObject({ code: 'remote-damaged' });
      await spoil(objectFile(box, remote, tip));
      // Where git lists the ref all the same, only a fetch can tell.
      const look = await upstream.look(BRANCH, []).catch((error: unknown) => error);
      if (look instanceof Error) expect(look).toMatchObject({ code: 'remote-damaged' });
    }
  });

  it('here is called that: missing objects may be had again, damaged ones not', async () => {
    await using box = await scene();
    const missing = await pushing(box);
    const tree = await box.git(missing.clone, 'rev-parse', `${missing.next}^{tree}`);
    await rm(objectFile(box, `${missing.clone}/.git`, tree));
    expect(await missing.push()).toMatchObject({
      kind: 'local',
      failure: { code: 'repository-damaged', details: { passing: true } },
    });
    const damaged = await pushing(box, 'damaged');
    const other = await box.git(damaged.clone, 'rev-parse', `${damaged.next}^{tree}`);
    await corrupt(objectFile(box, `${damaged.clone}/.git`, other));
    const outcome = await damaged.push();
    expect(outcome).toMatchObject({ kind: 'local', failure: { code: 'repository-damaged', details: {} } });
    expect(outcome.kind === 'local' && outcome.failure.hint).toContain('git fsck');
    expect((await box.refs(damaged.remote))[BRANCH]).toBe(damaged.tip);
  });
});
