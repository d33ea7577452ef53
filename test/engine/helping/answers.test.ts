import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Settled } from '../../../src/engine/base/engine.ts';
import { answerRefs, answerStateAt, answersAmong } from '../../../src/engine/helping/answer-ref.ts';
import { branchKey } from '../../../src/engine/helping/request-ref.ts';
import { recall } from '../../../src/engine/transaction/recall.ts';
import { ANSWERS } from '../../../src/engine/transaction/requests.ts';
import {
  claimIntent,
  expectCarriedOut,
  isPublication,
  openedQueue,
  openMachine,
  publishAs,
  requestsOn,
  tipOf,
  wrongBy,
} from '../../kit/engine/machine.ts';
import { countPushes } from '../../kit/remotes/pushes.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** What a leader leaves for those it has served, so that they need not fetch and search the history. */

const QUEUE = { tasks: 30, clones: ['one', 'two'] };
const branchRef = 'refs/heads/develop';

describe('in a pool', () => {
  /** Its requests are the oldest, so it leads. */
  const early = wrongBy(-10_000);

  /** One machine waits among this many others; another leads, and `afterwards` happens before the first looks again. */
  async function served(box: Scene, others: number, afterwards: () => Promise<void> = async () => undefined) {
    const { remote } = box;
    const intents = Array.from({ length: others }, (_, index) => claimIntent(`other-${index}`));
    for (const intent of intents) await publishAs(box, remote, [intent], { at: Date.now() + 1000 });
    const [mine, leading] = [claimIntent('waiting'), claimIntent('leading')];
    const commands: string[] = [];
    let next: 'nothing' | 'lead' = 'nothing';
    await using leader = await openMachine(box, 'one', { clock: early });
    await using machine = await openMachine(box, 'two', {
      onGitProcess: (args) => commands.push(args.find((arg) => /^[a-z]+(-[a-z]+)*$/.test(arg)) ?? ''),
      async push(updates, push) {
        const outcome = await push();
        if (isPublication(updates)) next = 'lead';
        return outcome;
      },
      async look() {
        if (next === 'nothing') return;
        next = 'nothing';
        await leader.help(leading);
        await afterwards();
        commands.length = 0;
      },
    });
    const [settled] = await machine.help(mine);
    await expectCarriedOut(box, remote, ...intents, mine, leading);
    const base = settled?.kind === 'done' ? settled.base : '';
    const [recalled] = await recall(leader.engine, await tipOf(box, remote), [{ intent: mine, base }]);
    return { settled, recalled, commands };
  }

  it('tells who waits in a crowd what history would tell, with one look', async () => {
    await using box = await scene(QUEUE);
    const { settled, recalled, commands } = await served(box, 12);
    expect(settled).toMatchObject({ kind: 'done', outcome: { kind: 'claimed', claim: { claimedBy: 'waiting' } } });
    expect(settled).toEqual(recalled);
    expect(commands).toEqual(['upload-pack']);
  });

  it('starts nothing that reads objects for who is told on a crowded machine', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    // Before ours, so that we wait; the leader is before them.
    for (let i = 0; i < 12; i++) await publishAs(box, remote, [claimIntent(`other-${i}`)], { at: Date.now() - 5_000 });
    await using leader = await openMachine(box, 'one', { clock: early });
    const commands: (string | undefined)[] = [];
    let published = (): void => undefined;
    const isPublished = new Promise<void>((resolve) => {
      published = resolve;
    });
    // The clone remembers that it has just lost a race.
    await using _ = await openMachine(box, 'two', { rivals: 'seen' });
    await using waiting = await openedQueue(box, 'two', {
      host: 'crowded',
      onGitProcess(args) {
        commands.push(
          args.find((arg) => ['cat-file', 'fetch', 'log', 'upload-pack', 'push', 'receive-pack'].includes(arg)),
        );
        // It is published before it looks again.
        if (commands.filter((command) => command === 'upload-pack').length === 2) published();
      },
    });
    const mine = waiting.queue.submit(claimIntent('waiting'));
    await isPublished;
    await leader.help(claimIntent('leading'));
    expect((await mine).outcome).toMatchObject({ kind: 'claimed', claim: { claimedBy: 'waiting' } });
    expect(new Set(commands)).toEqual(new Set(['upload-pack', undefined, 'receive-pack']));
  });

  it('leaves none where few have asked: they fetch', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const { settled, recalled, commands } = await served(box, 3);
    expect(settled).toEqual(recalled);
    expect(commands).toEqual(['upload-pack', 'fetch', ...commands.slice(2)]);
    expect(await requestsOn(box, remote)).toEqual([]);
  });

  it('is not believed when the branch has moved on: history tells', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const { settled, recalled, commands } = await served(box, 12, async () => {
      await box.commitTo(remote, branchRef, { 'README.md': 'written by hand' });
    });
    expect(settled).toEqual(recalled);
    expect(commands).toContain('fetch');
  });

  it('goes with the next push that moves the branch', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await served(box, 12);
    const left = await requestsOn(box, remote);
    expect(left.length).toBeGreaterThan(0);
    expect(left.filter((ref) => !ref.startsWith(ANSWERS))).toEqual([]);
    const pushes = await countPushes(box, remote);
    await using opened = await openedQueue(box, 'two');
    await opened.queue.submit(claimIntent('next'));
    expect(await pushes()).toBe(1);
    expect(await requestsOn(box, remote)).toEqual([]);
  });

  it('stays while the branch does, and it is not old: others may still look', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await served(box, 12);
    const left = await requestsOn(box, remote);
    const pushes = await countPushes(box, remote);
    await using opened = await openedQueue(box, 'two');
    const none = opened.queue.submit(claimIntent('next', { filter: { type: 'none' } }));
    await expect(none).rejects.toMatchObject({ code: 'nothing-claimable' });
    expect(await pushes()).toBe(0);
    expect(await requestsOn(box, remote)).toEqual(left);
  });

  it('goes when it is old, with a command that has nothing to push', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await served(box, 12);
    await using opened = await openedQueue(box, 'two', { clock: wrongBy(25_000) });
    const none = opened.queue.submit(claimIntent('next', { filter: { type: 'none' } }));
    await expect(none).rejects.toMatchObject({ code: 'nothing-claimable' });
    expect(await requestsOn(box, remote)).toEqual([]);
  });
});

