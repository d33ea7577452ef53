import { describe, expect, it } from 'vitest';
import { parseHelperReport } from '../../../src/git/answers/helper-report.ts';
import type { PushOutcome } from '../../../src/git/answers/push-outcome.ts';
import { classifyReport } from '../../../src/git/answers/push-report.ts';

const BRANCH = 'refs/heads/develop';
const REQUEST = 'refs/agentq/requests/x';

/** The outcome of a push of the branch alone, by the helper's lines. */
function outcomeOf(report: string, { exitCode = 128, stderr = '', refs = [BRANCH] } = {}): PushOutcome {
  const lines = parseHelperReport(report, new Set(refs));
  if (lines === undefined) throw new Error(`not understood: ${report}`);
  return classifyReport({ exitCode, lines, stderr, isOverHttp: true });
}

describe("the helper's words for one ref", () => {
  const rows: readonly (readonly [string, object])[] = [
    // Git's own: nothing was sent.
    ['stale info', { kind: 'rejected' }],
    ['fetch first', { kind: 'rejected' }],
    ['non-fast forward', { kind: 'rejected' }],
    // They cannot be, since every ref is leased: so they are looked up.
    ['remote ref updated since checkout', { kind: 'unknown' }],
    ['already exists', { kind: 'unknown' }],
    ['needs force', { kind: 'unknown' }],
    ['expecting report', { kind: 'unknown' }],
    ['no match', { kind: 'unknown' }],
    ['', { kind: 'unknown' }],
    // The server's: curl may have sent the push twice, so that it lost against itself.
    ['failed to update ref', { kind: 'unknown', likely: 'rejected' }],
    ['reference already exists', { kind: 'unknown', likely: 'rejected' }],
    ['incorrect old value provided', { kind: 'unknown', likely: 'rejected' }],
    ['atomic push failure', { kind: 'unknown', likely: 'rejected' }],
    ['atomic transaction failed', { kind: 'unknown', likely: 'rejected' }],
    ['failed to lock', { kind: 'unknown', likely: 'rejected' }],
    // The server says no.
    ['pre-receive hook declined', { kind: 'refused', reason: 'declined', refs: [BRANCH] }],
    ['hook declined', { kind: 'refused', reason: 'declined', refs: [BRANCH] }],
    ['protected branch hook declined', { kind: 'refused', reason: 'declined', refs: [BRANCH] }],
    ['deny updating a hidden ref', { kind: 'refused', reason: 'hidden-ref', refs: [BRANCH] }],
    ['rejected by remote', { kind: 'refused', reason: 'declined', refs: [BRANCH] }],
    ['missing necessary objects', { kind: 'refused', reason: 'damaged' }],
    ['"you said \\"no\\""', { kind: 'refused', words: expect.stringContaining('you said "no"') }],
    ['"gesch\\303\\274tzt"', { kind: 'refused', words: expect.stringContaining('geschützt') }],
    // And some say nothing about the next time.
    ['unpacker error', { kind: 'unknown' }],
    ['internal server error', { kind: 'unknown' }],
  ];
  it.each(rows)('error ... %s', (words, outcome) => {
    expect(outcomeOf(`error ${BRANCH}${words === '' ? '' : ` ${words}`}\n\n`)).toMatchObject(outcome);
  });

  it('ok is landed, up to date is not', () => {
    expect(outcomeOf(`ok ${BRANCH}\n\n`, { exitCode: 0 })).toEqual({ kind: 'landed' });
    expect(outcomeOf(`ok ${BRANCH}\noption old-oid ${'1'.repeat(40)}\n\n`, { exitCode: 0 })).toEqual({
      kind: 'landed',
    });
    expect(outcomeOf(`ok ${BRANCH} up to date\n\n`, { exitCode: 0 })).toMatchObject({ kind: 'unknown' });
  });

  it('of refs that were not pushed does not count', () => {
    const others = 'error refs/heads/main no match\nerror refs/agentq/requests/other no match\n';
    expect(outcomeOf(`${others}ok ${BRANCH}\n\n`, { exitCode: 0 })).toEqual({ kind: 'landed' });
    expect(outcomeOf(`error refs/heads/main hook declined\nok ${BRANCH}\n\n`, { exitCode: 0 })).toEqual({
      kind: 'landed',
    });
  });

  it('for one ref of several is an answer for all where the push is atomic, and unknown where it is not', () => {
    const refs = [BRANCH, REQUEST];
    expect(outcomeOf(`error ${BRANCH} stale info\n\n`, { refs })).toMatchObject({ kind: 'rejected' });
    expect(outcomeOf(`ok ${BRANCH}\nerror ${REQUEST} hook declined\n\n`, { refs })).toMatchObject({ kind: 'unknown' });
  });

  it('is nothing else', () => {
    for (const line of ['perhaps', `fine ${BRANCH}`, 'ok', 'error', '? x'])
      expect(parseHelperReport(`${line}\n\n`, new Set([BRANCH]))).toBeUndefined();
  });
});
