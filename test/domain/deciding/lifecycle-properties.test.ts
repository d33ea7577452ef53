import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { given } from '../../../src/domain/base/given.ts';
import { type Decided, decide } from '../../../src/domain/deciding/decide.ts';
import type { TaskEdit } from '../../../src/domain/queue/edit.ts';
import type { Intent } from '../../../src/domain/queue/intent.ts';
import { DEFAULT_POOL_SETTINGS, NO_FAILURES } from '../../../src/domain/queue/snapshot.ts';
import { readFailures, readLedger } from '../../../src/domain/rules/ledger.ts';
import { locationFor, snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

/** Whole lives of random queues: each step is decided on what the steps before made of the files. */

const START = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const AGENTS = ['a1', 'a2', 'a3'];

const nameOf = ({ project = 'auth', id }: TaskSpec): string => `${project}/${id}`;

/** A step of a life: what somebody wants, and how many minutes later. */
interface Step {
  readonly minutes: number;
  readonly wish: (typeof WISHES)[number];
  readonly agent: string;
  readonly task: string;
}

// biome-ignore format: one line is enough.
const WISHES = ['claim', 'claim', 'heartbeat', 'complete', 'review', 'release', 'fail', 'release-stalled', 'unblock', 'free'] as const;

const id = fc.integer({ min: 1, max: 7 }).map((n) => `T-${n}`);

/** Dependencies go to smaller numbers only, so that there is an order in which all can be done. */
const queue: fc.Arbitrary<readonly TaskSpec[]> = fc
  .array(
    fc.record({
      project: fc.constantFrom('auth', 'pay'),
      required: fc.uniqueArray(fc.nat({ max: 6 }), { maxLength: 2 }),
      batch: fc.constantFrom(undefined, 'base'),
      hold: fc.constantFrom(undefined, undefined, '50% of base'),
      priority: fc.nat({ max: 3 }),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((tasks) =>
    tasks.map(({ project, required, batch, hold, priority }, index) => {
      const earlier = required.filter((n) => n < index && tasks[n]?.project === project).map((n) => `T-${n + 1}`);
      const isHeld = hold !== undefined && batch === undefined;
      return {
        project,
        id: `T-${index + 1}`,
        priority,
        required: earlier,
        status: isHeld ? 'pending' : earlier.length > 0 ? 'blocked' : 'ready',
        ...given({ batch }),
        ...(isHeld ? { holdUntil: hold } : {}),
      };
    }),
  );

const step: fc.Arbitrary<Step> = fc.record({
  minutes: fc.integer({ min: 0, max: 40 }),
  wish: fc.constantFrom(...WISHES),
  agent: fc.constantFrom(...AGENTS),
  task: id,
});

function intentOf({ wish, agent, task }: Step, request: string): Intent {
  switch (wish) {
    case 'claim':
      return { kind: 'claim', request, agent, filter: {}, attempt: 1, waitedMs: 0 };
    case 'fail':
      return { kind: 'release', request, agent, task: { id: task }, because: 'failed', reason: 'ended with 1' };
    case 'release-stalled':
      return { kind: 'release-stalled', request, agent: 'orchestrator' };
    case 'unblock':
      return { kind: 'unblock', request, agent: 'orchestrator' };
    case 'free':
      return { kind: 'unblock', request, agent: 'orchestrator', task: { id: task } };
    default:
      return { kind: wish, request, agent, task: { id: task } };
  }
}

/** What the commits make of the files, by their edits alone. */
function carriedOut(specs: readonly TaskSpec[], plan: Decided): TaskSpec[] {
  const tasks = new Map(specs.map((spec) => [nameOf(spec), spec]));
  for (const { tasks: changes, files } of plan.commits) {
    for (const { key, from, to, edits } of changes) {
      const name = `${key.project}/${key.id}`;
      const before = tasks.get(name);
      expect(before?.state ?? 'ready').toBe(from);
      if (before) tasks.set(name, edits.reduce(edited, { ...before, state: to }));
    }
    for (const { path, content } of files) {
      const counts = readLedger(content ?? '');
      const failures = readFailures(content ?? '');
      for (const [name, spec] of tasks) {
        const isHere = path.startsWith(locationFor(spec.project ?? 'auth').folders.ready);
        if (!isHere) continue;
        const failed = failures.get(spec.id) ?? NO_FAILURES;
        tasks.set(name, { ...spec, stalls: counts.get(spec.id) ?? 0, failures: failed });
      }
    }
  }
  return [...tasks.values()];
}

function edited(spec: TaskSpec, edit: TaskEdit): TaskSpec {
  const { claim, blockedReason, ...rest } = spec;
  switch (edit.kind) {
    case 'append-claim':
      return { ...spec, claim: edit.claim };
    case 'set-heartbeat':
      return { ...spec, claim: { ...claim, lastHeartbeat: edit.at } };
    case 'set-in-claim':
      return { ...spec, claim: { ...claim, [edit.field === 'pr_url' ? 'prUrl' : 'reviewSince']: edit.value } };
    case 'remove-claim':
      return blockedReason === undefined ? rest : { ...rest, blockedReason };
    case 'set-status':
      return { ...spec, status: edit.status };
    case 'set-blocked-reason':
      return { ...rest, ...(claim ? { claim } : {}), ...(edit.reason ? { blockedReason: edit.reason } : {}) };
    case 'append-note':
      return spec;
    case 'append-completion':
      return { ...spec, completion: edit.completion };
    case 'set-field':
      throw new Error('only adding edits fields');
  }
}

interface Moment {
  readonly now: number;
  readonly intent: Intent;
  readonly before: readonly TaskSpec[];
  readonly after: readonly TaskSpec[];
  readonly plan: Decided;
}

function live(specs: readonly TaskSpec[], steps: readonly Step[]): Moment[] {
  let now = START;
  let before = specs;
  return steps.map((one, index) => {
    now += one.minutes * MINUTE;
    const intent = intentOf(one, `request-${index}`);
    const plan = decide(snapshotOf(before), [intent], now);
    const moment = { now, intent, before, after: carriedOut(before, plan), plan };
    before = moment.after;
    return moment;
  });
}

describe('through any life of any queue', () => {
  const lives = fc.tuple(queue, fc.array(step, { maxLength: 40 }));

  it('every task stays in exactly one folder, and what is complete stays complete', () => {
    fc.assert(
      fc.property(lives, ([specs, steps]) => {
        for (const { before, after } of live(specs, steps)) {
          expect(after.map(nameOf)).toEqual(before.map(nameOf));
          const done = (list: readonly TaskSpec[]): string[] =>
            list.filter(({ state }) => state === 'completed').map(nameOf);
          expect(done(after)).toEqual(expect.arrayContaining(done(before)));
        }
      }),
    );
  });

  it('nothing is opened or claimed before all it requires is complete, nor a held one before its batch', () => {
    fc.assert(
      fc.property(lives, ([specs, steps]) => {
        for (const { intent, before, after } of live(specs, steps)) {
          const isNamed = intent.kind === 'unblock' && intent.task !== undefined;
          for (const [index, task] of after.entries()) {
            const old = before[index];
            const isOpened = !isNamed && old?.status !== 'ready' && task.status === 'ready';
            const isClaimed = (old?.state ?? 'ready') === 'ready' && task.state === 'claimed';
            if (!isOpened && !isClaimed) continue;
            const sameProject = after.filter(({ project }) => project === task.project);
            const isDone = (wanted: string): boolean =>
              sameProject.some((other) => other.id === wanted && other.state === 'completed');
            expect(task.required?.every(isDone)).toBe(true);
            if (!isOpened || task.holdUntil === undefined) continue;
            const base = sameProject.filter(({ batch }) => batch === 'base');
            expect(base.filter(({ state }) => state === 'completed').length * 2).toBeGreaterThanOrEqual(base.length);
            expect(base.length).toBeGreaterThan(0);
          }
        }
      }),
    );
  });

  it('no live claim is taken from its owner, and no task stalls more often than allowed', () => {
    const wish = fc.constantFrom<Step['wish'][]>(
      'claim',
      'claim',
      'release-stalled',
      'release-stalled',
      'heartbeat',
      'free',
    );
    const silent = fc.record({
      minutes: fc.integer({ min: 0, max: 60 }),
      wish,
      agent: fc.constantFrom(...AGENTS),
      task: id,
    });
    const few = queue.map((specs) => specs.slice(0, 2));
    fc.assert(
      fc.property(fc.tuple(few, fc.array(silent, { minLength: 10, maxLength: 40 })), ([specs, steps]) => {
        const stalls = new Map<string, number>();
        for (const { now, intent, before, after } of live(specs, steps)) {
          for (const [index, task] of after.entries()) {
            const old = before[index];
            const name = nameOf(task);
            if (intent.kind === 'unblock' && task.status === 'ready' && task.stalls === 0) stalls.delete(name);
            if (task.state === 'completed') expect(task.stalls ?? 0).toBe(0);
            if (intent.kind !== 'release-stalled' || old?.state !== 'claimed' || task.state !== 'ready') continue;
            expect(now - Date.parse(old.claim?.lastHeartbeat ?? '')).toBeGreaterThan(30 * MINUTE);
            stalls.set(name, (stalls.get(name) ?? 0) + 1);
            expect(stalls.get(name)).toBe(task.stalls);
            expect(stalls.get(name)).toBeLessThanOrEqual(DEFAULT_POOL_SETTINGS.maxReleases);
            expect(task.status === 'blocked').toBe(stalls.get(name) === DEFAULT_POOL_SETTINGS.maxReleases);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('no task fails more often than allowed, and each failure is counted once', () => {
    const wish = fc.constantFrom<Step['wish'][]>(
      'claim',
      'claim',
      'fail',
      'fail',
      'fail',
      'release',
      'complete',
      'free',
    );
    const failing = fc.record({ minutes: fc.nat({ max: 9 }), wish, agent: fc.constantFrom('a1', 'a2'), task: id });
    const few = queue.map((specs) => specs.slice(0, 2));
    fc.assert(
      fc.property(fc.tuple(few, fc.array(failing, { minLength: 10, maxLength: 40 })), ([specs, steps]) => {
        for (const { intent, before, after } of live(specs, steps)) {
          for (const [index, task] of after.entries()) {
            const old = before[index];
            const [was, is] = [old?.failures?.count ?? 0, task.failures?.count ?? 0];
            const isGivenBack = old?.state === 'claimed' && task.state === 'ready';
            const isFailure = isGivenBack && intent.kind === 'release' && intent.because === 'failed';
            if (isFailure) {
              expect(is).toBe(was + 1);
              expect(task.status === 'blocked').toBe(is === DEFAULT_POOL_SETTINGS.maxFailures);
            } else expect([was, 0]).toContain(is);
            if (task.state === 'completed') expect(is).toBe(0);
            expect(is).toBeLessThanOrEqual(DEFAULT_POOL_SETTINGS.maxFailures);
          }
        }
      }),
    );
  });

  it('an intent that is asked for again at once changes nothing more', () => {
    fc.assert(
      fc.property(lives, ([specs, steps]) => {
        for (const { now, intent, after } of live(specs, steps)) {
          if (intent.kind === 'claim') continue;
          const again = decide(snapshotOf(after), [{ ...intent, request: 'again-1' }], now);
          expect(again.commits).toEqual([]);
        }
      }),
    );
  });
});

it('claiming and completing drains every queue whose holds can be met, without anybody unblocking', () => {
  fc.assert(
    fc.property(queue, (specs) => {
      const holdsCanBeMet = specs.every(
        (task) => !task.holdUntil || specs.some(({ project, batch }) => project === task.project && batch === 'base'),
      );
      // A batch whose own tasks wait for held ones cannot get anywhere: that is the planner's deadlock, not ours.
      const held = new Set(specs.filter(({ holdUntil }) => holdUntil).map(nameOf));
      const waitsForHeld = specs.some((task) => task.required?.some((wanted) => held.has(`${task.project}/${wanted}`)));
      fc.pre(holdsCanBeMet && !waitsForHeld);
      let tasks = specs;
      const order: string[] = [];
      for (let round = 0; ; round++) {
        const claim = decide(snapshotOf(tasks), [intentOf(stepOf('claim', ''), `claim-${round}`)], START);
        const [decision] = claim.decisions;
        if (decision?.kind !== 'change' || decision.outcome.kind !== 'claimed') break;
        tasks = carriedOut(tasks, claim);
        const { key } = decision.outcome;
        order.push(`${key.project}/${key.id}`);
        const done: Intent = { kind: 'complete', request: `complete-${round}`, agent: 'a1', task: key };
        tasks = carriedOut(tasks, decide(snapshotOf(tasks), [done], START));
      }
      expect([...order].sort()).toEqual(specs.map(nameOf).sort());
      for (const task of specs) {
        for (const wanted of task.required ?? []) {
          expect(order.indexOf(`${task.project}/${wanted}`)).toBeLessThan(order.indexOf(nameOf(task)));
        }
      }
    }),
    { numRuns: 300 },
  );
});

function stepOf(wish: Step['wish'], task: string): Step {
  return { wish, task, agent: 'a1', minutes: 0 };
}
