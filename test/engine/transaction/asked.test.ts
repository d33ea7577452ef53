import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { unanswered } from '../../../src/engine/base/unanswered.ts';
import { type Asked, askedIn } from '../../../src/engine/transaction/asked.ts';
import { DROP_AFTER_MS, REQUEST_TTL_MS } from '../../../src/engine/transaction/requests.ts';
import { claimOf } from '../../kit/engine/test-engine.ts';

const intent = claimOf('a');
const NOW = 1_000_000;
const UNTIL = NOW + REQUEST_TTL_MS + DROP_AFTER_MS;
const refusal = new Failure('nothing-claimable', 'nothing to claim');
const outage = new Failure('remote-unreachable', 'the remote cannot be reached');
const before: Asked = { intent, base: 'tip-1', until: UNTIL, request: 'none known' };

function open(failure: Failure, base = 'tip-2'): Failure {
  return unanswered(failure, { intent, base });
}

describe('what is known of a claim without a task', () => {
  it('is nothing where it has not landed, and cannot', () => {
    expect(askedIn(intent, { kind: 'nothing', failure: refusal }, undefined, NOW)).toBeUndefined();
    expect(askedIn(intent, { kind: 'trouble', failure: outage }, undefined, NOW)).toBeUndefined();
  });

  it('is that it may have landed, where the failure says so', () => {
    expect(askedIn(intent, { kind: 'trouble', failure: open(outage) }, undefined, NOW)).toEqual({
      intent,
      base: 'tip-2',
      until: UNTIL,
      request: 'none known',
    });
  });

  it('is that a request is late, where it was refused and may be carried out all the same', () => {
    const asked = askedIn(intent, { kind: 'nothing', failure: open(refusal) }, undefined, NOW);
    expect(asked?.request).toBe('late');
    expect(askedIn(intent, { kind: 'trouble', failure: open(outage) }, asked, NOW)?.request).toBe('late');
  });

  it('stays through an outage, however long', () => {
    expect(askedIn(intent, { kind: 'trouble', failure: outage }, before, UNTIL + 1)).toEqual(before);
  });

  it('stays through a refusal until nobody would carry out a late request any more', () => {
    expect(askedIn(intent, { kind: 'nothing', failure: refusal }, before, UNTIL)).toEqual(before);
    expect(askedIn(intent, { kind: 'nothing', failure: refusal }, before, UNTIL + 1)).toBeUndefined();
  });

  it('is not what a failure says of another request', () => {
    const other = unanswered(refusal, { intent: claimOf('b'), base: 'tip-2' });
    expect(askedIn(intent, { kind: 'nothing', failure: other }, undefined, NOW)).toBeUndefined();
  });
});
