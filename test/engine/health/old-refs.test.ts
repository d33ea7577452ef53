import { expect, it } from 'vitest';
import { formatBeats } from '../../../src/domain/leases/ref-heartbeat.ts';
import { oldRefsAmong } from '../../../src/engine/health/old-refs.ts';
import { probePrefix } from '../../../src/engine/health/probe-ref.ts';
import { formatSignIn } from '../../../src/store/leases/sign-in-format.ts';
import { signInOf } from '../../kit/queues/sign-ins.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 10);
const LONG_AGO = NOW - 48 * HOUR;

const beats = (at: number) =>
  formatBeats([{ at: `${new Date(at).toISOString().slice(0, 19)}Z`, agent: 'a', task: { project: 'p', id: 'T' } }]);
const probe = (at: number) => `${probePrefix(at, 'abc')}a`;
const timeOf = (at: number) => at.toString(36).padStart(9, '0');

const AGENT = 'refs/agentq/agents/0-1';
const BEAT = 'refs/agentq/heartbeats/_0/a/1';
const REQUEST = `refs/agentq/requests/${timeOf(LONG_AGO)}-x`;
const REFS: Readonly<Record<string, string>> = {
  [AGENT]: formatSignIn(signInOf(['a'], LONG_AGO)),
  'refs/agentq/agents/0-2': formatSignIn(signInOf(['a'], NOW - HOUR)),
  'refs/agentq/agents/0-3': 'of a version to come',
  [BEAT]: beats(LONG_AGO),
  'refs/agentq/heartbeats/_0/a/2': beats(NOW - HOUR),
  'refs/agentq/heartbeats/_0/a/3': `${beats(LONG_AGO)}${beats(NOW)}`,
  'refs/agentq/heartbeats/a': beats(LONG_AGO),
  [probe(LONG_AGO)]: '',
  [probe(NOW)]: '',
  'refs/agentq/probe/other/a': '',
  [REQUEST]: '',
  [`refs/agentq/requests/${timeOf(NOW)}-x`]: '',
  'refs/agentq/unheard-of': '',
};

function oldAt(now: number, witnessMs: number): readonly string[] {
  const refs = new Map(Object.keys(REFS).map((ref, index) => [ref, String(index)]));
  const blobs = new Map(Object.values(REFS).map((text, index) => [String(index), Buffer.from(text)]));
  return oldRefsAmong(refs, blobs, { now, witnessMs, branchRef: 'refs/heads/develop', tip: '' }).map(({ ref }) => ref);
}

it('calls old what nobody needs, and leaves what it does not know', () => {
  expect(oldAt(NOW, NOW)).toEqual([AGENT, BEAT, probe(LONG_AGO), REQUEST]);
});

it('believes neither clock alone that a process is gone', () => {
  const bySecondClock = [AGENT, BEAT];
  for (const ref of bySecondClock) {
    expect(oldAt(NOW, 0)).not.toContain(ref);
    expect(oldAt(NOW, LONG_AGO + HOUR)).not.toContain(ref);
    expect(oldAt(LONG_AGO + HOUR, NOW)).not.toContain(ref);
  }
});
