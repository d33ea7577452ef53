import { describe, expect, it } from 'vitest';
import { classifyPush } from '../../../src/git/answers/push-report.ts';
import { classifyRead } from '../../../src/git/answers/read-report.ts';

const BRANCH = 'refs/heads/develop';

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
