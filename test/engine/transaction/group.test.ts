import { describe, expect, it } from 'vitest';
import type { Pending } from '../../../src/engine/base/engine.ts';
import { Group } from '../../../src/engine/transaction/group.ts';
import type { IntentSource } from '../../../src/engine/transaction/intent-source.ts';
import { REQUESTS } from '../../../src/engine/transaction/requests.ts';
import { NOTHING_ELSE, tryOnce } from '../../../src/engine/transaction/try-once.ts';
import { claimOf, inShort, testEngine } from '../../kit/engine/test-engine.ts';
import { FileRemote } from '../../kit/remotes/file-remote.ts';
import { FileStore } from '../../kit/remotes/file-store.ts';

/** Callers that can give up, and what each was told then. */
function callers(...joining: readonly Pending[]) {
  const told = new Map<string, Pending>();
  const givenUp = new Set<string>();
  let rest = joining;
  const intake: IntentSource = {
    wasThere: () => true,
    join: async () => {
      const now = rest;
      rest = [];
      return now;
    },
    hasGivenUp: () => givenUp.size > 0,
    drop(fate) {
      const dropped = new Set<string>();
      for (const request of givenUp) {
        const pending = fate(request);
        if (pending === undefined) continue;
        told.set(request, pending);
        givenUp.delete(request);
        dropped.add(request);
      }
      return dropped;
    },
    announce: async () => new Set(),
    leave: () => undefined,
  };
  return { intake, told, giveUp: (agent: string) => givenUp.add(`request-of-${agent}`) };
}

const pending = (agent: string, base?: string): Pending => ({ intent: claimOf(agent), base });
const agentsOf = (batch: Group): string[] => batch.pending.map(({ intent }) => intent.agent);

describe('a caller that gives up', () => {
  async function begun(...agents: readonly string[]) {
    const remote = FileRemote.withTasks(3);
    const { intake, told, giveUp } = callers(...agents.map((agent) => pending(agent)));
    const batch = new Group(testEngine(new FileStore(remote)), intake);
    await batch.join('now', remote.tip);
    return { remote, batch, told, giveUp };
  }

  it('is let go of at once where nothing was done for it', async () => {
    const { remote, batch, told, giveUp } = await begun('a', 'b');
    giveUp('a');
    await batch.join('meanwhile', remote.tip);
    expect(agentsOf(batch)).toEqual(['b']);
    expect(told.get('request-of-a')).toEqual(pending('a'));
  });

  it('is not told that it is cancelled while a ref of it is published: others may carry it out', async () => {
    const { remote, batch, told, giveUp } = await begun('a', 'b');
    batch.expose('ref', new Set(['request-of-a', 'request-of-b']), remote.tip);
    giveUp('a');
    for (const when of ['meanwhile', 'now', 'last-call'] as const) await batch.join(when, remote.tip);
    expect(agentsOf(batch)).toEqual(['a', 'b']);
    expect(told.size).toBe(0);
    expect(batch.hasGivenUp).toBe(true);
  });

  it('is let go of when the ref is gone and the branch does not hold it, and is certain then', async () => {
    const { remote, batch, told, giveUp } = await begun('a', 'b');
    batch.expose('ref', new Set(['request-of-a', 'request-of-b']), remote.tip);
    giveUp('a');
    batch.conceal('ref', ['request-of-a']);
    remote.othersCommit();
    await batch.join('now', remote.tip);
    expect(agentsOf(batch)).toEqual(['b']);
    // The look-up of this very join has not shown it.
    expect(told.get('request-of-a')).toEqual(pending('a'));
  });

  it('keeps its base where a push of it may still land', async () => {
    const { remote, batch, told, giveUp } = await begun('a');
    const base = remote.tip;
    batch.suspect(base);
    giveUp('a');
    await batch.join('now', remote.tip);
    expect(told.get('request-of-a')).toEqual(pending('a', base));
  });

  it('never loses the first base that was suspected', async () => {
    const { remote, batch } = await begun('a');
    const base = remote.tip;
    batch.suspect(base);
    remote.othersCommit();
    batch.suspect(remote.tip);
    batch.expose('ref', new Set(['request-of-a']), remote.tip);
    expect(batch.pending).toEqual([pending('a', base)]);
  });
});

