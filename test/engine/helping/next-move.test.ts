import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import {
  type Move,
  nextMove,
  type Purpose,
  type Seen,
  type Standing,
  verdictOn,
} from '../../../src/engine/helping/next-move.ts';
import type { PushOutcome } from '../../../src/git/push-outcome.ts';

const NOW = 1_000_000;

const ALONE: Standing = { publishing: 'possible', asks: 'no', pending: 1, unasked: 1, host: 'free', leadFrom: 0 };
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
    ['on a crowded machine is to ask at once', { host: 'crowded' }, {}, PUBLISH],
    ['of several who came together there is to push', { host: 'crowded', pending: 2 }, {}, RACE],
    ['where nothing can be published is to push', { publishing: 'impossible' }, {}, RACE],
    ['there is to push though others wait', { publishing: 'impossible' }, { others: 3 }, RACE],
    ['there is to push after a lost race, too', { publishing: 'impossible' }, { race: 'lost' }, RACE],
    ['there is to push on a crowded machine', { publishing: 'impossible', host: 'crowded' }, {}, RACE],
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
