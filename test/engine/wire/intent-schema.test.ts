import { describe, expect, it } from 'vitest';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';

const BASE = { request: 'abc123', agent: 'a1', task: { project: 'auth', id: 'T-1' }, claimId: 'c1' };
const REPORT = { summary: 'Two\nlines', costUsd: 0.25, tokens: 100 };

describe('an intent that ends the work on a task', () => {
  it.each([
    { kind: 'review', ...BASE, prUrl: 'https://x.org/7', report: REPORT },
    { kind: 'review', ...BASE },
    { kind: 'complete', ...BASE, prUrl: 'https://x.org/7', report: REPORT, inReview: 'leave' },
    { kind: 'release', ...BASE, reason: 'ended with 1', because: 'failed', report: REPORT, inReview: 'leave' },
  ])('arrives as it was sent: %j', (intent) => {
    expect(parseIntent(JSON.parse(JSON.stringify(intent)))).toEqual(intent);
  });

  it.each([
    { kind: 'review', ...BASE, prUrl: 'javascript:alert(1)' },
    { kind: 'review', ...BASE, prUrl: 'https://x.org/7\nAgentq-Task: auth/T-2' },
    { kind: 'review', ...BASE, report: { summary: 'a\u001b[2Jb' } },
    { kind: 'review', ...BASE, report: { summary: 'x'.repeat(2001) } },
    { kind: 'complete', ...BASE, report: { costUsd: -1 } },
    { kind: 'complete', ...BASE, report: { costUsd: 1e9 } },
    { kind: 'complete', ...BASE, report: { tokens: 0.5 } },
    { kind: 'complete', ...BASE, report: { more: 1 } },
    { kind: 'release', ...BASE, inReview: 'take' },
  ])('is not taken from others if a user could not have asked for it: %j', (intent) => {
    expect(parseIntent(intent)).toBeUndefined();
  });
});
