import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const task = { project: 'auth', id: 'T-1' };
const claim = { claimedBy: 'a1', claimedAt: '2026-03-01T11:00:00Z', claimId: 'c1' };
const held: TaskSpec = { id: 'T-1', state: 'claimed', claim };

/** Every intent that only an owner may carry out. */
const INTENTS: readonly ((who: { agent: string; claimId?: string }) => Intent)[] = [
  (who) => ({ kind: 'heartbeat', request: 'r1', task, ...who }),
  (who) => ({ kind: 'complete', request: 'r1', task, ...who }),
  (who) => ({ kind: 'release', request: 'r1', task, ...who }),
];

const GONE = 'stop working on it; claim it again if it is to be done';
const NOT_OURS = 'stop working on it: only the owner of the current claim can change it';

describe.each(INTENTS.map((intent) => [intent({ agent: 'a1' }).kind, intent] as const))('a %s', (_, intent) => {
  const decided = (spec: TaskSpec, who: { agent: string; claimId?: string }) => {
    const { commits, decisions } = decide(snapshotOf([spec]), [intent(who)], NOW);
    return { commits: commits.length, decision: decisions[0] };
  };

  it.each<[string, { agent: string; claimId?: string }]>([
    ['the owner', { agent: 'a1' }],
    ['the owner with its claim', { agent: 'a1', claimId: 'c1' }],
  ])('by %s is carried out', (__, who) => {
    expect(decided(held, who)).toMatchObject({ commits: 1, decision: { kind: 'change' } });
  });

  it.each<[string, TaskSpec, { agent: string; claimId?: string }, object]>([
    [
      'another agent',
      held,
      { agent: 'a2' },
      { code: 'not-owner', message: 'auth/T-1 is claimed by a1, not by a2', hint: NOT_OURS },
    ],
    ['another agent with the claim of the owner', held, { agent: 'a2', claimId: 'c1' }, { code: 'not-owner' }],
    [
      'anybody, where the file names nobody',
      { id: 'T-1', state: 'claimed' },
      { agent: 'a1' },
      {
        code: 'not-owner',
        message: 'auth/T-1 is claimed by nobody that its file names, not by a1',
        hint: NOT_OURS,
      },
    ],
    [
      'the owner by an older claim',
      held,
      { agent: 'a1', claimId: 'c0' },
      {
        code: 'claim-lost',
        message: 'the claim c0 on auth/T-1 is gone: a1 holds it by another claim now',
        hint: 'stop working on it: it was released and claimed anew in between',
      },
    ],
    [
      'who held it before it was released',
      { id: 'T-1' },
      { agent: 'a1' },
      { code: 'claim-lost', message: 'auth/T-1 is not claimed by a1: it is in .agents/auth/tasks/', hint: GONE },
    ],
    [
      'who held it before it was released, although its file is damaged now',
      { id: 'T-1', unreadable: 'bad' },
      { agent: 'a1' },
      { code: 'claim-lost' },
    ],
    [
      'anybody, of a claim that cannot be read',
      { ...held, unreadable: 'bad' },
      { agent: 'a1' },
      { code: 'task-unreadable' },
    ],
  ])('by %s is refused', (__, spec, who, refusal) => {
    expect(decided(spec, who)).toMatchObject({ commits: 0, decision: { kind: 'refused', refusal } });
  });
});

it.each([INTENTS[0], INTENTS[2]])('what somebody else has completed is lost', (intent) => {
  const done: TaskSpec = { id: 'T-1', state: 'completed', claim };
  const { decisions } = decide(snapshotOf([done]), intent === undefined ? [] : [intent({ agent: 'a2' })], NOW);
  const message = 'auth/T-1 is completed: .agents/auth/completed/T-1.toon';
  expect(decisions).toMatchObject([{ kind: 'refused', refusal: { code: 'claim-lost', message } }]);
});

describe('the outcome of a heartbeat', () => {
  const beat: Intent = { kind: 'heartbeat', request: 'r1', agent: 'a1', task };

  it('names the task, its claim and how long it lasts', () => {
    expect(decide(snapshotOf([held]), [beat], NOW).decisions).toMatchObject([
      {
        outcome: {
          kind: 'renewed',
          key: task,
          title: 'Title of T-1',
          path: '.agents/auth/claimed/T-1.toon',
          at: '2026-03-01T12:00:00Z',
          claimId: 'c1',
          pool: { stalledAfterMs: 30 * 60_000, heartbeat: 'commit' },
        },
      },
    ]);
  });

  it('names no claim where the file has none: an older script made it', () => {
    const old: TaskSpec = { ...held, claim: { claimedBy: 'a1' } };
    const { decisions } = decide(snapshotOf([old]), [beat], NOW);
    const [renewed] = decisions;
    expect(renewed?.kind === 'change' && Object.keys(renewed.outcome)).not.toContain('claimId');
  });
});
