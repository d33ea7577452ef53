import { describe, expect, it } from 'vitest';
import type { PushFault } from '../../../lab/model/memory-remote.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { Pending, Settlement } from '../../../src/engine/base/engine.ts';
import { fixedSource, type IntentSource } from '../../../src/engine/transaction/intent-source.ts';
import { transact } from '../../../src/engine/transaction/transaction.ts';
import { TestClock } from '../../kit/engine/test-clock.ts';
import { claimOf, inShort, testEngine } from '../../kit/engine/test-engine.ts';
import { BRANCH, FileRemote } from '../../kit/remotes/file-remote.ts';
import { FileStore } from '../../kit/remotes/file-store.ts';

function claims(...agents: readonly string[]): IntentSource {
  return fixedSource(agents.map((agent) => ({ intent: claimOf(agent), base: undefined })));
}

/** The faults befall the first pushes, one each. */
function failing(remote: FileRemote, ...faults: readonly PushFault[]): void {
  const left = [...faults];
  remote.fault = () => left.shift();
}

function answers({ settled }: Settlement): Record<string, string | undefined> {
  return Object.fromEntries(settled.map((one) => [one.intent.agent, inShort(one)]));
}

/** Claims in the history of the branch: agent and task. */
function history(remote: FileRemote): string[] {
  return remote
    .ancestors(remote.tip)
    .flatMap(({ facts }) => /^\[AGENT-CLAIM\] (\S+ claimed \S+)/.exec(facts.subject)?.[1] ?? [])
    .sort();
}

describe('a transaction', () => {
  it('carries all intents out in one push, each by a commit of its own', async () => {
    const remote = FileRemote.withTasks(2);
    const settlement = await transact(testEngine(new FileStore(remote)), claims('a', 'b', 'c'));
    expect(answers(settlement)).toEqual({ a: 'TASK-1', b: 'TASK-2', c: 'nothing-claimable' });
    expect(settlement).toMatchObject({ attempts: 1, rejectedPushes: 0 });
    expect(remote.pushes).toHaveLength(1);
    expect(history(remote)).toEqual(['a claimed TASK-1', 'b claimed TASK-2']);
  });

  it('pushes nothing where nothing changes', async () => {
    const remote = FileRemote.withTasks(0);
    expect(answers(await transact(testEngine(new FileStore(remote)), claims('a')))).toEqual({
      a: 'nothing-claimable',
    });
    expect(remote.pushes).toEqual([]);
  });

  it('decides anew on the new tip where somebody else was first', async () => {
    const remote = FileRemote.withTasks(2);
    remote.beforePush = () => {
      remote.beforePush = () => undefined;
      remote.othersCommit();
    };
    const engine = testEngine(new FileStore(remote));
    const settlement = await transact(engine, claims('a'));
    expect(settlement).toMatchObject({ attempts: 2, rejectedPushes: 1 });
    expect(remote.pushes.map(([update]) => update?.expected)).toEqual([expect.any(String), expect.any(String)]);
    expect(new Set(remote.pushes.map(([update]) => update?.expected)).size).toBe(2);
    const { message } = remote.commit(remote.tip);
    expect(message).toContain('Agentq-Attempts: 2');
    expect(engine.events.map(({ kind }) => kind)).toEqual(
      'looked fetched decided rejected retrying looked fetched decided pushed'.split(' '),
    );
  });

  it('takes a server that ends each push without a word, and answers looks, for one that takes none', async () => {
    const store = new FileStore(FileRemote.withTasks(1));
    let pushes = 0;
    let other = 0;
    store.push = async () => {
      pushes++;
      if (pushes === other) return { kind: 'transient', words: 'kex_exchange_identification' };
      return { kind: 'transient', reason: 'wordless', words: 'fatal' };
    };
    const engine = testEngine(store, { maxRetries: 20 });
    let open: readonly Pending[] = [];
    const source = fixedSource([{ intent: claimOf('a'), base: undefined }], (left) => {
      open = left;
    });
    const words = expect.stringContaining('ended each of 5 pushes without a word');
    await expect(transact(engine, source)).rejects.toMatchObject({ code: 'remote-refused', message: words });
    expect(pushes).toBe(5);
    // Nothing was sent, so nothing can land.
    expect(open).toEqual([{ intent: claimOf('a'), base: undefined }]);

    [pushes, other] = [0, 4];
    await expect(transact(engine, claims('a'))).rejects.toMatchObject({ message: words });
    expect(pushes).toBe(9);
  });

  it('gives up after so many retries, saying so', async () => {
    const remote = FileRemote.withTasks(1);
    remote.fault = () => 'rejected';
    const clock = new TestClock();
    const given = testEngine(new FileStore(remote), { maxRetries: 3, clock });
    await expect(transact(given, claims('a'))).rejects.toMatchObject({
      code: 'retries-exhausted',
      message: expect.stringContaining('4 attempts'),
    });
    expect(remote.pushes).toHaveLength(4);
    expect(clock.sleeps).toHaveLength(3);
  });

  it('never retries what the remote refuses', async () => {
    const remote = FileRemote.withTasks(1);
    failing(remote, 'refused');
    await expect(transact(testEngine(new FileStore(remote)), claims('a'))).rejects.toMatchObject({
      code: 'remote-refused',
      message: expect.stringContaining('pre-receive hook declined'),
    });
    expect(remote.pushes).toHaveLength(1);
  });

  it('says that the branch is missing', async () => {
    const remote = FileRemote.withTasks(1);
    remote.refs.delete(BRANCH);
    await expect(transact(testEngine(new FileStore(remote)), claims('a'))).rejects.toMatchObject({
      code: 'branch-missing',
    });
  });

  it('looks again where a look fails, and gives up with what it said', async () => {
    const remote = FileRemote.withTasks(1);
    let looks = 0;
    const store = new FileStore(remote, async (what) => {
      if (what === 'look' && ++looks <= 2) throw new Failure('remote-unreachable', 'no route to host');
    });
    expect(answers(await transact(testEngine(store), claims('a')))).toEqual({ a: 'TASK-1' });
    looks = 0;
    await expect(transact(testEngine(store, { maxRetries: 1 }), claims('b'))).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: 'no route to host',
    });
  });
});

