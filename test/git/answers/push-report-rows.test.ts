import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wasNotSent } from '../../../src/git/answers/push-outcome.ts';
import { classifyPush, classifyUpdate } from '../../../src/git/answers/push-report.ts';

/** What counts more than what, in the report of a push: pure rows, no server. */

const BRANCH = 'refs/heads/develop';
const EXTRA = 'refs/agentq/requests/x';
const OID = '1'.repeat(40);

const FLAGS = { ' ': 'moved', '+': 'forced', '-': 'deleted', '*': 'made', '=': 'up to date', '!': 'refused' } as const;
type Flag = keyof typeof FLAGS;

const lineOf = (flag: Flag, ref = BRANCH, summary = flag === '!' ? '[remote rejected] (stale info)' : '1..2'): string =>
  `${flag}\t${OID}:${ref}\t${summary}\n`;
const report = (...lines: readonly string[]): string => `To host\n${lines.join('')}Done\n`;
const classify = (exitCode: number, stdout: string, stderr = '') => classifyPush({ exitCode, stdout, stderr });

describe('a push of one ref', () => {
  it.each<[Flag, number, string]>([
    [' ', 0, 'landed'],
    ['+', 0, 'landed'],
    ['-', 0, 'landed'],
    ['*', 0, 'landed'],
    ['=', 0, 'unknown'],
    ['!', 0, 'unknown'],
    [' ', 1, 'unknown'],
    ['+', 1, 'unknown'],
    ['-', 1, 'unknown'],
    ['*', 1, 'unknown'],
    ['=', 1, 'unknown'],
    ['!', 1, 'rejected'],
    ['!', 128, 'rejected'],
  ])('that is marked %j, with exit code %d, is %s', (flag, exitCode, kind) => {
    expect(classify(exitCode, report(lineOf(flag))).kind).toBe(kind);
  });
});

describe('a push of two refs', () => {
  const flags = Object.keys(FLAGS) as Flag[];
  const pairs = flags.flatMap((first) => flags.map((second): [Flag, Flag] => [first, second]));

  it.each(pairs)('marked %j and %j has landed only where both were written and git ended well', (first, second) => {
    const isWritten = (flag: Flag): boolean => ' +-*'.includes(flag);
    const stdout = report(lineOf(first), lineOf(second, EXTRA));
    const well = isWritten(first) && isWritten(second);
    expect(classify(0, stdout).kind).toBe(well ? 'landed' : 'unknown');
    expect(classify(1, stdout).kind).toBe(first === '!' && second === '!' ? 'rejected' : 'unknown');
  });

  it('says of which refs it was refused, and of those only', () => {
    const declined = (ref: string) => lineOf('!', ref, '[remote rejected] (hook declined)');
    const race = lineOf('!', BRANCH, '[rejected] (stale info)');
    expect(classify(1, report(race, declined(EXTRA)))).toMatchObject({ reason: 'declined', refs: [EXTRA] });
    expect(classify(1, report(declined(BRANCH), declined(EXTRA)))).toMatchObject({ refs: [BRANCH, EXTRA] });
    const unlisted = lineOf('!', EXTRA, '[remote rejected] (a reason of its own)');
    expect(classify(1, report(race, unlisted))).toMatchObject({ kind: 'refused', refs: [EXTRA] });
    const hidden = lineOf('!', EXTRA, '[remote rejected] (deny updating a hidden ref)');
    expect(classify(1, report(hidden, declined(BRANCH)))).toMatchObject({ reason: 'hidden-ref', refs: [EXTRA] });
  });
});

