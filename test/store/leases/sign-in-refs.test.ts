import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignIn } from '../../../src/domain/leases/sign-in.ts';
import type { PushRefs } from '../../../src/git/answers/push-outcome.ts';
import { openObjects } from '../../../src/git/objects/objects.ts';
import { openUpstream } from '../../../src/git/upstream/open-upstream.ts';
import { GitQueueStore } from '../../../src/store/git-queue-store.ts';
import { formatSignIn, parseSignIn } from '../../../src/store/leases/sign-in-format.ts';
import { SignInRefs } from '../../../src/store/leases/sign-in-refs.ts';
import { signInOf } from '../../kit/queues/sign-ins.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR = 3_600_000;
const QUEUE = { files: { 'README.md': 'A queue\n' }, clones: ['clone'] };

const parsed = (value: unknown) => parseSignIn(Buffer.from(JSON.stringify(value)));

describe('what a sign-in says', () => {
  it('is read as it was written', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,30}$/).filter((text) => !text.includes('..'));
    const signIns = fc.record({
      agents: fc.array(name, { minLength: 1, maxLength: 5 }),
      machine: name,
      machineId: name,
      pid: fc.nat(99_999),
      command: fc.constantFrom('work' as const, 'heartbeat' as const, 'mcp' as const),
      version: name,
      capabilities: fc.array(name, { maxLength: 5 }),
      since: fc.nat(10 ** 9).map((seconds) => seconds * 1000),
      seen: fc.nat(10 ** 9).map((seconds) => seconds * 1000),
      validMs: fc.integer({ min: 1, max: 86_400 }).map((seconds) => seconds * 1000),
    });
    fc.assert(
      fc.property(signIns, fc.option(name, { nil: undefined }), (signIn, project) => {
        const all: SignIn = project === undefined ? signIn : { ...signIn, project };
        expect(parseSignIn(Buffer.from(formatSignIn(all)))).toEqual(all);
      }),
      { numRuns: 40 },
    );
  });

  const said = JSON.parse(formatSignIn(signInOf(['a1'], NOW)));

  it.each<[string, object]>([
    ['an agent that is none', { agents: ['-x'] }],
    ['no agent', { agents: [] }],
    ['thousands of agents', { agents: Array.from({ length: 501 }, (_, index) => `a${index}`) }],
    ['a time without a zone', { seen: '2026-03-01T12:00:00' }],
    ['a process that is none', { pid: -1 }],
    ['another command', { command: 'rm' }],
    ['half a second', { validS: 0.5 }],
    ['a project that leaves its folder', { project: '../x' }],
    ['a name of a megabyte', { machine: 'x'.repeat(90_000) }],
  ])('is nothing with %s', (_what, more) => {
    expect(parsed(said)).toMatchObject({ agents: ['a1'] });
    expect(parsed({ ...said, ...more })).toBeUndefined();
  });

  it('is nothing where there is no JSON, and shows nothing that a terminal would not', () => {
    expect(parseSignIn(Buffer.from('{"agents":'))).toBeUndefined();
    expect(parseSignIn(Buffer.from([0xff, 0x7b, 0x7d]))).toBeUndefined();
    expect(parseSignIn(Buffer.alloc(100_001, 0x20))).toBeUndefined();
    const shown = parsed({ ...said, machine: `\u001b[2Ja\u202e${'b'.repeat(300)}`, can: ['g\npu'], more: 'unknown' });
    expect(shown).toMatchObject({ machine: `[2Ja${'b'.repeat(60)}`, capabilities: ['g pu'] });
    expect(shown).not.toHaveProperty('more');
  });
});

const asTheyAre = (updates: Parameters<PushRefs>[0], push: PushRefs) => push(updates);

