import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import { compileGlob, doOverlap } from '../../../src/domain/rules/touches.ts';
import { claim, claimed, held, NOW, only, release } from '../../kit/queues/intents.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const task = (id: string, touches: string, extra: Partial<TaskSpec> = {}): TaskSpec => ({
  id,
  touches: [touches],
  ...extra,
});
const decided = (specs: readonly TaskSpec[], ...agents: readonly string[]) =>
  decide(
    snapshotOf(specs),
    agents.map((agent) => claim(agent)),
    NOW,
  );

describe('tasks that touch the same files', () => {
  it('are not claimed at once: the next one is taken, also within a batch', () => {
    const specs = [
      task('T-1', 'src/auth/**', held('a1')),
      task('T-2', 'src/auth/login.ts', { priority: 9 }),
      task('T-3', 'src/pay/**'),
      task('T-4', '**/pay/x.ts'),
      { id: 'T-5' },
    ];
    expect(decided(specs, 'a2', 'a3', 'a4').decisions.map(claimed)).toEqual(['auth/T-3', 'auth/T-5', 'refused']);
  });

  it('name the one that is in the way', () => {
    const specs = [task('T-1', 'src/auth/**', held('a1')), task('T-2', 'src/auth/login.ts')];
    const obstacle = 'auth/T-1 (touches src/auth/**)';
    expect(only(decided(specs, 'a2'))).toMatchObject({
      refusal: {
        message: `nothing to claim: 1 held back by ${obstacle}, 1 claimed`,
        why: { heldBack: { tasks: 1, by: [obstacle] } },
      },
    });
    expect(only(decide(snapshotOf(specs), [claim('a2', {}, { task: { id: 'T-2' } })], NOW))).toMatchObject({
      refusal: { message: `auth/T-2 is held back by ${obstacle}` },
    });
  });

  it('may follow each other in one batch, and take the place of the dead', () => {
    const specs = [task('T-1', 'src/**', held('a1')), task('T-2', 'src/x')];
    const plan = decide(snapshotOf(specs), [claim('a2', {}, { task: { id: 'T-2' } }), release('a1', 'T-1')], NOW);
    expect(plan.decisions.map(claimed)).toEqual(['auth/T-2', 'auth/T-1']);
    const dead = task('T-1', 'src/**', {
      state: 'claimed',
      claim: { claimedBy: 'x', lastHeartbeat: '2026-03-01T10:00:00Z' },
    });
    const stalled = decide(
      { ...snapshotOf([dead, task('T-2', 'src/x', { priority: 9 })]), stalls: 'witnessed' },
      [claim('a2')],
      NOW,
    );
    expect(stalled.decisions.map(claimed)).toEqual(['auth/T-1']);
    const other = { ...snapshotOf([dead, task('T-2', 'src/x', { type: 'bug' })]), stalls: 'witnessed' as const };
    const made = decide(other, [claim('a2', { type: 'bug' })], NOW);
    expect([made.decisions.map(claimed), made.commits.length]).toEqual([['auth/T-2'], 2]);
  });

  it('wait for each other while work waits for its review: the changes are still to come', () => {
    const review = { state: 'claimed' as const, claim: { claimedBy: 'a1', reviewSince: '2026-03-01T11:50:00Z' } };
    expect(claimed(only(decided([task('T-1', 'src/**', review), task('T-2', 'src/x')], 'a2')))).toBe('refused');
  });

  it('are never claimed together, whatever comes', () => {
    const glob = fc.constantFrom('src/**', 'src/a', 'src/a/*.ts', '*/b', 'docs/**', '**/*.ts', 'docs/[ab]');
    const spec = fc.record({
      id: fc.integer({ min: 1, max: 8 }).map((n) => `T-${n}`),
      project: fc.constantFrom('auth', 'pay'),
      touches: fc.option(fc.array(glob, { minLength: 1, maxLength: 2 }), { nil: undefined }),
      priority: fc.integer({ min: 0, max: 2 }),
    });
    const queue = fc.uniqueArray(spec, { selector: ({ id, project }) => `${project}/${id}`, maxLength: 10 });
    fc.assert(
      fc.property(queue, fc.integer({ min: 0, max: 8 }), (tasks, agents) => {
        const specs = tasks.map(
          ({ touches, ...rest }): TaskSpec => (touches === undefined ? rest : { ...rest, touches }),
        );
        const names = decided(specs, ...Array.from({ length: agents }, (_, index) => `a${index}`)).decisions.map(
          claimed,
        );
        const taken = specs.filter(({ project, id }) => names.includes(`${project}/${id}`));
        const isApart = (one: TaskSpec, other: TaskSpec): boolean =>
          !(one.touches ?? []).some((a) =>
            (other.touches ?? []).some((b) => doOverlap(compileGlob(a), compileGlob(b))),
          );
        for (const one of taken) for (const other of taken) if (one !== other) expect(isApart(one, other)).toBe(true);
        // Nobody goes away empty-handed beside a task that is apart from all of them.
        const left = specs.filter((one) => !taken.includes(one) && taken.every((other) => isApart(one, other)));
        if (names.includes('refused')) expect(left).toEqual([]);
      }),
    );
  });
});
