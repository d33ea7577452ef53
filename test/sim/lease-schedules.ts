import { at, claim, on, world } from './scenes.ts';
import type { WorldSpec } from './spec.ts';

/** Schedules about claims that stand for long. */
export const LEASE_SCHEDULES: readonly { readonly name: string; readonly spec: WorldSpec }[] = [
  {
    name: 'a task in review is not taken, and its answer may be lost',
    spec: world(
      [
        at(0, 'p1', claim('a1')),
        at(10, 'v1', { kind: 'review', claim: 'p1' }, { after: 'p1' }),
        on(1, at(400_000, 'r1', { kind: 'release-stalled' })),
        on(1, at(500_000, 'p2', claim('a2'))),
        on(1, at(510_000, 'r2', { kind: 'release-stalled' })),
      ],
      { scripted: [{ process: 'v1', what: 'branch', number: 1, fault: 'answer-lost', thenAwayMs: 20_000 }] },
      { tasks: 1, stalledAfterMs: 180_000 },
    ),
  },
  {
    name: 'two workers with one agent id renew by refs, and the first ends',
    spec: world(
      [
        at(0, 'p1', { kind: 'work', agents: 1, runsMs: 130_000, idle: 'leave', maxTasks: 1, agent: 'same' }),
        at(50, 'p2', { kind: 'work', agents: 1, runsMs: 600_000, idle: 'leave', maxTasks: 1, agent: 'same' }),
        on(1, at(300_000, 'r1', { kind: 'release-stalled' })),
        on(1, at(420_000, 'r2', { kind: 'release-stalled' })),
      ],
      {},
      { tasks: 2, stalledAfterMs: 180_000, heartbeat: 'ref' },
    ),
  },
];
