import { describe, expect, it } from 'vitest';
import type { PushOutcome } from '../../../src/git/answers/push-outcome.ts';
import { outcomeOfReport, parseReceiveReport } from '../../../src/git/answers/receive-report.ts';

const BRANCH = 'refs/heads/develop';
const EXTRA = 'refs/agentq/requests/x';
const pushed = new Set([BRANCH]);
const both = new Set([BRANCH, EXTRA]);

const outcome = (report: readonly string[], words = '', of = pushed): PushOutcome => outcomeOfReport(report, of, words);

describe('the report of a server', () => {
  it.each<[string, readonly string[], string, object]>([
    ['landed', ['unpack ok', `ok ${BRANCH}`], '', { kind: 'landed' }],
    ['landed, whatever hooks print', ['unpack ok', `ok ${BRANCH}`], 'remote: fatal: x\n', { kind: 'landed' }],
    [
      'landed, as the newer report words it',
      ['unpack ok', `ok ${BRANCH}`, 'option old-oid 1', 'option forced-update'],
      '',
      { kind: 'landed' },
    ],
    [
      'a hook declines',
      ['unpack ok', `ng ${BRANCH} pre-receive hook declined`],
      'remote: Policy\n',
      { kind: 'refused', reason: 'declined', refs: [BRANCH], words: 'Policy (pre-receive hook declined)' },
    ],
    ['any other reason', ['unpack ok', `ng ${BRANCH} not today`], '', { kind: 'refused', reason: 'declined' }],
    [
      'a hidden ref',
      ['unpack ok', `ng ${BRANCH} deny updating a hidden ref`],
      '',
      { kind: 'refused', reason: 'hidden-ref' },
    ],
    [
      'another push was first',
      ['unpack ok', `ng ${BRANCH} failed to update ref`],
      `remote: error: cannot lock ref '${BRANCH}': is at 1 but expected 2\n`,
      { kind: 'rejected' },
    ],
    [
      'another push was first, of GitLab',
      ['unpack ok', `ng ${BRANCH} incorrect old value provided`],
      '',
      { kind: 'rejected' },
    ],
    [
      'a lock file',
      ['unpack ok', `ng ${BRANCH} failed to update ref`],
      `remote: error: cannot lock ref '${BRANCH}': Unable to create '/q/${BRANCH}.lock': File exists.\n`,
      { kind: 'locked' },
    ],
    [
      'the server may not write',
      ['unpack ok', `ng ${BRANCH} failed to update ref`],
      "remote: error: cannot lock ref 'x': Unable to create '/q/x.lock': Permission denied\n",
      { kind: 'refused', reason: 'declined' },
    ],
    [
      'too large',
      ['unpack unpack-objects abnormal exit', `ng ${BRANCH} unpacker error`],
      'remote: fatal: pack exceeds maximum allowed size\n',
      { kind: 'refused', reason: 'too-large' },
    ],
    [
      'objects that the server lacks',
      ['unpack ok', `ng ${BRANCH} missing necessary objects`],
      '',
      { kind: 'refused', reason: 'damaged' },
    ],
    [
      'objects that it did not take',
      ['unpack unpack-objects abnormal exit', `ng ${BRANCH} unpacker error`],
      '',
      { kind: 'transient', words: expect.stringContaining('unpack-objects abnormal exit') },
    ],
    ['it took none, and says that it landed', ['unpack no', `ok ${BRANCH}`], '', { kind: 'unknown' }],
    ['nothing of the ref', ['unpack ok'], '', { kind: 'unknown', words: 'remote failed to report status' }],
    ['of another ref only', ['unpack ok', `ok ${EXTRA}`], '', { kind: 'unknown' }],
    ['no reason', ['unpack ok', `ng ${BRANCH}`], '', { kind: 'unknown' }],
    ['another ref in its place', ['unpack ok', `ok ${BRANCH}`, 'option refname refs/heads/x'], '', { kind: 'unknown' }],
    ['another commit in its place', ['unpack ok', `ok ${BRANCH}`, 'option new-oid 1'], '', { kind: 'unknown' }],
    ['it says both', ['unpack ok', `ok ${BRANCH}`, `ng ${BRANCH} no`], '', { kind: 'unknown' }],
    [
      'it says both, the other way round',
      ['unpack ok', `ng ${BRANCH} stale info`, `ok ${BRANCH}`],
      '',
      { kind: 'unknown' },
    ],
    [
      'no line of the objects',
      [`ok ${BRANCH}`],
      '',
      { kind: 'unknown', words: expect.stringContaining('not understood') },
    ],
    ['nothing', [], 'remote: hm\n', { kind: 'unknown', words: 'hm' }],
    ['words', ['unpack ok', `ok ${BRANCH}`, 'bye'], '', { kind: 'unknown' }],
  ])('%s', (_, report, words, expected) => {
    expect(outcome(report, words)).toMatchObject(expected);
  });

  it('of two refs, one of which it refused, is unknown: the other is written', () => {
    const report = ['unpack ok', `ok ${BRANCH}`, `ng ${EXTRA} hook declined`];
    expect(outcome(report, '', both).kind).toBe('unknown');
    const declined = ['unpack ok', `ng ${BRANCH} atomic push failure`, `ng ${EXTRA} hook declined`];
    expect(outcome(declined, '', both)).toMatchObject({ kind: 'refused', refs: [EXTRA] });
  });

  it('has a line for each ref that was pushed, and for no other', () => {
    const { lines, unpackError } = parseReceiveReport(['unpack it is full', `ok ${BRANCH}`, 'ok refs/x'], both) ?? {};
    expect(unpackError).toBe('it is full');
    expect(lines).toEqual([
      { flag: ' ', ref: BRANCH, byServer: true, reason: '' },
      { flag: '!', ref: EXTRA, byServer: false, reason: 'remote failed to report status' },
    ]);
  });
});