describe('what counts more', () => {
  const race = report(lineOf('!', BRANCH, '[remote rejected] (failed to update ref)'));
  const lock = `remote: error: Unable to create '/r.git/${BRANCH}.lock': File exists.\n`;
  const found = (words: string) => `remote: error: cannot lock ref '${BRANCH}': ${words}\n`;

  it.each([
    `is at ${OID} but expected ${'2'.repeat(40)}`,
    'reference already exists',
    "unable to resolve reference 'x'",
    `reference is missing but expected ${OID}`,
  ])('than a lock file of the server: that the ref has moved (%s)', (words) => {
    expect(classify(1, race, lock)).toMatchObject({ kind: 'locked' });
    expect(classify(1, race, `${lock}${found(words)}`)).toMatchObject({ kind: 'rejected' });
    expect(classify(1, race, `${found(words)}${lock}`)).toMatchObject({ kind: 'rejected' });
  });

  it('than a lost race: that the server declines one of the refs, or that it may not write', () => {
    const declined = lineOf('!', EXTRA, '[remote rejected] (pre-receive hook declined)');
    expect(classify(1, report(lineOf('!'), declined))).toMatchObject({ kind: 'refused', reason: 'declined' });
    const readOnly = `remote: error: cannot lock ref '${BRANCH}': Read-only file system\n`;
    expect(classify(1, race, readOnly)).toMatchObject({ kind: 'refused', reason: 'declined' });
  });

  it('than that nothing arrived: that the connection broke during the push', () => {
    const refused = 'ssh: connect to host h port 22: Connection refused\n';
    expect(classify(128, '', refused).kind).toBe('transient');
    for (const words of [
      'RPC failed',
      'unexpected disconnect',
      'hung up unexpectedly',
      'early EOF',
      'sideband',
      'Broken pipe',
    ]) {
      expect(classify(128, '', `${refused}error: ${words}\n`).kind, words).toBe('unknown');
      expect(classify(128, '', `error: ${words}\n`).kind, words).toBe('unknown');
    }
  });

  it('than a race over http: that curl may have sent the push twice, where the server says it', () => {
    const over = (url: string, summary: string) => `To ${url}\n${lineOf('!', BRANCH, summary)}Done\n`;
    for (const url of ['http://h/r.git', 'https://h/r.git']) {
      const sent = classify(1, over(url, '[remote rejected] (stale info)'));
      expect(sent).toMatchObject({ kind: 'unknown', likely: 'rejected' });
      expect(classify(1, over(url, '[rejected] (stale info)'))).toEqual({ kind: 'rejected', words: 'stale info' });
    }
    for (const url of ['ssh://h/r.git', 'file:///r.git', '/r.git', 'ssh://h/https://x']) {
      expect(classify(1, over(url, '[remote rejected] (stale info)'))).toEqual({
        kind: 'rejected',
        words: 'stale info',
      });
    }
  });

  it('than one of two races over http: the one that the server tells', () => {
    const lines = [
      lineOf('!', BRANCH, '[rejected] (stale info)'),
      lineOf('!', EXTRA, '[remote rejected] (stale info)'),
    ];
    expect(classify(1, `To https://h/r\n${lines.join('')}`)).toMatchObject({ kind: 'unknown', likely: 'rejected' });
  });
});

describe('a push that never arrived', () => {
  const unable = (what: string) => `fatal: unable to access 'https://host/r.git/': ${what}\n`;

  it.each([
    'fatal: Could not resolve host: h\n',
    'fatal: Could not resolve proxy: h\n',
    'ssh: Could not resolve hostname h: Name or service not known\n',
    'ssh: Could not resolve hostname h: Temporary failure in name resolution\n',
    'nodename nor servname provided\n',
    'fatal: unable to look up h\n',
    'fatal: unable to connect to h:\n',
    'ssh: connect to host h port 22: Connection refused\n',
    'ssh: connect to host h port 22: Connection timed out\n',
    'read: Connection reset by peer\n',
    'ssh_exchange_identification: Connection closed\n',
    'kex_exchange_identification: banner line\n',
    'connect: Network is unreachable\n',
    'connect: No route to host\n',
    'connect: Operation timed out\n',
    'fatal: the remote end hung up upon initial contact\n',
    'error: remote unpack failed: index-pack abnormal exit\n',
    unable('Failed to connect to host port 443'),
    unable('The requested URL returned error: 408'),
    unable('The requested URL returned error: 500'),
    unable('The requested URL returned error: 503'),
  ])('is transient: %j', (stderr) => {
    expect(classify(128, '', stderr)).toMatchObject({ kind: 'transient' });
  });

  it('is wordless only where git tells nothing but that the server has ended it', () => {
    const silence =
      'fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n';
    const wordless = { kind: 'transient', reason: 'wordless' };
    for (const said of [silence, 'fatal: the remote end hung up upon initial contact\n']) {
      expect(classify(128, '', said)).toMatchObject(wordless);
      expect(wasNotSent(classify(128, '', said))).toBe(true);
    }
    for (const more of [
      'kex_exchange_identification: read\n',
      'Connection to h closed by remote host.\n',
      'remote: Moment\n',
    ]) {
      expect(classify(128, '', more + silence)).not.toMatchObject(wordless);
      expect(wasNotSent(classify(128, '', more + silence))).toBe(false);
    }
    expect(classify(1, report(lineOf('!', BRANCH, '[remote failure] ()')), silence)).not.toMatchObject(wordless);
  });

  it.each([400, 402, 405, 406, 409, 411, 412, 414, 415, 418, 422, 423, 426, 431, 451])(
    'with a %d, which is the answer of somebody in between, is unknown',
    (status) => {
      const said = classify(128, '', unable(`The requested URL returned error: ${status}`));
      expect(said).toEqual({ kind: 'unknown', words: expect.stringContaining(`error: ${status}`) });
    },
  );

  it('is only asked to come less often where no ref was answered', () => {
    const often = 'remote: rate limit exceeded\n';
    expect(classify(128, '', often)).toMatchObject({ kind: 'transient', reason: 'rate-limited' });
    expect(classify(1, report(lineOf('!')), often)).toMatchObject({ kind: 'rejected' });
    expect(
      classify(1, report(lineOf('!', BRANCH, '[remote failure] (remote failed to report status)')), often).kind,
    ).toBe('unknown');
  });

  it('is nobody else’s where git did not begin it', () => {
    for (const stderr of [
      'usage: git push\n',
      "fatal: invalid refspec 'x'\n",
      'error: src refspec x does not match any\n',
      'error: dst refspec x matches more than one\n',
      "error: unknown option `x'\n",
      "fatal: --mirror can't be combined with refspecs\n",
      'fatal: --all and --tags cannot be used together\n',
      'fatal: bad config line 1 in file x\n',
    ]) {
      expect(classify(128, '', stderr), stderr).toMatchObject({ kind: 'refused', reason: 'usage' });
    }
    expect(classify(128, '', 'hint: see usage: git push\n').kind).toBe('unknown');
  });
});

