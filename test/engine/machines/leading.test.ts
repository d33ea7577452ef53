import { expect, it } from 'vitest';
import { CriticalSection } from '../../../src/engine/base/critical-section.ts';
import { Together } from '../../../src/engine/machines/together.ts';
import { fixedSource, type IntentSource } from '../../../src/engine/transaction/intent-source.ts';
import type { Channel } from '../../../src/machine/meeting.ts';
import { claimIntent } from '../../kit/engine/machine.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';

/** A machine that hands over an intent, takes note of nothing, and never leaves. */
function silentMachine(sent: unknown[]): Channel {
  return {
    peers: 'anybody',
    send: async (message) => {
      sent.push(message);
      return 'sent';
    },
    onMessage: (receive) => receive({ kind: 'hand-over', intents: [claimIntent('other')] }),
    onClose: () => undefined,
    leave: async () => undefined,
    close: () => undefined,
    avoid: () => undefined,
  };
}

it('tells its own callers of a push only when the machines that follow have answered, or are left behind', async () => {
  const steps: string[] = [];
  const sent: unknown[] = [];
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const own: IntentSource = {
    ...fixedSource([{ intent: claimIntent('own'), base: undefined }]),
    announce: async () => {
      steps.push('told');
      return new Set();
    },
  };
  const { signal } = new AbortController();
  const clock = new TestClock();
  const together = new Together({
    meet: async (onPeer) => {
      onPeer(silentMachine(sent));
      return {
        kind: 'lead',
        caughtUp: () => {
          steps.push('waits');
          return answered;
        },
        leave: () => undefined,
      };
    },
    carryOut: async (source) => {
      await source.join('now');
      await source.announce('a'.repeat(40));
      return { settled: [], attempts: 1, rejectedPushes: 0, backoffBaseMs: 0 };
    },
    lookUp: async () => undefined,
    clock,
    critical: new CriticalSection(signal, clock),
    onEvent: () => undefined,
  });
  const carried = together.carryOut(own, signal, signal);
  await expect.poll(() => steps).toEqual(['waits']);
  expect(sent).toEqual([{ kind: 'taken', base: 'a'.repeat(40) }]);
  answer();
  await carried;
  expect(steps).toEqual(['waits', 'told']);
});
