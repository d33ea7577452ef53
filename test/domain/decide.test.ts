import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decision, decide, type Plan } from '../../src/domain/decide.ts';
import type {
  ClaimIntent,
  CompleteIntent,
  HeartbeatIntent,
  Intent,
  ReleaseIntent,
  TaskFilter,
} from '../../src/domain/intent.ts';
import { QueueState } from '../../src/domain/queue-state.ts';
import type { QueueSnapshot } from '../../src/domain/snapshot.ts';
import { formatKey } from '../../src/domain/task.ts';
import { snapshotOf, type TaskSpec } from '../support/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00.750Z');
let requests = 0;

function claim(agent: string, filter: TaskFilter = {}, extra: Partial<ClaimIntent> = {}): ClaimIntent {
  return { kind: 'claim', request: `r${++requests}`, agent, filter, attempt: 1, waitedMs: 0, ...extra };
}

function heartbeat(agent: string, id: string, extra: Partial<HeartbeatIntent> = {}): HeartbeatIntent {
  return { kind: 'heartbeat', request: `r${++requests}`, agent, task: { id }, ...extra };
}

function release(agent: string, id: string, extra: Partial<ReleaseIntent> = {}): ReleaseIntent {
  return { kind: 'release', request: `r${++requests}`, agent, task: { id }, ...extra };
}

function complete(agent: string, id: string, extra: Partial<CompleteIntent> = {}): CompleteIntent {
  return { kind: 'complete', request: `r${++requests}`, agent, task: { id }, ...extra };
}

function only(plan: Plan): Decision {
  const [decision, second] = plan.decisions;
  if (!decision || second) throw new Error('expected one decision');
  return decision;
}

function claimed(decision: Decision): string {
  return decision.kind === 'change' && 'key' in decision.outcome ? formatKey(decision.outcome.key) : decision.kind;
}

const held = (agent: string, claimId = 'c1', lastHeartbeat = '2026-03-01T11:50:00Z'): Partial<TaskSpec> => ({
  state: 'claimed',
  claim: { claimedBy: agent, claimedAt: '2026-03-01T11:50:00Z', lastHeartbeat, claimId, attempt: 1 },
});

