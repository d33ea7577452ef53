import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import {
  type Move,
  nextMove,
  type Purpose,
  type Seen,
  type Standing,
  tellsOfServer,
  verdictOn,
} from '../../../src/engine/helping/next-move.ts';
import type { PushOutcome, RefusalReason } from '../../../src/git/answers/push-outcome.ts';

const NOW = 1_000_000;

const ALONE: Standing = { publishing: 'possible', asks: 'no', pending: 1, unasked: 1, rivals: 'unseen', leadFrom: 0 };
const ASKING: Standing = { ...ALONE, asks: 'yes', unasked: 0 };
const NOBODY: Seen = { others: 0, turn: 'nobody', race: 'open' };

const RACE: Move = { kind: 'race' };
const LEAD: Move = { kind: 'lead' };
const WAIT: Move = { kind: 'wait' };
const PUBLISH: Move = { kind: 'publish', next: 'wait' };
const PUBLISH_AND_LOOK: Move = { kind: 'publish', next: 'look' };

describe('the next move', () => {
  it.each<[string, Partial<Standing>, Partial<Seen>, Move]>([
    ['of somebody who is alone is to push', {}, {}, RACE],
    ['where others wait is to ask as they do', {}, { others: 1 }, PUBLISH],
    ['after a lost race is to ask, and to look at once', {}, { race: 'lost' }, PUBLISH_AND_LOOK],
    ['after a race lost to those who wait is to ask and wait', {}, { race: 'lost', others: 2 }, PUBLISH],
    ['where others were first just now is to ask at once', { rivals: 'seen' }, {}, PUBLISH],
    ['of several who came together there is to push', { rivals: 'seen', pending: 2 }, {}, RACE],
    ['where nothing can be published is to push', { publishing: 'impossible' }, {}, RACE],
    ['there is to push though others wait', { publishing: 'impossible' }, { others: 3 }, RACE],
    ['there is to push after a lost race, too', { publishing: 'impossible' }, { race: 'lost' }, RACE],
    ['there is to push where others were first just now', { publishing: 'impossible', rivals: 'seen' }, {}, RACE],
  ])('%s', (_, standing, seen, move) => {
    expect(nextMove({ ...ALONE, ...standing }, { ...NOBODY, ...seen }, NOW)).toEqual(move);
  });

  it.each<[string, Partial<Standing>, Partial<Seen>, Move]>([
    ['is to wait while others lead', {}, { turn: 'theirs', others: 4 }, WAIT],
    ['is to lead when it is our turn', {}, { turn: 'ours', others: 4 }, LEAD],
    ['is to lead with what nobody has asked for yet', { unasked: 2 }, { turn: 'ours' }, LEAD],
    ['is to wait while we hold back from leading', { leadFrom: NOW + 1 }, { turn: 'ours' }, WAIT],
    ['is to lead as soon as we may', { leadFrom: NOW }, { turn: 'ours' }, LEAD],
    ['is to ask for what has come since', { unasked: 1 }, { turn: 'theirs' }, PUBLISH],
    ['is to ask for it while we hold back', { unasked: 1, leadFrom: NOW + 1 }, { turn: 'ours' }, PUBLISH],
    ['is to wait where nothing more can be asked', { unasked: 1, publishing: 'impossible' }, { turn: 'theirs' }, WAIT],
    ['is to wait where a look has not shown our request yet', {}, { turn: 'nobody' }, WAIT],
  ])('of somebody who has asked %s', (_, standing, seen, move) => {
    expect(nextMove({ ...ASKING, ...standing }, { ...NOBODY, ...seen }, NOW)).toEqual(move);
  });
});

describe('every answer of a server is a row', () => {
  const answers: readonly [PushOutcome, readonly string[]][] = [
    [{ kind: 'landed' }, ['done', 'done', 'done', 'done']],
    [{ kind: 'rejected', words: 'stale info' }, ['lost', 'lost', 'look', 'look']],
    [{ kind: 'unknown', words: 'fetch first', likely: 'rejected' }, ['lost', 'failed-try', 'look', 'look']],
    [{ kind: 'refused', reason: 'declined', words: 'no' }, ['final', 'final', 'cannot', 'cannot']],
    [
      { kind: 'local', failure: new Failure('machine-unusable', 'disk full'), words: 'disk full' },
      ['final', 'final', 'final', 'cannot'],
    ],
    [{ kind: 'locked', words: 'File exists' }, ['failed-try', 'failed-try', 'failed-try', 'failed-try']],
    [{ kind: 'transient', words: 'refused' }, ['failed-try', 'failed-try', 'failed-try', 'failed-try']],
    [{ kind: 'unknown', words: 'HTTP 413' }, ['failed-try', 'failed-try', 'look', 'failed-try']],
  ];
  const purposes: readonly Purpose[] = ['race', 'lead', 'publish', 'withdraw'];

  it.each(answers)('%j', (outcome, verdicts) => {
    expect(purposes.map((purpose) => verdictOn(purpose, outcome))).toEqual(verdicts);
  });
});

describe('that a server took no request', () => {
  const refused = (reason: RefusalReason): PushOutcome => ({ kind: 'refused', reason, words: 'no' });
  const unknown = (words: string): PushOutcome => ({ kind: 'unknown', words });

  it.each<[string, PushOutcome | undefined]>([
    ['where it took it and showed it to nobody', undefined],
    ['where its hook declined', refused('declined')],
    ['where it hides such refs', refused('hidden-ref')],
    ['where a proxy before it takes nothing of this size', unknown('HTTP 413')],
    ['where a gateway has nothing behind it', unknown('The requested URL returned error: 502')],
    ['in words that we do not know', unknown('computer says no')],
    ['in none', unknown('')],
    ['with a number that only contains a passing one', unknown('error 1403 at line 4290')],
    ['where it may have taken it before', { kind: 'unknown', words: 'is at 2 but expected 1', likely: 'rejected' }],
  ])('tells of the server %s', (_, outcome) => {
    expect(tellsOfServer(outcome)).toBe(true);
  });

  it.each<[string, PushOutcome]>([
    ['where it did take it', { kind: 'landed' }],
    ['where somebody else was first', { kind: 'rejected', words: 'stale info' }],
    ['where a token has expired', refused('authentication')],
    ['where its files are damaged', refused('damaged')],
    ['where this clone could not', { kind: 'local', failure: new Failure('machine-unusable', 'full'), words: 'full' }],
    ['where another push held a lock', { kind: 'locked', words: 'File exists' }],
    ['where it could not be reached', { kind: 'transient', words: 'refused' }],
    ['at its limit of requests', { kind: 'transient', words: 'HTTP 429', reason: 'rate-limited' }],
    ['with a 401 among unknown words', unknown('The requested URL returned error: 401')],
    ['with a 403 among them', unknown('HTTP 403 curl 22')],
    ['with a 429 among them', unknown('HTTP/2 429')],
  ])('tells of this moment %s', (_, outcome) => {
    expect(tellsOfServer(outcome)).toBe(false);
  });
});
