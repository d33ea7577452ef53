import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import {
  carriedOut,
  intentOf,
  isDone,
  isWaitingForNothing,
  live,
  lives,
  nameOf,
  queueOfLife,
  requiredNames,
  START,
  type Step,
} from '../../kit/queues/lives.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

/** What waits and what is opened, in queues of several projects that require each other's tasks. */

const CLAIM: Step = { wish: 'claim', task: '', agent: 'a1', minutes: 0 };

describe('through any life of any queue', () => {
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
            expect(requiredNames(task).every((wanted) => isDone(after, wanted))).toBe(true);
            if (!isOpened || task.holdUntil === undefined) continue;
            const base = sameProject.filter(({ batch }) => batch === 'base');
            expect(base.filter(({ state }) => state === 'completed').length * 2).toBeGreaterThanOrEqual(base.length);
            expect(base.length).toBeGreaterThan(0);
          }
        }
      }),
    );
  });

  it('a completion opens what waited for it alone, in whatever project, and a claim takes what waits for nothing', () => {
    fc.assert(
      fc.property(lives, ([specs, steps]) => {
        for (const { intent, before, after } of live(specs, steps)) {
          const gone = before.filter(({ state }, at) => state === 'claimed' && after[at]?.state === 'completed');
          if (intent.kind === 'complete') {
            const [done] = gone.map(nameOf);
            const isFreed = (task: TaskSpec): boolean =>
              done !== undefined && requiredNames(task).includes(done) && isWaitingForNothing(after, task);
            const expected = before.filter(({ holdUntil, state = 'ready', status, blockedReason }, at) => {
              const task = after[at];
              if (task === undefined || state !== 'ready' || blockedReason !== undefined) return false;
              return status === 'blocked' && holdUntil === undefined && isFreed(task);
            });
            const opened = after.filter(({ status }, at) => status === 'ready' && before[at]?.status !== 'ready');
            expect(opened.filter(({ holdUntil }) => holdUntil === undefined).map(nameOf)).toEqual(expected.map(nameOf));
          } else if (intent.kind === 'claim') {
            const isFree = (task: TaskSpec): boolean =>
              (task.state ?? 'ready') === 'ready' && task.status === 'ready' && isWaitingForNothing(before, task);
            const taken = after.some(({ claim }) => claim?.claimId === intent.request);
            if (before.some(isFree)) expect(taken).toBe(true);
          }
        }
      }),
    );
  });
});

it('claiming and completing drains every queue whose holds can be met, without anybody unblocking', () => {
  fc.assert(
    fc.property(queueOfLife, (specs) => {
      const holdsCanBeMet = specs.every(
        (task) => !task.holdUntil || specs.some(({ project, batch }) => project === task.project && batch === 'base'),
      );
      // A batch whose own tasks wait for held ones cannot get anywhere: that is the planner's deadlock, not ours.
      const held = new Set(specs.filter(({ holdUntil }) => holdUntil).map(nameOf));
      const waitsForHeld = specs.some((task) => requiredNames(task).some((wanted) => held.has(wanted)));
      fc.pre(holdsCanBeMet && !waitsForHeld);
      let tasks = specs;
      const order: string[] = [];
      for (let round = 0; ; round++) {
        const claim = decide(snapshotOf(tasks), [intentOf(CLAIM, `claim-${round}`)], START);
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
        for (const wanted of requiredNames(task)) {
          expect(order.indexOf(wanted)).toBeLessThan(order.indexOf(nameOf(task)));
        }
      }
    }),
    { numRuns: 300 },
  );
});
