import { describe, expect, it } from 'vitest';
import { check, RULES, type RuleName } from './checker.ts';
import { answer, commit, done, failed, history } from './histories.ts';
import type { Answer, History } from './history.ts';

/** Histories by hand, each with one thing wrong: the checker is to find that, and nothing else. */

const claim = commit(1_000, 'r1');
const doubt = failed('remote-unreachable', 'it may have landed, r1');
const wait = { kind: 'claim', agent: 'a1', waitMs: 500_000 } as const;
const work = { kind: 'work', agents: 1, runsMs: 10, idle: 'leave' } as const;
const pool = { kind: 'pool', completed: [], unsettled: '', failure: undefined } as const;

const BROKEN: readonly (readonly [RuleName, string, Partial<History>])[] = [
  [
    'conservation',
    'a task moves from where it is not',
    { commits: [commit(1, 'r1', { from: 'completed', to: 'ready' })] },
  ],
  [
    'one commit per intent',
    'an intent is carried out twice',
    { commits: [claim, commit(2_000, 'r1', { task: 'TASK-2' })] },
  ],
  [
    'one owner',
    'two are told the same claim',
    { commits: [claim], answers: [answer('p1', ['r1'], done('r1', 1_000)), answer('p2', ['r1'], done('r1', 1_000))] },
  ],
  ['yes is on the branch', 'a claim that is nowhere', { answers: [answer('p1', ['r1'], done('r1', 1_000))] }],
  [
    'yes is on the branch',
    'a claim of another task',
    { commits: [claim], answers: [answer('p1', ['r1'], done('r1', 1_000, 'TASK-2'))] },
  ],
  [
    'no is not on the branch',
    'told no, got it',
    { commits: [claim], answers: [answer('p1', ['r1'], failed('timed-out', 'nothing was changed'), deadline())] },
  ],
  [
    'no is not on the branch',
    'got it after it was told no',
    { commits: [commit(15_000, 'r1')], answers: [answer('p1', ['r1'], failed('remote-unreachable'))] },
  ],
  [
    'no is not on the branch',
    'a second task beside the one that was told',
    {
      commits: [claim, commit(2_000, 'r2', { task: 'TASK-2' })],
      answers: [answer('p1', ['r1', 'r2'], done('r2', 2_000, 'TASK-2'))],
    },
  ],
  [
    'no is not on the branch',
    'an interrupted claim stays',
    { commits: [claim], answers: [answer('p1', ['r1'], failed('interrupted'), { interruptedAt: 900 })] },
  ],
  ['doubt has a reason', 'doubt where nothing was pushed', { answers: [answer('p1', ['r1'], doubt)] }],
  [
    'doubt has a reason',
    'doubt where a push was announced on another machine only',
    { announced: [{ at: 9_000, processes: ['p2'] }], answers: ['p1', 'p2'].map((one) => answer(one, ['r1'], doubt)) },
  ],
  [
    'doubt names the request',
    'doubt without a name',
    { commits: [claim], answers: [answer('p1', ['r1'], failed('remote-unreachable', 'it may have landed'))] },
  ],
  [
    'nothing claimable',
    'something was there all the time',
    { answers: [answer('p1', ['r1'], failed('nothing-claimable'))] },
  ],
  ['answered in time', 'no answer at all', { answers: [answer('p1', ['r1'], { kind: 'nothing' })] }],
  [
    'answered in time',
    'long after its deadline',
    { answers: [answer('p1', ['r1'], failed('timed-out'), { ...deadline(), endedAt: 60_000 })] },
  ],
  [
    'answered in time',
    'long after its interrupt',
    { answers: [answer('p1', ['r1'], failed('interrupted'), { interruptedAt: 10, endedAt: 60_000 })] },
  ],
  [
    'answered in time',
    'long after it was told to end at once',
    { answers: [answer('p1', [], pool, { command: work, urgedAt: 10, endedAt: 60_000 })] },
  ],
  [
    'ends in time',
    'long after its answer',
    { answers: [answer('p1', [], pool, { command: work })], endings: [{ process: 'p1', waitedMs: 12_000 }] },
  ],
  [
    'ends in time',
    'after its deadline, for others',
    {
      answers: [answer('p1', ['r1'], failed('remote-refused'), { ...deadline(), endedAt: 1_000 })],
      endings: [{ process: 'p1', waitedMs: 20_000 }],
    },
  ],
  [
    'ends in time',
    'long after its interrupt, for others',
    {
      answers: [answer('p1', [], pool, { command: work })],
      endings: [{ process: 'p1', waitedMs: 20_000, afterInterruptMs: 10_000 }],
    },
  ],
  [
    'bounded tries',
    'it pushes for ever',
    {
      pushes: Array.from({ length: 200 }, (_, at) => ({ process: 'p1', at, what: 'request' })),
      answers: [answer('p1', ['r1'], failed('remote-unreachable'))],
    },
  ],
  [
    'bounded tries',
    'it connects for ever',
    { meetings: new Map([['p1', 26_000]]), answers: [answer('p1', ['r1'], failed('remote-unreachable'))] },
  ],
  [
    'bounded tries',
    'it looks for ever',
    { looks: new Map([['p1', 26_000]]), answers: [answer('p1', ['r1'], failed('remote-unreachable'))] },
  ],
  ['no refs left', 'a request stays', { refsLeft: ['refs/agentq/requests/1'] }],
  ['nobody pays for others', 'an internal error', { answers: [answer('p1', ['r1'], failed('internal', 'undefined'))] }],
  ['nobody pays for others', "another's interrupt", { answers: [answer('p1', ['r1'], failed('interrupted'))] }],
  ['nobody pays for others', "another's deadline", { answers: [answer('p1', ['r1'], failed('timed-out'))] }],
  [
    'only owners lose',
    'a claim that stands is called lost',
    {
      commits: [claim],
      answers: [
        answer('p1', ['r1'], done('r1', 1_000)),
        answer('p2', ['r2'], failed('not-owner'), { command: { kind: 'complete', claim: 'p1' } }),
      ],
    },
  ],
  [
    'only owners act',
    'who lost a claim by a take completes the task',
    {
      commits: [
        claim,
        commit(2_000, 'r2', { from: 'claimed', takes: true }),
        commit(3_000, 'r3', { from: 'claimed', to: 'completed' }),
      ],
      answers: [
        answer('p1', ['r1'], done('r1', 1_000)),
        answer('p2', ['r3'], done('r3', 3_000, undefined, 'completed'), { command: { kind: 'complete', claim: 'p1' } }),
      ],
    },
  ],
  [
    'living claims stay',
    'a claim is taken soon after its heartbeat',
    {
      commits: [
        claim,
        commit(100_000, 'r2', { from: 'claimed' }),
        commit(110_000, 'r3', { from: 'claimed', to: 'ready', subject: '[ORCHESTRATOR] Released 1 stalled tasks' }),
      ],
    },
  ],
  [
    'living claims stay',
    'a claim is taken soon after it was renewed by a ref',
    {
      commits: [
        claim,
        commit(110_000, 'r3', { from: 'claimed', to: 'ready', subject: '[ORCHESTRATOR] Released 1 stalled tasks' }),
      ],
      beats: [{ claimId: 'r1', at: 100_000 }],
    },
  ],
  [
    'only open tasks are claimed',
    'a task is claimed while the queue is paused',
    {
      commits: [
        commit(500, 'r0', { from: 'ready', to: 'ready', subject: '[AGENT-PAUSE] Ada Lovelace paused the queue' }),
        claim,
      ],
    },
  ],
  [
    'nobody sleeps',
    'it waits beside a task',
    {
      endedAt: 500_000,
      answers: [answer('p1', ['r1'], failed('retries-exhausted'), { command: wait, endedAt: 300_000 })],
    },
  ],
  [
    'pushes within the limit',
    'two at once',
    {
      pushLimit: 1,
      pushes: [
        { process: 'p1', at: 100, what: 'branch', until: 900 },
        { process: 'p2', at: 500, what: 'branch', until: 600 },
        { process: 'p2', at: 900, what: 'branch' },
      ],
      answers: ['p1', 'p2'].map((one) => answer(one, [], { kind: 'stopped' })),
    },
  ],
  [
    'pools leave nothing',
    'a pool ends and keeps a task',
    { commits: [claim], answers: [answer('p1', ['r1'], pool, { command: work })] },
  ],
  [
    'work goes on',
    'nobody can claim any more',
    { answers: [answer('afterwards-1', ['r1'], failed('remote-unreachable'))] },
  ],
];

