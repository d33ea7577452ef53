import { expect, it } from 'vitest';
import { followMachine } from '../../../src/engine/machines/following.ts';
import { HeldSource } from '../../../src/engine/machines/held-source.ts';
import { fixedSource, type IntentSource } from '../../../src/engine/transaction/intent-source.ts';
import type { Channel } from '../../../src/machine/meeting.ts';
import { claimIntent } from '../../kit/engine/machine.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';

/** Whatever the leader does, intents whose callers are gone are not carried out. */

const BASE = 'a'.repeat(40);

/** A leader that announces a push, and is gone before it has been heard. */
function goneLeader(): Channel {
  const closings: (() => void)[] = [];
  return {
    peers: 'anybody',
    send: async () => 'sent',
    onMessage: (receive) => {
      queueMicrotask(() => {
        receive({ kind: 'taken', base: BASE });
        for (const closed of closings) closed();
      });
    },
    onClose: (closed) => closings.push(closed),
    leave: async () => undefined,
    close: () => undefined,
    avoid: () => undefined,
  };
}

it('forgets an intent whose caller has left, also if the leader is gone by then', async () => {
  const [left, stays] = [claimIntent('agent-1'), claimIntent('agent-2')];
  const pending = [left, stays].map((intent) => ({ intent, base: undefined }));
  const announced: string[] = [];
  const inner: IntentSource = {
    ...fixedSource(pending),
    announce: async (base) => {
      announced.push(base);
      return new Set([left.request]);
    },
  };
  const source = new HeldSource(inner);
  await source.hold();
  const clock = new TestClock();
  const verdict = await followMachine(goneLeader(), source, { clock, signal: new AbortController().signal });
  await expect.poll(() => announced).toEqual([BASE]);
  expect(verdict).toBe('again');
  expect((await source.join('now')).map(({ intent }) => intent.request)).toEqual([stays.request]);
});