describe('the words', () => {
  it('are those of the server, with the reason where it is not among them', () => {
    const line = report(lineOf('!', BRANCH, '[remote rejected] (hook declined)'));
    expect(classify(1, line, 'remote: no\n')).toMatchObject({ words: 'no (hook declined)' });
    expect(classify(1, line, 'remote: hook declined\n')).toMatchObject({ words: 'hook declined' });
    expect(classify(1, line)).toMatchObject({ words: 'hook declined' });
    expect(classify(1, '', 'remote: no\n')).toMatchObject({ words: 'no' });
    expect(classify(3, '')).toEqual({ kind: 'unknown', words: 'git push exited with 3' });
  });

  it('name each reason once, and none of a ref that was written', () => {
    const lines = report(lineOf('!'), lineOf('!', EXTRA), lineOf('=', 'refs/x', '[up to date] (no)'));
    expect(classify(1, lines)).toMatchObject({ words: 'stale info' });
    const two = report(lineOf('!'), lineOf('!', EXTRA, '[rejected] (fetch first)'));
    expect(classify(1, two)).toMatchObject({ words: 'stale info, fetch first' });
  });

  it('are read from lines of the report only', () => {
    const other = `!${BRANCH} (hook declined)\nx!\ta:b\t[remote rejected] (hook declined)\n! a:b [rejected] (stale info)\n`;
    expect(classify(1, other)).toEqual({ kind: 'unknown', words: 'git push exited with 1' });
    expect(classify(0, ' \ta:b\n')).toMatchObject({ kind: 'unknown' });
    // Brackets in brackets belong to the reason; one that is never closed is none.
    expect(classify(1, report(lineOf('!', BRANCH, '[remote rejected] (a (b) c)')))).toMatchObject({ words: 'a (b) c' });
    expect(classify(1, report(lineOf('!', BRANCH, '[remote rejected] )x(')))).toMatchObject({ kind: 'unknown' });
  });

  it('are one harmless line, whatever a server prints, and never more than is worth reading', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 }),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (...args) => {
          const [exitCode, stdout, stderr] = args;
          const outcome = classifyPush({ exitCode, stdout: report(stdout), stderr: `remote: ${stderr}` });
          const words = 'words' in outcome ? outcome.words : '';
          expect(words).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
          expect(words.length).toBeLessThan(1_300);
        },
      ),
    );
  });
});

describe('an update of refs in this repository', () => {
  it.each([
    [
      `fatal: update_ref failed for ref 'x': cannot lock ref 'x': is at ${OID} but expected ${OID}`,
      { kind: 'rejected' },
    ],
    ["fatal: cannot lock ref 'x': reference already exists", { kind: 'rejected' }],
    ["fatal: cannot lock ref 'x': unable to resolve reference 'x'", { kind: 'rejected' }],
    ["fatal: cannot lock ref 'x': Unable to create '/r/.git/x.lock': File exists.", { kind: 'locked' }],
    ["error: Unable to create '/r/x.lock': File exists\nis at 1 but expected 2", { kind: 'rejected' }],
    ['fatal: invalid ref format: refs/heads/..', { kind: 'refused', reason: 'usage' }],
    ['fatal: update x: invalid <new-oid>: y', { kind: 'refused', reason: 'usage' }],
    ['fatal: trying to write ref with nonexistent object', { kind: 'refused', reason: 'usage' }],
    ['fatal: unknown command: x', { kind: 'refused', reason: 'usage' }],
    ["fatal: cannot update ref 'x': y", { kind: 'refused', reason: 'usage' }],
    ['fatal: x is not a valid ref', { kind: 'refused', reason: 'usage' }],
    ['error: invalid ref format', { kind: 'unknown', words: 'error: invalid ref format' }],
    ['', { kind: 'unknown', words: 'git update-ref failed' }],
    [`fatal: cannot lock ref 'x': Unable to create '/r/x.lock': Read-only file system`, { kind: 'local' }],
  ])('%j', (stderr, outcome) => {
    expect(classifyUpdate(stderr)).toMatchObject(outcome);
  });
});