function deadline(): Partial<Answer> {
  return { command: { kind: 'claim', agent: 'a1', timeoutMs: 9_000 } };
}

describe('the checker of the simulation', () => {
  it.each(BROKEN)('finds broken "%s": %s', (rule, _, fields) => {
    const found = check(history(fields));
    expect(found.map((one) => one.rule)).toEqual(found.map(() => rule));
    expect(found.length).toBeGreaterThan(0);
  });

  it('has a broken history for each of its rules', () => {
    const shown = new Set(BROKEN.map(([rule]) => rule));
    expect(RULES.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });

  it('finds nothing in a history where everything is as it was told', () => {
    const fine = history({
      commits: [
        claim,
        commit(2_000, 'r2', { task: 'TASK-2', claimable: 0 }),
        commit(3_000, 'r3', { from: 'claimed', to: 'completed' }),
        commit(4_000, 'r5', { task: 'TASK-2', from: 'claimed', to: 'ready' }),
      ],
      answers: [
        answer('p1', ['r1'], done('r1', 1_000)),
        // Interrupted after its claim had landed, and given back.
        answer('p2', ['r2', 'r5'], failed('interrupted'), { interruptedAt: 1_500 }),
        answer('p3', ['r3'], failed('remote-unreachable', 'the push may have landed, see Agentq-Request: r3'), {
          command: { kind: 'complete', claim: 'p1' },
        }),
        answer('p4', ['r4'], failed('nothing-claimable'), { startedAt: 1_000 }),
        answer('p5', ['r6'], { kind: 'killed' }),
        answer('afterwards-1', ['r7'], failed('nothing-claimable'), { startedAt: 2_500 }),
      ],
    });
    expect(check(fine)).toEqual([]);
  });
});