describe('a lock on the server', () => {
  it('is waited for while it may be another push at work', async () => {
    const remote = FileRemote.withTasks(1);
    failing(remote, 'locked', 'locked', 'locked');
    expect(answers(await transact(testEngine(new FileStore(remote)), claims('a')))).toEqual({ a: 'TASK-1' });
  });

  it('is reported after ten seconds, however many retries are left', async () => {
    const remote = FileRemote.withTasks(1);
    remote.fault = () => 'locked';
    const clock = new TestClock();
    const startedAt = clock.now();
    const engine = testEngine(new FileStore(remote), {
      clock,
      maxRetries: 1000,
      backoff: { schedule: 'guide', baseMs: 1 },
    });
    await expect(transact(engine, claims('a'))).rejects.toMatchObject({ code: 'remote-locked' });
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(10_000);
    expect(remote.pushes.length).toBeLessThan(8);
  });
});

describe('a push that nobody knows the outcome of', () => {
  it.each(['answer-lost', 'answer-reset'] as const)('is found where it landed: %s', async (fault) => {
    const remote = FileRemote.withTasks(3);
    failing(remote, fault);
    const engine = testEngine(new FileStore(remote));
    const { settled } = await transact(engine, claims('a', 'b'));
    expect(settled.map((one) => [one.intent.agent, inShort(one)])).toEqual([
      ['a', 'TASK-1'],
      ['b', 'TASK-2'],
    ]);
    expect(remote.pushes).toHaveLength(1);
    expect(history(remote)).toEqual(['a claimed TASK-1', 'b claimed TASK-2']);
    expect(engine.events).toContainEqual({ kind: 'resolved', request: 'request-of-a', verdict: 'landed' });
    const claimed = settled.find(({ intent }) => intent.agent === 'a');
    expect(claimed).toMatchObject({ kind: 'done', outcome: { claim: { claimedBy: 'a', claimId: 'request-of-a' } } });
  });

  it.each(['lost', 'never-arrived'] as const)('is tried again where it did not land: %s', async (fault) => {
    const remote = FileRemote.withTasks(3);
    failing(remote, fault);
    expect(answers(await transact(testEngine(new FileStore(remote)), claims('a')))).toEqual({ a: 'TASK-1' });
    expect(history(remote)).toEqual(['a claimed TASK-1']);
  });

  it('is found below what others have pushed since', async () => {
    const remote = FileRemote.withTasks(3);
    failing(remote, 'answer-lost');
    const clock = new TestClock();
    clock.onSleep = () => void remote.othersCommit();
    expect(answers(await transact(testEngine(new FileStore(remote), { clock }), claims('a')))).toEqual({
      a: 'TASK-1',
    });
    expect(history(remote)).toEqual(['a claimed TASK-1']);
  });

  it('is found behind a merge that was made by hand', async () => {
    const remote = FileRemote.withTasks(3);
    const before = remote.tip;
    failing(remote, 'answer-lost');
    const clock = new TestClock();
    clock.onSleep = () => {
      // The other side comes first: along first parents, the claim is not to be seen.
      const side = remote.add([before], remote.commit(before).files, { message: 'Side', author: 'x', timeMs: 0 });
      const { files } = remote.commit(remote.tip);
      remote.refs.set(BRANCH, remote.add([side, remote.tip], files, { message: 'Merge', author: 'x', timeMs: 0 }));
    };
    expect(answers(await transact(testEngine(new FileStore(remote), { clock }), claims('a')))).toEqual({
      a: 'TASK-1',
    });
    expect(history(remote)).toEqual(['a claimed TASK-1']);
  });

  it('ends the tries where the history was cut anew: nobody can tell, and a second claim would be worse', async () => {
    const remote = FileRemote.withTasks(3);
    failing(remote, 'lost');
    const clock = new TestClock();
    clock.onSleep = () => {
      const { files } = remote.commit(remote.tip);
      remote.refs.set(BRANCH, remote.add([], files, { message: 'Cut', author: 'x', timeMs: 0 }));
    };
    await expect(transact(testEngine(new FileStore(remote), { clock }), claims('a'))).rejects.toMatchObject({
      code: 'remote-unreachable',
      hint: expect.stringContaining('request-of-a'),
    });
    expect(remote.pushes).toHaveLength(1);
  });

  it('is looked up after the last try too', async () => {
    const remote = FileRemote.withTasks(3);
    failing(remote, 'answer-lost');
    const engine = testEngine(new FileStore(remote), { maxRetries: 0 });
    expect(answers(await transact(engine, claims('a')))).toEqual({ a: 'TASK-1' });
  });

  it('fails after the last try where it did not land', async () => {
    const remote = FileRemote.withTasks(3);
    failing(remote, 'lost');
    const engine = testEngine(new FileStore(remote), { maxRetries: 0 });
    await expect(transact(engine, claims('a'))).rejects.toMatchObject({ code: 'remote-unreachable' });
    expect(history(remote)).toEqual([]);
  });
});