async function processesOf(box: Scene) {
  const repository = await box.open('clone');
  const upstream = openUpstream(repository, 'origin');
  const objects = box.owns(openObjects(repository));
  const storeOf = (branch: string) => new GitQueueStore(repository, upstream, objects, branch);
  return {
    process: (id: string, branch = 'develop') => new SignInRefs(storeOf(branch), id),
    refs: async () => Object.keys(await box.refs(box.remote)).filter((ref) => ref.startsWith('refs/agentq/')),
    names: async (refs: SignInRefs) => (await refs.read()).map(({ signIn }) => signIn.agents.join()).sort(),
  };
}

describe('sign-ins as refs', () => {
  it('are one for each process, renewed in place, and gone with it', async () => {
    await using box = await scene(QUEUE);
    const { process, refs, names } = await processesOf(box);
    const [one, two, elsewhere] = [process('p1'), process('p2'), process('p3', 'main')];
    for (const [refs, agent] of [
      [one, 'a1'],
      [two, 'a2'],
      [elsewhere, 'a3'],
    ] as const) {
      expect(await refs.write(signInOf([agent], NOW), NOW, asTheyAre)).toEqual({ kind: 'landed' });
    }
    expect((await refs()).map((ref) => ref.length)).toEqual([33, 33, 33]);
    // Without itself, and without those of another queue.
    expect(await names(one)).toEqual(['a2']);
    // Unless that is a branch of the same one.
    expect((await one.read(['main', 'other'])).map(({ signIn }) => signIn.agents.join()).sort()).toEqual(['a2', 'a3']);
    expect(await one.write(signInOf(['a1'], NOW + HOUR), NOW, asTheyAre)).toEqual({ kind: 'landed' });
    expect((await two.read()).map(({ signIn }) => signIn.seen)).toEqual([NOW + HOUR]);
    expect(await one.remove()).toEqual({ kind: 'landed' });
    expect(await one.remove()).toBeUndefined();
    expect(await names(two)).toEqual([]);
    expect(await refs()).toHaveLength(2);
  });

  it('are swept a day after their process, with the push that somebody else signs in with', async () => {
    await using box = await scene(QUEUE);
    const { process, refs, names } = await processesOf(box);
    const dead = process('dead', 'main');
    await dead.write(signInOf(['dead'], NOW - 26 * HOUR), NOW, asTheyAre);
    const [one, two] = [process('p1'), process('p2')];
    await process('late').write(signInOf(['late'], NOW - HOUR), NOW, asTheyAre);
    for (const refs of [one, two]) expect(await names(refs)).toEqual(['late']);
    expect(await one.write(signInOf(['a1'], NOW), NOW, asTheyAre)).toEqual({ kind: 'landed' });
    expect((await refs()).map((ref) => ref.split('-').at(-1)).sort()).toEqual(['late', 'p1']);
    // Too late to sweep, and signed in all the same.
    expect(await two.write(signInOf(['a2'], NOW), NOW, asTheyAre)).toEqual({ kind: 'landed' });
    expect(await names(two)).toEqual(['a1', 'late']);
    // One that was swept although it lives makes its ref again, with its next renewal.
    await dead.read();
    expect(await dead.write(signInOf(['dead'], NOW), NOW, asTheyAre)).toEqual({ kind: 'landed' });
    expect(await refs()).toHaveLength(4);
  });

  it('are refused by a remote that shows them to nobody, and removed there', async () => {
    await using box = await scene(QUEUE);
    const { process, refs } = await processesOf(box);
    await box.git(box.remote, 'config', 'uploadpack.hideRefs', 'refs/agentq');
    const one = process('p1');
    expect(await one.write(signInOf(['a1'], NOW), NOW, asTheyAre)).toEqual({ kind: 'landed' });
    expect(await one.read()).toEqual([]);
    const again = await one.write(signInOf(['a1'], NOW + HOUR), NOW, asTheyAre);
    expect(again).toMatchObject({ kind: 'refused', reason: 'hidden-ref' });
    await one.remove();
    expect(await refs()).toEqual([]);
  });
});
