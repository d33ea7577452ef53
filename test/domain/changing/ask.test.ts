import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { AnswerIntent, AskIntent, ClaimIntent, Intent } from '../../../src/domain/intents/intent.ts';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00.750Z');
const AT = '2026-03-01T12:00:00Z';
const ASKED = { at: '2026-03-01T11:00:00Z', agent: 'a1', text: 'which database?' };
const HELD: TaskSpec = { id: 'T-1', state: 'claimed', claim: { claimedBy: 'a1', claimId: 'c1' }, failures: failed() };
const ASKING: TaskSpec = { id: 'T-1', status: 'asking', questions: [ASKED] };

function failed() {
  return { count: 1, last: [{ at: AT, agent: 'a1', reason: 'ended with 1' }] };
}

function ask(extra: Partial<AskIntent> = {}): AskIntent {
  return { kind: 'ask', request: 'aaaaaa', agent: 'a1', task: { id: 'T-1' }, text: 'which database?', ...extra };
}

function answer(extra: Partial<AnswerIntent> = {}): AnswerIntent {
  return {
    kind: 'answer',
    request: 'bbbbbb',
    agent: 'Ada Lovelace',
    task: { id: 'T-1' },
    text: 'the old one',
    ...extra,
  };
}

const claim: ClaimIntent = { kind: 'claim', request: 'cccccc', agent: 'a2', filter: {}, attempt: 1, waitedMs: 0 };

function decided(specs: readonly TaskSpec[], ...intents: readonly Intent[]) {
  return decide(snapshotOf(specs), intents, NOW);
}

describe('a question', () => {
  it('gives the task back in one commit, counts as no failure, and is offered to nobody', () => {
    const plan = decided([HELD], ask({ claimId: 'c1' }), claim);
    expect(plan.commits).toMatchObject([
      {
        subject: '[AGENT-ASK] a1 asked about auth/T-1',
        body: 'which database?',
        author: 'a1',
        tasks: [{ fromPath: '.agents/auth/claimed/T-1.toon', toPath: '.agents/auth/tasks/T-1.toon' }],
        files: [],
      },
    ]);
    const question = { at: AT, agent: 'a1', text: 'which database?', answer: null };
    expect(plan.decisions).toMatchObject([
      { outcome: { kind: 'asked', view: { state: 'asking', status: 'asking', questions: [question], failures: 1 } } },
      { refusal: { code: 'nothing-claimable', message: 'nothing to claim: 1 asking' } },
    ]);
  });

  it.each<[Partial<TaskSpec>, Partial<AskIntent>, string]>([
    [{}, { agent: 'a2' }, 'not-owner'],
    [{}, { claimId: 'c0' }, 'claim-lost'],
    [{ state: 'ready', status: 'asking', questions: [ASKED] }, {}, 'claim-lost'],
    [{ state: 'completed' }, {}, 'claim-lost'],
    [{}, { task: { id: 'T-9' } }, 'unknown-task'],
  ])("is the owner's only: %j %j", (spec, extra, code) => {
    expect(decided([{ ...HELD, ...spec }], ask(extra)).decisions).toMatchObject([
      { kind: 'refused', refusal: { code } },
    ]);
  });
});

describe('an answer', () => {
  it.each<[string, readonly TaskSpec[], string]>([
    ['opens the task', [ASKING], 'ready'],
    ['leaves it to wait for what it requires', [{ ...ASKING, required: ['T-2'] }, { id: 'T-2' }], 'waiting'],
    [
      'opens it where that is complete',
      [
        { ...ASKING, required: ['T-2'] },
        { id: 'T-2', state: 'completed' },
      ],
      'ready',
    ],
  ])('%s', (_, specs, state) => {
    const plan = decided(specs, answer());
    expect(plan.commits).toMatchObject([
      { subject: '[AGENT-ANSWER] Ada Lovelace answered auth/T-1', body: 'the old one', author: 'Ada Lovelace' },
    ]);
    const answered = { ...ASKED, answer: { at: AT, agent: 'Ada Lovelace', text: 'the old one' } };
    const status = state === 'ready' ? 'ready' : 'blocked';
    expect(plan.decisions).toMatchObject([
      { outcome: { kind: 'answered', view: { state, status, questions: [answered] } } },
    ]);
  });

  it.each<[TaskSpec, string]>([
    [{ id: 'T-1' }, 'auth/T-1 has no open question'],
    [HELD, 'auth/T-1 has no open question'],
    [{ id: 'T-1', status: 'asking' }, 'auth/T-1 has no open question'],
    [{ id: 'T-1', questions: [{ ...ASKED, answer: { ...ASKED, agent: 'Bob' } }] }, 'Bob answered "which database?"'],
  ])('is refused where nothing is asked, and the note is named that anybody may write: %j', (spec, message) => {
    expect(decided([spec], answer()).decisions).toMatchObject([
      {
        refusal: {
          code: 'task-invalid',
          message: expect.stringContaining(message),
          hint: expect.stringContaining('agentq note auth/T-1'),
        },
      },
    ]);
  });

  it('is what a question waits for, and nothing else', () => {
    const free: Intent = { kind: 'unblock', request: 'dddddd', agent: 'x', task: { id: 'T-1' } };
    const sweep: Intent = { kind: 'unblock', request: 'eeeeee', agent: 'x' };
    const plan = decided([ASKING], free, sweep, { ...claim, task: { id: 'T-1' } }, answer());
    expect(plan.decisions).toMatchObject([
      { refusal: { code: 'task-invalid', hint: expect.stringContaining('agentq answer auth/T-1') } },
      { outcome: { kind: 'unblocked', tasks: [] } },
      // A claim is decided last, and finds the answer.
      { outcome: { kind: 'claimed' } },
      { outcome: { kind: 'answered' } },
    ]);
    expect(decided([ASKING], { ...claim, task: { id: 'T-1' } }).decisions).toMatchObject([
      { refusal: { message: 'auth/T-1 waits for the answer to a question of a1: "which database?"' } },
    ]);
  });
});

it.each<[Intent, boolean]>([
  [ask({ claimId: 'c1' }), true],
  [answer(), true],
  [ask({ agent: 'Ada Lovelace' }), false],
  [ask({ text: 'a\nb' }), false],
  [answer({ text: '' }), false],
  [answer({ text: 'x'.repeat(4001) }), false],
])('comes from other processes only as one line by somebody who may say it: %j', (intent, isTaken) => {
  expect(parseIntent(intent) !== undefined).toBe(isTaken);
});
