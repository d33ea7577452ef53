import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decided, decide } from '../../../src/domain/deciding/decide.ts';
import type { ClaimIntent, Intent } from '../../../src/domain/intents/intent.ts';
import type { PoolSettings, QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { claim, claimed, complete, heartbeat, NOW, only } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const MINUTE = 60_000;
const LIMIT = 30;

/** A task whose agent was last heard from this many minutes ago. */
function silent(id: string, minutes: number, extra: Partial<TaskSpec> = {}): TaskSpec {
  const lastHeartbeat = new Date(NOW - minutes * MINUTE).toISOString();
  return { id, state: 'claimed', claim: { claimedBy: `owner-of-${id}`, lastHeartbeat, claimId: 'c1' }, ...extra };
}

function witnessed(specs: readonly TaskSpec[], settings: Partial<PoolSettings> = {}): QueueSnapshot {
  const snapshot = snapshotOf(specs);
  return { ...snapshot, stalls: 'witnessed', settings: { ...snapshot.settings, ...settings } };
}

/** The same as a cheap look shows it. */
function suspected(specs: readonly TaskSpec[], at: (id: string) => number): QueueSnapshot {
  const snapshot = snapshotOf(specs);
  const projects = [...snapshot.projects].map(([name, project]) => {
    const entries = project.entries.map((entry) =>
      entry.state === 'claimed' ? { ...entry, stallsAt: at(entry.key.id) } : entry,
    );
    return [name, { ...project, entries }] as const;
  });
  return { ...snapshot, stalls: 'suspected', projects: new Map(projects) };
}

const subjects = ({ commits }: Decided): string[] => commits.map(({ subject }) => subject);

describe('a claim', () => {
  it('takes a stalled task in two commits: the release by the rules of release-stalled, then the claim', () => {
    const specs = [silent('T-1', 45, { stalls: 1, status: 'in_progress' }), { id: 'T-9', stalls: 1 }];
    const intent = claim('a2', {}, { task: { id: 'T-1' } });
    const plan = decide(witnessed(specs), [intent], NOW);
    expect(subjects(plan)).toEqual([
      '[ORCHESTRATOR] Released 1 stalled tasks (no heartbeat for 30m)',
      '[AGENT-CLAIM] a2 claimed T-1 from auth',
    ]);
    const [given, taken] = plan.commits;
    expect(given).toMatchObject({
      author: 'orchestrator',
      trailers: [
        { key: 'Agentq-Task', value: 'auth/T-1' },
        { key: 'Agentq-Agent', value: 'orchestrator' },
        { key: 'Agentq-Request', value: `${intent.request}-stalled` },
      ],
      tasks: [{ from: 'claimed', to: 'ready', stalls: 2, edits: [{ kind: 'remove-claim' }, { kind: 'set-status' }] }],
      files: [{ path: '.agents/auth/tasks/.agentq-stalls', content: 'T-1 2\nT-9 1\n' }],
    });
    expect(taken?.tasks).toMatchObject([{ from: 'ready', fromPath: given?.tasks[0]?.toPath }]);
    expect(only(plan)).toMatchObject({
      commit: 1,
      outcome: { takenFrom: { agent: 'owner-of-T-1', silentMs: 45 * MINUTE, stalls: 2 } },
    });
  });

  it.each<[string, readonly TaskSpec[], Partial<ClaimIntent>, string, number]>([
    [
      'the stalled one first, if it has the higher priority',
      [silent('T-1', 45, { priority: 9 }), { id: 'T-2' }],
      {},
      'auth/T-1',
      2,
    ],
    [
      'the ready one first, and leaves the other alone',
      [silent('T-1', 45), { id: 'T-2', priority: 9 }],
      {},
      'auth/T-2',
      1,
    ],
    ['by id where priorities are equal', [silent('T-10', 45), { id: 'T-2' }], {}, 'auth/T-2', 1],
    ['no living claim', [silent('T-1', LIMIT + 1)], {}, 'refused', 0],
    [
      'only what the filter allows',
      [silent('T-1', 45), silent('T-1', 45, { project: 'pay' })],
      { filter: { project: 'pay' } },
      'pay/T-1',
      2,
    ],
    ['nothing that waits for something', [silent('T-1', 45, { required: ['T-9'] })], {}, 'refused', 0],
    ['nothing with a status of its own', [silent('T-1', 45, { status: 'blocked' })], {}, 'refused', 0],
    ['nothing in two folders at once', [silent('T-1', 45), { id: 'T-1' }], {}, 'refused', 0],
    [
      'the project that it prefers',
      [{ id: 'T-1', priority: 9 }, silent('T-2', 45, { project: 'pay' })],
      { prefer: 'pay' },
      'pay/T-2',
      2,
    ],
    [
      'its own old claim too',
      [silent('T-1', 45, { claim: { claimedBy: 'a2', lastHeartbeat: '2026-03-01T10:00:00Z' } })],
      {},
      'auth/T-1',
      2,
    ],
  ])('takes %s', (_, specs, extra, expected, commits) => {
    const plan = decide(witnessed(specs), [claim('a2', {}, extra)], NOW);
    expect(claimed(only(plan))).toBe(expected);
    expect(plan.commits).toHaveLength(commits);
  });

  it('blocks what has stalled too often on its way, and takes the next', () => {
    const specs = [
      silent('T-1', 45, { stalls: 2, priority: 9 }),
      silent('T-2', 45, { stalls: 1 }),
      { id: 'T-3', priority: 1 },
    ];
    const plan = decide(witnessed(specs), [claim('a2')], NOW);
    expect(claimed(only(plan))).toBe('auth/T-2');
    expect(plan.commits[0]?.tasks.map(({ key, edits }) => [key.id, edits.length])).toEqual([
      ['T-1', 3],
      ['T-2', 1],
    ]);
    expect(plan.commits[0]?.files).toEqual([{ path: '.agents/auth/tasks/.agentq-stalls', content: 'T-1 3\nT-2 2\n' }]);
  });

  it.each([undefined, { id: 'T-1' }])('blocks the last task that stalled too often, and says so (task %j)', (task) => {
    const plan = decide(witnessed([silent('T-1', 45, { stalls: 2 })]), [claim('a2', {}, task && { task })], NOW);
    expect(subjects(plan)).toEqual(['[ORCHESTRATOR] Released 1 stalled tasks (no heartbeat for 30m)']);
    const message = task ? 'auth/T-1 has status blocked, not ready' : 'nothing to claim: 1 blocked';
    expect(only(plan)).toMatchObject({ kind: 'refused', refusal: { message } });
  });

  it.each<[string, QueueSnapshot]>([
    ['in a pool that has turned it off', witnessed([silent('T-1', 45)], { reclaim: 'off' })],
    ['where nobody has asked', snapshotOf([silent('T-1', 45)])],
  ])('takes nothing %s', (_, snapshot) => {
    expect(only(decide(snapshot, [claim('a2')], NOW)).kind).toBe('refused');
  });

  it('says when the next of the claimed can be taken', () => {
    const specs = [silent('T-1', 5), silent('T-2', 20), silent('T-1', 31, { project: 'pay' })];
    const words = (intent: ClaimIntent, snapshot = witnessed(specs)): unknown => only(decide(snapshot, [intent], NOW));
    const message = (text: string) => ({ refusal: { message: text } });
    expect(words(claim('a2', { project: 'auth' }))).toMatchObject(
      message('nothing to claim in auth: 2 claimed; the next claim counts as stalled in 12m, unless it is renewed'),
    );
    expect(words(claim('a2'))).toMatchObject({ refusal: { why: { nextStallMs: MINUTE } } });
    expect(words(claim('a2', {}, { task: { project: 'pay', id: 'T-1' } }))).toMatchObject(
      message('pay/T-1 is claimed by owner-of-T-1; this claim counts as stalled in 1m, unless it is renewed'),
    );
    const seen = suspected(specs, (id) => (id === 'T-2' ? NOW + 90_500 : NOW + 5 * MINUTE));
    expect(words(claim('a2'), seen)).toMatchObject({ refusal: { why: { nextStallMs: 90_500 } } });
  });
});

describe('a suspicion', () => {
  const suspects = (specs: readonly TaskSpec[]) => suspected(specs, (id) => (id === 'T-1' ? 0 : NOW + MINUTE));

  it.each<[string, readonly TaskSpec[], Intent, 'witnesses' | undefined]>([
    [
      'is asked about where the claim would take the task',
      [silent('T-1', 45), { id: 'T-9' }],
      claim('a2'),
      'witnesses',
    ],
    [
      'is left alone where another task comes first',
      [silent('T-1', 45), { id: 'T-9', priority: 9 }],
      claim('a2'),
      undefined,
    ],
    ['is left alone where the filter does not want it', [silent('T-1', 45)], claim('a2', { type: 'bug' }), undefined],
    ['is left alone by others', [silent('T-1', 45)], complete('owner-of-T-1', 'T-1'), undefined],
  ])('%s', (_, specs, intent, needs) => {
    expect(decide(suspects(specs), [intent], NOW).needs).toBe(needs);
  });

  it('ends with a renewal in the same batch', () => {
    const beat = heartbeat('owner-of-T-1', 'T-1');
    expect(decide(suspects([silent('T-1', 45)]), [claim('a2'), beat], NOW).needs).toBeUndefined();
    const plan = decide(witnessed([silent('T-1', 45)]), [claim('a2'), beat], NOW);
    expect(plan.decisions.map(({ kind }) => kind)).toEqual(['refused', 'change']);
  });
});

it('for any queue: a batch takes what release-stalled and the claims after it would, counted once', () => {
  const spec = fc.record({
    id: fc.integer({ min: 1, max: 6 }).map((n) => `T-${n}`),
    project: fc.constantFrom('auth', 'pay'),
    minutes: fc.constantFrom(undefined, 5, 45),
    priority: fc.integer({ min: 0, max: 2 }),
    stalls: fc.integer({ min: 0, max: 2 }),
  });
  const queue = fc.uniqueArray(spec, { selector: ({ id, project }) => `${project}/${id}`, maxLength: 9 });
  const claims = fc.array(fc.constantFrom({}, { project: 'auth' }, { project: 'pay', minPriority: 1 }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(queue, claims, (tasks, filters) => {
      const specs = tasks.map(({ minutes, id, ...rest }) =>
        minutes === undefined ? { id, ...rest } : silent(id, minutes, rest),
      );
      const intents = filters.map((filter, index) => claim(`a${index}`, filter));
      const release: Intent = { kind: 'release-stalled', request: 'r-all', agent: 'orchestrator' };
      const plan = decide(witnessed(specs), intents, NOW);
      const all = decide(witnessed(specs), [release, ...intents], NOW);
      expect(plan.decisions.map(claimed)).toEqual(all.decisions.slice(1).map(claimed));
      const released = plan.commits.flatMap(({ tasks: changes }) => changes.filter(({ from }) => from === 'claimed'));
      const taken = plan.decisions.flatMap((one) =>
        one.kind === 'change' && 'takenFrom' in one.outcome ? [claimed(one)] : [],
      );
      // Whatever is given back is claimed in the same batch, or blocked.
      const open = released.filter(({ edits }) => edits.length < 3).map(({ key }) => `${key.project}/${key.id}`);
      expect([...open].sort()).toEqual([...taken].sort());
      expect(new Set(released.map(({ fromPath }) => fromPath)).size).toBe(released.length);
      for (const change of released) {
        const before = tasks.find(({ id, project }) => id === change.key.id && project === change.key.project);
        expect([before?.minutes, change.stalls]).toEqual([45, (before?.stalls ?? 0) + 1]);
      }
    }),
  );
});