describe('claim', () => {
  it('takes the best claimable task and writes one commit', () => {
    const snapshot = snapshotOf([
      { id: 'T-2', priority: 7, type: 'backend' },
      { id: 'T-1', priority: 3 },
    ]);
    const plan = decide(snapshot, [claim('a1', {}, { request: 'q1', attempt: 3, waitedMs: 12.4 })], NOW);
    expect(plan.commits).toEqual([
      {
        subject: '[AGENT-CLAIM] a1 claimed T-2 from auth',
        author: 'a1',
        trailers: [
          { key: 'Agentq-Task', value: 'auth/T-2' },
          { key: 'Agentq-Agent', value: 'a1' },
          { key: 'Agentq-Request', value: 'q1' },
          { key: 'Agentq-Attempts', value: '3' },
          { key: 'Agentq-Waited-Ms', value: '12' },
        ],
        tasks: [
          {
            key: { project: 'auth', id: 'T-2' },
            from: 'ready',
            to: 'claimed',
            fromPath: '.agents/auth/tasks/T-2.toon',
            toPath: '.agents/auth/claimed/T-2.toon',
            edits: [
              {
                kind: 'append-claim',
                claim: {
                  claimedBy: 'a1',
                  claimedAt: '2026-03-01T12:00:00Z',
                  lastHeartbeat: '2026-03-01T12:00:00Z',
                  attempt: 3,
                  claimId: 'q1',
                },
              },
            ],
          },
        ],
        files: [],
      },
    ]);
    expect(only(plan)).toMatchObject({
      kind: 'change',
      commit: 0,
      outcome: { kind: 'claimed', title: 'Title of T-2', priority: 7, type: 'backend' },
    });
  });

  it.each<[string, readonly TaskSpec[], TaskFilter, string]>([
    ['blocks never blocks', [{ id: 'T-1', blocks: ['T-2', 'T-3'] }], {}, 'auth/T-1'],
    ['a dependency that is not complete', [{ id: 'T-1', required: ['T-0'] }], {}, 'refused'],
    [
      'a dependency that is ready',
      [
        { id: 'T-1', required: ['T-0'] },
        { id: 'T-0', status: 'blocked' },
      ],
      {},
      'refused',
    ],
    [
      'a complete dependency',
      [
        { id: 'T-1', required: ['T-0 (the base)'] },
        { id: 'T-0', state: 'completed' },
      ],
      {},
      'auth/T-1',
    ],
    [
      'complete in another project only',
      [
        { id: 'T-1', required: ['T-0'] },
        { project: 'b', id: 'T-0', state: 'completed' },
      ],
      {},
      'refused',
    ],
    ['a remark without id is no gate', [{ id: 'T-1', required: ['Note: only after the MVP'] }], {}, 'auth/T-1'],
    ['status blocked', [{ id: 'T-1', status: 'blocked' }], {}, 'refused'],
    ['status pending', [{ id: 'T-1', status: 'pending' }], {}, 'refused'],
    [
      'an unreadable one is passed over',
      [{ id: 'T-1', priority: 9, unreadable: 'bad' }, { id: 'T-2' }],
      {},
      'auth/T-2',
    ],
    [
      'by project',
      [
        { id: 'T-1', priority: 9 },
        { project: 'pay', id: 'T-7' },
      ],
      { project: 'pay' },
      'pay/T-7',
    ],
    ['by least priority', [{ id: 'T-1', priority: 4 }], { minPriority: 5 }, 'refused'],
    [
      'by greatest priority',
      [
        { id: 'T-1', priority: 9 },
        { id: 'T-2', priority: 4 },
      ],
      { maxPriority: 5 },
      'auth/T-2',
    ],
    [
      'by type',
      [
        { id: 'T-1', priority: 9 },
        { id: 'T-2', type: 'docs' },
      ],
      { type: 'docs' },
      'auth/T-2',
    ],
    ['in two states at once', [{ id: 'T-1' }, { id: 'T-1', state: 'completed' }], {}, 'refused'],
  ])('%s', (_, specs, filter, expected) => {
    expect(claimed(only(decide(snapshotOf(specs), [claim('a1', filter)], NOW)))).toBe(expected);
  });

  it('prefers a project, then takes from anywhere', () => {
    const snapshot = snapshotOf([
      { id: 'T-1', priority: 9 },
      { project: 'pay', id: 'T-7' },
    ]);
    const intents = [1, 2, 3].map((n) => claim(`a${n}`, {}, { prefer: 'pay' }));
    expect(decide(snapshot, intents, NOW).decisions.map(claimed)).toEqual(['pay/T-7', 'auth/T-1', 'refused']);
  });

  it('gives many agents a task each, in order, and tells the rest why there is none', () => {
    const snapshot = snapshotOf([
      { id: 'T-1' },
      { id: 'T-2', priority: 6 },
      { id: 'T-3', required: ['T-1'] },
      { id: 'T-4', required: ['T-1', 'T-2'] },
      { id: 'T-5', status: 'blocked' },
      { id: 'T-6', unreadable: 'bad' },
    ]);
    const plan = decide(snapshot, [claim('a1'), claim('a2'), claim('a3')], NOW);
    expect(plan.decisions.map(claimed)).toEqual(['auth/T-2', 'auth/T-1', 'refused']);
    expect(plan.commits).toHaveLength(2);
    expect(plan.decisions[2]).toMatchObject({
      refusal: {
        code: 'nothing-claimable',
        why: {
          waiting: 2,
          mostWaitedFor: { dependency: 'auth/T-1', waiting: 2 },
          otherStatus: { blocked: 1 },
          claimed: 2,
          completed: 0,
          unreadable: 1,
          inTwoStates: 0,
          filteredOut: 0,
        },
      },
    });
  });

  it.each<[string, readonly TaskSpec[], string, string]>([
    ['absent', [], 'unknown-task', 'no task T-1'],
    ['claimed', [{ id: 'T-1', ...held('b') }], 'nothing-claimable', 'auth/T-1 is claimed by b'],
    ['completed', [{ id: 'T-1', state: 'completed' }], 'nothing-claimable', 'auth/T-1 is completed'],
    ['blocked', [{ id: 'T-1', status: 'blocked' }], 'nothing-claimable', 'has status blocked'],
    ['waiting', [{ id: 'T-1', required: ['T-0', 'T-9'] }], 'nothing-claimable', 'waits for T-0, T-9'],
    ['unreadable', [{ id: 'T-1', unreadable: 'is empty' }], 'task-unreadable', 'tasks/T-1.toon:3: is empty'],
    ['in two projects', [{ id: 'T-1' }, { project: 'b', id: 'T-1' }], 'ambiguous-task', 'auth/T-1, b/T-1'],
    ['in two states', [{ id: 'T-1' }, { id: 'T-1', state: 'claimed' }], 'task-in-two-states', 'claimed/T-1.toon'],
  ])('of a named task that is %s', (_, specs, code, words) => {
    const decision = only(decide(snapshotOf(specs), [claim('a1', {}, { task: { id: 'T-1' } })], NOW));
    expect(decision).toMatchObject({ kind: 'refused', refusal: { code } });
    expect(decision.kind === 'refused' && decision.refusal.message).toContain(words);
  });
});

