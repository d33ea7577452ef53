import { at, claim, on, world } from './scenes.ts';
import type { Command, ProcessEvent, WorldSpec } from './spec.ts';

const STALLED_AFTER_MS = 60_000;

/** When the only agent with a task is killed: it has renewed its claim by then, more than once. */
const KILLED: ProcessEvent = { at: { ms: 100_000 }, do: 'kill' };

const WAITING: readonly (readonly [string, Command])[] = [
  ['claim --wait', claim('a2', { waitMs: 900_000 })],
  ['a pool', { kind: 'work', agents: 1, agent: 'a2', runsMs: 10, idle: 900_000 }],
];

/** Somebody waits while the only task is another's, who dies: nobody pushes when the claim stalls. */
export const TAKEOVERS: readonly { readonly name: string; readonly spec: WorldSpec }[] = WAITING.flatMap(
  ([who, command]) =>
    (['commit', 'ref'] as const).map((heartbeat) => ({
      name: `${who} takes over what nobody renews any more, by ${heartbeat}`,
      spec: world(
        [
          at(0, 'p1', { kind: 'work', agents: 1, runsMs: 9_000_000, idle: 'leave' }, { events: [KILLED] }),
          on(1, at(1_000, 'p2', command)),
        ],
        {},
        { tasks: 1, stalledAfterMs: STALLED_AFTER_MS, heartbeat },
      ),
    })),
);

/**
 * When the claim may be taken over, in ms from its owner's last sign of life: not before the limit, and so soon after it
 * and the time that clocks may be apart that somebody must have looked by the clock.
 */
export const TAKEOVER_MS = { least: STALLED_AFTER_MS, most: 2 * STALLED_AFTER_MS + 5_000 } as const;
