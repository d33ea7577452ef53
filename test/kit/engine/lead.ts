import type { Pending, Settled } from '../../../src/engine/base/engine.ts';
import { type CarryOut, Leader } from '../../../src/engine/combining/leader.ts';
import { TestClock } from './test-clock.ts';
import type { TestTicket } from './test-ticket.ts';

export function settled({ intent }: Pending): Settled {
  const refusal = { code: 'unknown-task', message: 'for this test' } as const;
  return { kind: 'refused', intent, refusal };
}

export const EFFORT = { attempts: 1, rejectedPushes: 0, backoffBaseMs: 1 };

/** Answers everybody; `meanwhile` runs after the first look, when those who were there have joined. */
export function answering(batches: string[][], meanwhile: (batch: number) => void = () => undefined): CarryOut {
  return async (intake) => {
    const first = await intake.join('now');
    meanwhile(batches.length);
    const all = [...first, ...(await intake.join('last-call'))];
    const dropped = intake.drop((request) => all.find(({ intent }) => intent.request === request));
    await intake.announce('base');
    intake.leave([]);
    batches.push(all.map(({ intent }) => intent.agent));
    return { settled: all.filter(({ intent }) => !dropped.has(intent.request)).map(settled), ...EFFORT };
  };
}

/** Leads for these tickets, until there is nothing more to do. */
export async function lead(
  carryOut: CarryOut,
  tickets: readonly TestTicket[],
  parts: {
    readonly signal?: AbortSignal;
    readonly clock?: TestClock;
    readonly onLeader?: (leader: Leader) => void;
    readonly othersRunning?: () => number | undefined;
  } = {},
): Promise<void> {
  const { signal = new AbortController().signal, clock = new TestClock(), onLeader, othersRunning } = parts;
  const leader = new Leader(carryOut, clock, signal, { othersRunning });
  onLeader?.(leader);
  for (const ticket of tickets) leader.add(ticket);
  await leader.run(() => undefined);
}