describe('ownership (fencing)', () => {
  const intents: [string, (agent: string, id: string, extra?: { claimId: string }) => Intent][] = [
    ['heartbeat', heartbeat],
    ['release', release],
    ['complete', complete],
  ];
  for (const [name, intent] of intents) {
    it.each<[string, TaskSpec, { claimId: string } | undefined, string]>([
      ['of the owner', { id: 'T-1', ...held('a1') }, undefined, 'change'],
      ['of the owner with its claim', { id: 'T-1', ...held('a1') }, { claimId: 'c1' }, 'change'],
      ['of another agent', { id: 'T-1', ...held('b') }, undefined, 'not-owner'],
      ['by an older claim', { id: 'T-1', ...held('a1', 'c2') }, { claimId: 'c1' }, 'claim-lost'],
      ['by a claim that an old script replaced', { id: 'T-1', ...held('a1', '') }, { claimId: 'c1' }, 'claim-lost'],
      ['of a released task', { id: 'T-1' }, undefined, 'claim-lost'],
      ['of a completed task', { id: 'T-1', state: 'completed' }, undefined, 'claim-lost'],
      ['of an unreadable task', { id: 'T-1', state: 'claimed', unreadable: 'bad' }, undefined, 'task-unreadable'],
      ['of no task', { id: 'T-2' }, undefined, 'unknown-task'],
    ])(`${name} %s`, (_, spec, extra, expected) => {
      const decision = only(decide(snapshotOf([spec]), [intent('a1', 'T-1', extra)], NOW));
      expect(decision.kind === 'refused' ? decision.refusal.code : decision.kind).toBe(expected);
    });
  }
});

describe('heartbeats', () => {
  it('of one agent is a commit of its own', () => {
    const plan = decide(snapshotOf([{ id: 'T-1', ...held('a1') }]), [heartbeat('a1', 'T-1')], NOW);
    expect(plan.commits.map((commit) => commit.subject)).toEqual(['[AGENT-HEARTBEAT] a1 working on T-1']);
    expect(plan.commits[0]?.tasks[0]?.edits).toEqual([{ kind: 'set-heartbeat', at: '2026-03-01T12:00:00Z' }]);
  });

  it('of many agents are one commit, with trailers for each', () => {
    const snapshot = snapshotOf([{ id: 'T-1', ...held('a1') }, { id: 'T-2', ...held('a2') }, { id: 'T-3' }]);
    const plan = decide(snapshot, [heartbeat('a1', 'T-1'), claim('a3'), heartbeat('a2', 'T-2')], NOW);
    expect(plan.commits.map((commit) => commit.subject)).toEqual([
      '[AGENT-HEARTBEAT] 2 agents working',
      '[AGENT-CLAIM] a3 claimed T-3 from auth',
    ]);
    expect(plan.commits[0]?.trailers.filter(({ key }) => key === 'Agentq-Agent').map(({ value }) => value)).toEqual([
      'a1',
      'a2',
    ]);
    expect(plan.decisions.map((decision) => decision.kind === 'change' && decision.commit)).toEqual([0, 1, 0]);
  });

  it('within the same second changes nothing and succeeds', () => {
    const snapshot = snapshotOf([{ id: 'T-1', ...held('a1', 'c1', '2026-03-01T12:00:00Z') }]);
    const plan = decide(snapshot, [heartbeat('a1', 'T-1')], NOW);
    expect(plan.commits).toEqual([]);
    expect(only(plan)).toMatchObject({ kind: 'unchanged', outcome: { kind: 'renewed', claimId: 'c1' } });
  });
});

