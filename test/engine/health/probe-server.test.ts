import { describe, expect, it } from 'vitest';
import { type ProbedServer, probeServer } from '../../../src/engine/health/probe-server.ts';
import type { PushOutcome, RefUpdate } from '../../../src/git/answers/push-outcome.ts';

/** What a server in memory does otherwise than a good one. */
interface Flaws {
  readonly refuses?: (update: RefUpdate) => boolean;
  readonly reason?: 'declined' | 'hidden-ref' | 'authentication';
  readonly hides?: true;
  readonly withoutAtomic?: true;
  /** Carries out what it can of an atomic push. */
  readonly halfAtomic?: true;
  readonly ignoresLeases?: true;
  /** Answers that a push has landed, whatever it did. */
  readonly saysYes?: true;
  /** Loses the answer of this push, the first being 1. */
  readonly silentAt?: number;
  /** What happens in the course of a race. */
  readonly atRace?: () => void;
}

const PREFIX = 'refs/agentq/probe/000000000-x/';
const SHORT = `${PREFIX}a`;

function server(flaws: Flaws) {
  const refs = new Map<string, string>();
  let pushes = 0;
  const push = (updates: readonly RefUpdate[], how: 'atomic' | 'apart'): PushOutcome => {
    pushes++;
    if (how === 'atomic' && flaws.withoutAtomic) return { kind: 'refused', reason: 'no-atomic', words: 'not atomic' };
    const bad = updates.filter((update) => flaws.refuses?.(update) === true);
    const isLost = (update: RefUpdate): boolean => !flaws.ignoresLeases && refs.get(update.ref) !== update.expected;
    const lost = updates.filter(isLost);
    const isAll = how === 'atomic' && !flaws.halfAtomic;
    if (!isAll || bad.length + lost.length === 0) {
      for (const update of updates) {
        if (bad.includes(update) || lost.includes(update)) continue;
        if (update.to === undefined) refs.delete(update.ref);
        else refs.set(update.ref, update.to);
      }
    }
    if (pushes === flaws.silentAt) return { kind: 'unknown', words: 'no answer' };
    if (flaws.saysYes) return { kind: 'landed' };
    const { reason = 'declined' } = flaws;
    if (bad.length > 0) return { kind: 'refused', reason, refs: bad.map(({ ref }) => ref), words: 'no' };
    return lost.length > 0 ? { kind: 'rejected', words: 'stale info' } : { kind: 'landed' };
  };
  const probed: ProbedServer = {
    look: async (prefix, signal) => {
      signal.throwIfAborted();
      return new Map(flaws.hides ? [] : [...refs].filter(([ref]) => ref.startsWith(prefix)));
    },
    push: async (updates, how, signal) => {
      signal.throwIfAborted();
      return push(updates, how);
    },
    race: async ({ ref, from, first, second, beside }, signal) => {
      signal.throwIfAborted();
      push([{ ref, expected: from, to: first }], 'apart');
      flaws.atRace?.();
      const updates = [{ ref, expected: from, to: second }];
      if (beside !== undefined) updates.push({ ref: beside.ref, expected: beside.from, to: second });
      return { kind: 'raced', second: push(updates, beside === undefined ? 'apart' : 'atomic') };
    },
    storeBlob: async (text) => text.trim().slice(-1),
    now: () => 0,
  };
  return { probed, refs };
}

async function probe(flaws: Flaws, signal = new AbortController().signal) {
  const { probed, refs } = server(flaws);
  const terms = { prefix: PREFIX, longest: 200, signal, cleaning: () => new AbortController().signal };
  const facts = await probeServer(probed, terms).catch((error: unknown) => ({ error }));
  return { facts, left: [...refs.keys()] };
}

describe('a probe', () => {
  it.each<[string, Flaws, object]>([
    [
      'a good server',
      {},
      { making: { kind: 'made' }, deleting: 'possible', atomic: 'honest', names: 'accepted', swap: { kind: 'honest' } },
    ],
    [
      'no atomic pushes',
      { withoutAtomic: true },
      { making: { kind: 'made' }, atomic: 'absent', names: 'accepted', swap: { kind: 'honest' } },
    ],
    ['an atomic push carried out in part', { halfAtomic: true }, { atomic: 'broken', swap: { kind: 'honest' } }],
    ['a compare-and-swap that does not compare', { ignoresLeases: true }, { swap: { kind: 'broken' } }],
    ['an answer that is not true', { saysYes: true }, { swap: { kind: 'broken' } }],
    [
      'no custom refs',
      { refuses: ({ to }) => to !== undefined, reason: 'hidden-ref' },
      { making: { kind: 'refused', what: 'custom-refs' } },
    ],
    [
      'no permission',
      { refuses: () => true, reason: 'authentication' },
      { making: { kind: 'refused', what: 'credentials' } },
    ],
    [
      'refs that are not shown',
      { hides: true },
      { making: { kind: 'hidden' }, deleting: 'possible', swap: { kind: 'unknown' } },
    ],
    [
      'no long names',
      { refuses: ({ ref }) => ref.length === 200 },
      { making: { kind: 'made' }, names: 'refused', swap: { kind: 'honest' } },
    ],
    [
      'no long names, not atomic',
      { refuses: ({ ref }) => ref.length === 200, withoutAtomic: true },
      { making: { kind: 'made' }, names: 'refused' },
    ],
    [
      'a deletion of nothing refused',
      { refuses: ({ to }) => to === undefined },
      { making: { kind: 'kept-back' }, deleting: 'refused' },
    ],
    [
      'the same, not atomic',
      { refuses: ({ to }) => to === undefined, withoutAtomic: true },
      { making: { kind: 'kept-back' } },
    ],
    ['a lost answer', { silentAt: 1 }, { making: { kind: 'unclear' }, deleting: 'possible' }],
  ])('tells %s, and leaves nothing', async (_, flaws, expected) => {
    const { facts, left } = await probe(flaws);
    expect(facts).toMatchObject({ ...expected, left: [] });
    expect(left).toEqual([]);
  });

  it('names what a server keeps that refuses only to delete what exists', async () => {
    const { facts, left } = await probe({ refuses: ({ to, expected }) => to === undefined && expected !== undefined });
    expect(facts).toMatchObject({ making: { kind: 'made' }, deleting: 'refused', left });
    expect(left).toContain(SHORT);
  });

  it('removes its refs also when it is ended, or the remote goes away, in between', async () => {
    const ending = new AbortController();
    const ended = await probe({ atRace: () => ending.abort(new Error('enough')) }, ending.signal);
    expect(ended).toEqual({ facts: { error: new Error('enough') }, left: [] });
    const lost = await probe({
      atRace: () => {
        throw new Error('away');
      },
    });
    expect(lost).toEqual({ facts: { error: new Error('away') }, left: [] });
  });
});