describe('as names of refs', () => {
  const tip = 'a'.repeat(40);
  const place = { branchRef, tip, at: Date.UTC(2026, 0, 1) };
  const base = 'b'.repeat(40);

  const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_'), minLength: 1, maxLength: 20 });
  const settledClaim = fc
    .record({
      request: fc.string({ unit: fc.constantFrom(...'abcdefghij234567'), minLength: 16, maxLength: 16 }),
      agent: word,
      project: word.map((name) => `p${name}`),
      id: fc.nat().map((number) => `TASK-${number}`),
      title: fc.option(
        fc.string({ unit: 'grapheme', maxLength: 300 }).filter((text) => !/[\u0000-\u001f\u007f]/.test(text)),
      ),
      type: fc.option(word),
      priority: fc.integer(),
      commit: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 }),
    })
    .map(({ request, agent, project, id, title, type, priority, commit }): Settled & { readonly kind: 'done' } => ({
      kind: 'done',
      intent: { ...claimIntent(agent), request },
      outcome: {
        kind: 'claimed',
        key: { project, id },
        path: `${project}/claimed/${id}.toon`,
        ...(title === null ? {} : { title }),
        ...(type === null ? {} : { type }),
        priority,
        claim: { claimedBy: agent, claimedAt: 'now', lastHeartbeat: 'now', attempt: 1, claimId: request },
        pool: { stalledAfterMs: 1000, heartbeat: 'commit' },
      },
      commit,
      base,
    }));
  const crowd = fc.uniqueArray(settledClaim, {
    minLength: 12,
    maxLength: 60,
    selector: ({ intent }) => intent.request,
  });

  it('say to each what became of it, in names that every server takes, and nothing to others', () => {
    fc.assert(
      fc.property(crowd, (settled) => {
        const refs = answerRefs(settled, place);
        for (const ref of refs) {
          expect(ref.length).toBeLessThanOrEqual(200);
          expect(ref).toMatch(/^[\w/-]+$/);
          expect(answerStateAt(place)(ref)).toBe('counts');
        }
        const pending = settled.map(({ intent }) => ({ intent, base }));
        expect(answersAmong(refs, place, pending)).toEqual(settled);
        expect(answersAmong(refs, place, [{ intent: claimIntent('else'), base }])).toEqual([]);
        expect(answersAmong(refs, { ...place, tip: base }, pending)).toEqual([]);
        expect(answersAmong(refs, { ...place, branchRef: 'refs/heads/other' }, pending)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are few: what a hundred claims of a pool have in common is said once', () => {
    const [one] = fc.sample(settledClaim, 1);
    const settled = Array.from({ length: 100 }, (_, index) => {
      const request = `${index}`.padStart(16, 'q');
      return { ...(one as Settled & { kind: 'done' }), intent: { ...claimIntent('a'), request } };
    });
    expect(answerRefs(settled, place).length).toBeLessThanOrEqual(10);
  });

  it('never take more of a command line than they may: the rest is told by the history', () => {
    const commit = (index: number): string => createHash('sha1').update(`${index}`).digest('hex');
    const [one] = fc.sample(settledClaim, 1);
    if (one?.outcome.kind !== 'claimed') throw new Error('no claim');
    const { outcome } = one;
    const settled = Array.from({ length: 1_000 }, (_, index): Settled & { readonly kind: 'done' } => {
      const intent = { ...claimIntent('a'), request: commit(index).slice(0, 16) };
      const claim = { ...outcome.claim, claimedBy: 'a', claimId: intent.request };
      return { ...one, intent, outcome: { ...outcome, claim }, commit: commit(-index) };
    });
    const refs = answerRefs(settled, place);
    expect(refs.join('').length).toBeLessThanOrEqual(50_000);
    const pending = settled.map(({ intent }) => ({ intent, base }));
    const told = answersAmong(refs, place, pending);
    expect(told.length).toBeGreaterThan(200);
    expect(told).toEqual(settled.slice(0, told.length));
  });

  it('are told where one alone is long, and all or none of the parts of a text count', () => {
    const [first, ...rest] =
      fc.sample(
        fc.uniqueArray(settledClaim, { minLength: 13, maxLength: 13, selector: ({ intent }) => intent.request }),
        1,
      )[0] ?? [];
    if (first?.outcome.kind !== 'claimed') throw new Error('no claim');
    // Nothing that shrinks.
    const title = Array.from({ length: 2000 }, (_, index) => (index * 7919 * 7919).toString(36))
      .join('')
      .slice(0, 900);
    const settled = [{ ...first, outcome: { ...first.outcome, title } }, ...rest];
    const refs = answerRefs(settled, place);
    const pending = settled.map(({ intent }) => ({ intent, base }));
    expect(answersAmong(refs, place, pending)).toEqual(settled);
    expect(answersAmong(refs.slice(1), place, pending)).toEqual([]);
    expect(answersAmong([...refs].reverse(), place, pending)).toEqual(settled);
  });

  it('are over when the branch has moved on or they are old, and are left alone where they are not understood', () => {
    const [settled = []] = fc.sample(crowd, 1);
    const [ref = ''] = answerRefs(settled, place);
    expect(answerStateAt({ ...place, tip: base })(ref)).toBe('over');
    expect(answerStateAt({ ...place, at: place.at + 20_000 })(ref)).toBe('counts');
    expect(answerStateAt({ ...place, at: place.at + 20_001 })(ref)).toBe('over');
    expect(answerStateAt({ ...place, branchRef: 'refs/heads/other', tip: base })(ref)).toBe(undefined);
    expect(answerStateAt({ ...place, branchRef: 'refs/heads/other', at: place.at + 20_001 })(ref)).toBe('over');
    expect(answerStateAt(place)(`${ANSWERS}of-another-kind/abc`)).toBe(undefined);
    expect(answerStateAt(place)('refs/agentq/requests/000000000-a-b-c/d')).toBe(undefined);
  });

  it('are not believed where a stranger has written them', () => {
    const [settled] = fc.sample(settledClaim, 1);
    if (settled?.outcome.kind !== 'claimed') throw new Error('no claim');
    const { intent, commit, outcome } = settled;
    const written = (value: unknown): string => {
      const text = deflateRawSync(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
      return `${ANSWERS}000000000-${branchKey(branchRef)}-${tip}-0-1/${text}`;
    };
    const pending = [{ intent, base }];
    const isBelieved = (value: unknown): boolean => answersAmong([written(value)], place, pending).length > 0;
    const { request } = intent;
    expect(isBelieved([1, [request, commit, outcome]])).toBe(true);
    const wrong: readonly unknown[] = [
      '',
      'no JSON',
      '"'.repeat(2_000_000),
      null,
      {},
      [2, [request, commit, outcome]],
      [1, request],
      [1, [request]],
      [1, [request, 'no commit', outcome]],
      [1, [request, commit, null]],
      [1, [request, commit, { ...outcome, kind: 'renewed' }]],
      [1, [request, commit, { ...outcome, more: 1 }]],
      [1, [request, commit, { ...outcome, title: 'two\nlines' }]],
      [1, [request, commit, { ...outcome, key: { project: '../up', id: 'TASK-1' } }]],
      [1, [request, commit, { ...outcome, claim: { ...outcome.claim, claimId: 'of-somebody-else' } }]],
      [1, [request, commit, { ...outcome, claim: { ...outcome.claim, claimedBy: 'somebody else' } }]],
    ];
    for (const value of wrong) expect({ value, isBelieved: isBelieved(value) }).toEqual({ value, isBelieved: false });
    const cut = written([1, [request, commit, outcome]]).slice(0, -9);
    expect(answersAmong([cut, `${ANSWERS}x`, `${ANSWERS}-${branchKey(branchRef)}-${tip}-`], place, pending)).toEqual(
      [],
    );
    // One whose base is not known, or that wants something else, has not been published.
    expect(answersAmong([written([1, [request, commit, outcome]])], place, [{ intent, base: undefined }])).toEqual([]);
  });
});
