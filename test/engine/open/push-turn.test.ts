import { expect, it } from 'vitest';
import type { QueueEvent } from '../../../src/domain/base/event.ts';
import { PushLine } from '../../../src/engine/machines/push-line.ts';
import { withPushLine } from '../../../src/engine/open/push-turn.ts';
import type { PushOutcome } from '../../../src/git/answers/push-outcome.ts';
import { MeetConnection } from '../../../src/machine/meet-server/connection.ts';
import { type MeetServer, MeetServerFailure } from '../../../src/machine/meet-server/meet-server.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';

/** How a push waits for its turn among all machines; that the line holds at real servers is in `test/machine`. */

const MOVES = [{ ref: 'refs/heads/develop', expected: 'a', to: 'b' }];
const OWN_REF = [{ ref: 'refs/agentq/requests/x', expected: undefined, to: 'b' }];

/** @param answers what the server says, one look after another; the last one forever */
function waiting(answers: readonly ('turn' | 'wait' | 'away')[]) {
  const clock = new TestClock();
  const [steps, events]: [string[], QueueEvent[]] = [[], []];
  const interrupt = new AbortController();
  const server = {
    stand: async () => {
      const answer = answers[Math.min(steps.filter((step) => step === 'looks').length, answers.length - 1)];
      steps.push('looks');
      if (answer === 'away') throw new MeetServerFailure('away', 'meet: no answer');
      return answer;
    },
    leaveLine: async () => void steps.push('leaves'),
    onLost: () => () => undefined,
    close: async () => undefined,
  } as unknown as MeetServer;
  const random = { next: () => 0.5, id: () => 'somebody' };
  const at = { name: 'meet', open: async () => server };
  const connection = new MeetConnection({ at, clock, onTrouble: (message) => steps.push(message) });
  const line = new PushLine({ connection, line: 'remote', most: 3, clock: new TestClock('standing'), random });
  const push = async (): Promise<PushOutcome> => {
    steps.push('pushes');
    return { kind: 'landed' };
  };
  const around = { clock, random, signal: interrupt.signal, onEvent: (event: QueueEvent) => events.push(event) };
  return { ...withPushLine({ push }, line, around), steps, events, clock, interrupt };
}

it('comes when enough others have pushed, and is given back after the push', async () => {
  const { push, turn, steps } = waiting(['wait', 'wait', 'turn']);
  const given = await turn();
  expect(given).toMatchObject({ came: 'after others' });
  if (given === undefined) throw new Error('no turn');
  expect(await push(MOVES, { turn: given })).toEqual({ kind: 'landed' });
  given.leave();
  await expect.poll(() => steps).toEqual(['looks', 'looks', 'looks', 'pushes', 'leaves']);
});

it('is waited for by a push that moves a branch, and by no other', async () => {
  const { push, steps } = waiting(['turn']);
  await push(OWN_REF);
  expect(steps).toEqual(['pushes']);
  await push(MOVES);
  await expect.poll(() => steps).toEqual(['pushes', 'looks', 'pushes', 'leaves']);
});

it('is done without where the server is away, at once', async () => {
  const { push, steps, clock } = waiting(['away']);
  expect(await push(MOVES)).toEqual({ kind: 'landed' });
  expect(steps).toEqual(['looks', 'meet: no answer: agents of other machines meet at the git remote alone', 'pushes']);
  expect(clock.sleeps).toEqual([]);
});

it('is done without after a minute, in which it is said for whom one waits', async () => {
  const { push, steps, events, clock } = waiting(['wait']);
  const begun = clock.now();
  expect(await push(MOVES)).toEqual({ kind: 'landed' });
  expect(clock.now() - begun).toBeGreaterThanOrEqual(60_000);
  expect(clock.now() - begun).toBeLessThan(61_000);
  expect(events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []))).toEqual([
    'waiting to push for 20s: 3 pushes of other machines come first',
    'waiting to push for 40s: 3 pushes of other machines come first',
  ]);
  await expect.poll(() => steps.at(-1)).toBe('leaves');
});

it('comes no more after an interrupt, and the place is left', async () => {
  const { turn, steps, clock, interrupt } = waiting(['wait']);
  clock.onSleep = () => interrupt.abort();
  expect(await turn()).toBeUndefined();
  await expect.poll(() => steps).toEqual(['looks', 'leaves']);
});

it('is kept by a push only as long as pushes take: one that hangs keeps nobody waiting', async () => {
  const clock = new TestClock('standing');
  const steps: string[] = [];
  const server = {
    stand: async () => {
      steps.push('stands');
      return 'turn';
    },
    leaveLine: async () => void steps.push('leaves'),
    onLost: () => () => undefined,
    close: async () => undefined,
  } as unknown as MeetServer;
  const random = { next: () => 0.5, id: () => 'somebody' };
  const at = { name: 'meet', open: async () => server };
  const connection = new MeetConnection({ at, clock, onTrouble: () => undefined });
  const place = new PushLine({ connection, line: 'remote', most: 1, clock, random }).join();
  expect(await place.look()).toBe('turn');
  for (let seconds = 1; seconds < 15; seconds++) {
    clock.advance(1_000);
    await expect.poll(() => steps).toEqual(Array.from({ length: seconds + 1 }, () => 'stands'));
  }
  clock.advance(1_000);
  await expect.poll(() => steps.at(-1)).toBe('leaves');
});