describe('what is decided without a push', () => {
  async function decided(isThere: boolean, tasks: number) {
    const remote = FileRemote.withTasks(tasks);
    const { intake } = callers(pending('a'), pending('b'));
    const batch = new Group(testEngine(new FileStore(remote)), { ...intake, wasThere: () => isThere });
    batch.looking();
    await batch.join('now', remote.tip);
    await tryOnce(testEngine(new FileStore(remote)), batch, remote.tip, 1);
    return { remote, batch };
  }

  it('answers those who had asked before the look', async () => {
    expect((await decided(true, 0)).batch.settlement(1).settled.map(inShort)).toEqual(
      Array(2).fill('nothing-claimable'),
    );
  });

  it('answers nobody who has asked since: what was done meanwhile is not in it', async () => {
    const { batch, remote } = await decided(false, 0);
    expect(agentsOf(batch)).toEqual(['a', 'b']);
    batch.looking();
    await tryOnce(testEngine(new FileStore(remote)), batch, remote.tip, 1);
    expect(agentsOf(batch)).toEqual([]);
  });

  it('is proven by a push that moves the branch: nobody has changed it since the look', async () => {
    const { batch } = await decided(false, 1);
    expect(batch.settlement(1).settled.map(inShort).sort()).toEqual(['TASK-1', 'nothing-claimable']);
  });
});

describe('a push for others alone', () => {
  it('that loses its race is not said to have landed', async () => {
    const remote = FileRemote.withTasks(1);
    const engine = testEngine(new FileStore(remote));
    const batch = new Group(engine, callers().intake);
    const tip = remote.tip;
    remote.othersCommit();
    const outcome = await tryOnce(engine, batch, tip, 1, { ...NOTHING_ELSE, helped: [claimOf('other')] });
    expect(outcome.kind).toBe('rejected');
  });
});

describe('a push that only deletes requests, whose answer is lost', () => {
  const ref = `${REQUESTS}of-somebody`;

  async function served(
    base: 'none' | 'tip' | 'older',
    fault: 'answer-lost' | 'lost' = 'answer-lost',
    asks: 'asks for it' | 'is of others' = 'asks for it',
  ) {
    const remote = FileRemote.withTasks(0);
    const older = remote.tip;
    remote.othersCommit();
    const engine = testEngine(new FileStore(remote));
    const bases = { none: undefined, tip: remote.tip, older };
    const { intake } = callers(pending('a', bases[base]));
    const batch = new Group(engine, intake);
    await batch.join('meanwhile', remote.tip);
    remote.refs.set(ref, older);
    if (asks === 'asks for it') batch.expose(ref, new Set(['request-of-a']), older);
    remote.fault = () => fault;
    const outcome = await tryOnce(engine, batch, remote.tip, 1, {
      ...NOTHING_ELSE,
      deletions: [{ ref, expected: older, to: undefined }],
    });
    return { outcome: outcome.kind, answers: batch.settlement(1).settled.map(inShort), waiting: agentsOf(batch) };
  }

  it('answers with the refusal where the look shows that they are gone', async () => {
    const answered = { outcome: 'landed', answers: ['nothing-claimable'], waiting: [] };
    expect(await served('none')).toEqual(answered);
    expect(await served('older')).toEqual(answered);
  });

  it('answers nobody of whom an earlier push, on this very tip, may still land', async () => {
    expect(await served('tip')).toEqual({ outcome: 'unknown', answers: [], waiting: ['a'] });
  });

  it('answers nobody for whom they ask while they are still there', async () => {
    expect(await served('none', 'lost')).toEqual({ outcome: 'unknown', answers: [], waiting: ['a'] });
  });

  it('answers who has none: what others have left is in nobody’s way', async () => {
    const answered = { outcome: 'landed', answers: ['nothing-claimable'], waiting: [] };
    expect(await served('none', 'lost', 'is of others')).toEqual(answered);
  });
});