describe('who arrives while the remote is asked', () => {
  it('is not told what was so before it came: there is another look for it', async () => {
    const remote = FileRemote.withTasks(0);
    const arrivals: Pending[][] = [[], [{ intent: claimOf('late'), base: undefined }]];
    let joins = 0;
    const intake: IntentSource = {
      ...fixedSource([{ intent: claimOf('a'), base: undefined }]),
      join: async () => {
        joins++;
        // The branch moves while the queue is read, and right after that somebody asks.
        if (joins === 2) remote.othersCommit();
        return joins === 1 ? [{ intent: claimOf('a'), base: undefined }] : (arrivals.pop() ?? []);
      },
    };
    const looks: string[] = [];
    const engine = testEngine(
      new FileStore(remote, async (what) => {
        if (what === 'look') looks.push(remote.tip);
      }),
    );
    expect(answers(await transact(engine, intake))).toEqual({ a: 'nothing-claimable', late: 'nothing-claimable' });
    expect(new Set(looks).size).toBe(2);
  });

  it('shares the push', async () => {
    const remote = FileRemote.withTasks(3);
    const arrivals: Pending[][] = [
      [{ intent: claimOf('a'), base: undefined }],
      [{ intent: claimOf('b'), base: undefined }],
    ];
    const announced: string[] = [];
    const intake: IntentSource = {
      wasThere: () => true,
      join: async () => arrivals.shift() ?? [],
      hasGivenUp: () => false,
      drop: () => new Set(),
      announce: async (base) => {
        announced.push(base);
        return new Set();
      },
      leave: () => undefined,
    };
    const base = remote.tip;
    expect(answers(await transact(testEngine(new FileStore(remote)), intake))).toEqual({ a: 'TASK-1', b: 'TASK-2' });
    expect(remote.pushes).toHaveLength(1);
    expect(announced).toEqual([base]);
  });

  it('is answered from history where an earlier leader carried it out', async () => {
    const remote = FileRemote.withTasks(3);
    const base = remote.tip;
    await transact(testEngine(new FileStore(remote)), claims('a'));
    const again = fixedSource([{ intent: claimOf('a'), base }]);
    expect(answers(await transact(testEngine(new FileStore(remote)), again))).toEqual({ a: 'TASK-1' });
    expect(remote.pushes).toHaveLength(1);
  });
});