it('a released task can be claimed by another intent of the same batch', () => {
  // Whatever their order: claims are decided last.
  const plan = decide(snapshotOf([{ id: 'T-1', ...held('a1') }]), [claim('a2'), release('a1', 'T-1')], NOW);
  expect(plan.decisions.map(claimed)).toEqual(['auth/T-1', 'auth/T-1']);
  expect(plan.commits.map((commit) => commit.tasks[0]?.to)).toEqual(['ready', 'claimed']);
});

describe('for any queue and any intents', () => {
  const id = fc.integer({ min: 1, max: 6 }).map((n) => `T-${n}`);
  const agent = fc.constantFrom('a1', 'a2', 'a3');
  const spec: fc.Arbitrary<TaskSpec> = fc
    .record({
      project: fc.constantFrom('auth', 'pay'),
      id,
      state: fc.constantFrom('ready', 'claimed', 'completed'),
      status: fc.constantFrom('ready', 'blocked'),
      priority: fc.integer({ min: 0, max: 3 }),
      required: fc.array(id, { maxLength: 2 }),
      owner: agent,
    })
    .map(({ owner, ...rest }) => (rest.state === 'claimed' ? { ...rest, ...held(owner) } : rest));
  const queue = fc.uniqueArray(spec, { selector: (task) => `${task.project}/${task.id}`, maxLength: 12 });
  const intent: fc.Arbitrary<Intent> = fc.oneof(
    agent.map((name) => claim(name)),
    fc.tuple(agent, id).map(([name, task]) => heartbeat(name, task)),
    fc.tuple(agent, id).map(([name, task]) => release(name, task)),
  );

  it('every task stays in exactly one folder, and every claim has one owner', () => {
    fc.assert(
      fc.property(queue, fc.array(intent, { maxLength: 8 }), (specs, intents) => {
        const snapshot = snapshotOf(specs);
        const plan = decide(snapshot, intents, NOW);
        expect(plan.decisions).toHaveLength(intents.length);
        const places = replay(snapshot, plan);
        expect(places.size).toBe(specs.length);
        const winners = plan.decisions.flatMap((decision) =>
          decision.kind === 'change' && decision.outcome.kind === 'claimed' ? [decision.commit] : [],
        );
        expect(new Set(winners).size).toBe(winners.length);
      }),
    );
  });

  it('a batch decides what its intents would have decided one after the other', () => {
    fc.assert(
      fc.property(
        queue,
        fc.array(
          fc.tuple(agent, fc.constant(0)).map(([name]) => claim(name)),
          { maxLength: 6 },
        ),
        (specs, intents) => {
          const batched = decide(snapshotOf(specs), intents, NOW).decisions.map(claimed);
          const state = { specs: [...specs] };
          const single = intents.map((one) => {
            const result = claimed(only(decide(snapshotOf(state.specs), [one], NOW)));
            state.specs = state.specs.map((task) =>
              `${task.project}/${task.id}` === result ? { ...task, ...held(one.agent, one.request) } : task,
            );
            return result;
          });
          expect(batched).toEqual(single);
        },
      ),
    );
  });

  /** Applies every change, checking that each starts from where its task is. */
  function replay(snapshot: QueueSnapshot, plan: Plan): ReadonlyMap<string, string> {
    const places = new Map<string, string>();
    for (const [entry] of new QueueState(snapshot).all()) if (entry) places.set(formatKey(entry.key), entry.path);
    for (const change of plan.commits.flatMap((commit) => commit.tasks)) {
      expect(places.get(formatKey(change.key))).toBe(change.fromPath);
      places.set(formatKey(change.key), change.toPath);
    }
    return places;
  }
});
