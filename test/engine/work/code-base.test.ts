import { describe, expect, it } from 'vitest';
import type { Code } from '../../../src/engine/queue/code.ts';
import { CodeBase, type StartWish } from '../../../src/engine/work/code-base.ts';

/** Branches whose commits are words: one contains another if it has all of its letters. */
class FakeCode implements Code {
  branches: Record<string, string>;
  readonly defaults: readonly string[];
  readonly looks: (readonly string[])[] = [];
  readonly obtained: string[] = [];
  /** How often the remote has moved on before a commit is fetched. */
  moves = 0;
  /** What a look waits for. */
  gate: Promise<void> = Promise.resolve();

  constructor(branches: Record<string, string>, defaults: readonly string[] = ['main']) {
    this.branches = branches;
    this.defaults = defaults;
  }

  async tips(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    this.looks.push(names);
    await this.gate;
    return new Map(Object.entries(this.branches).filter(([name]) => names.includes(name)));
  }

  async defaultBranches(): Promise<readonly string[]> {
    return this.defaults;
  }

  /** Queue commits begin with `q`; `qc` has code, too. */
  async isIn(commit: string): Promise<boolean> {
    return !/^q(?!c)/.test(commit);
  }

  async obtain(_branch: string, commit: string): Promise<'present' | 'moved'> {
    if (this.moves-- > 0) return 'moved';
    this.obtained.push(commit);
    return 'present';
  }

  async contains(commit: string, other: string): Promise<boolean> {
    return [...commit].every((letter) => other.includes(letter));
  }
}

function baseOn(code: FakeCode, named?: string): CodeBase {
  return new CodeBase({ code: async () => code, queueBranch: 'develop', remote: 'origin', named });
}

const wish = (more: Partial<StartWish> = {}): StartWish => ({
  claim: 'q',
  setting: undefined,
  dependencies: [],
  ...more,
});

describe('a worktree starts from', () => {
  it.each<[string, Record<string, string>, readonly string[], string | undefined, Partial<StartWish>, string, string]>([
    [
      'the claim, where the queue is on the branch of the code',
      { main: 'm' },
      ['main'],
      undefined,
      { claim: 'qc' },
      'develop',
      'qc',
    ],
    ["the remote's default branch otherwise", { main: 'm', x: 'x' }, ['x', 'main'], undefined, {}, 'x', 'x'],
    [
      'the next one that is not the queue',
      { develop: 'q', main: 'm' },
      ['develop', 'main'],
      undefined,
      {},
      'main',
      'm',
    ],
    ['the claim, where there is nothing else', { develop: 'q' }, ['develop'], undefined, {}, 'develop', 'q'],
    ['the branch of the settings', { main: 'm', s: 's' }, ['main'], undefined, { setting: 's', claim: 'qc' }, 's', 's'],
    ['the branch that the user named', { main: 'm', n: 'n', s: 's' }, ['main'], 'n', { setting: 's' }, 'n', 'n'],
    ["the claim, where the user named the queue's branch", { main: 'm' }, ['main'], 'develop', {}, 'develop', 'q'],
  ])('%s', async (_, branches, defaults, named, more, branch, commit) => {
    const code = new FakeCode(branches, defaults);
    expect(await baseOn(code, named).start(wish(more))).toEqual({ branch, commit, dependency: undefined, missing: [] });
  });

  it.each<[string, Record<string, string>, string | undefined, string, readonly string[]]>([
    ['not one that is merged', { main: 'mab', 'f/a': 'ma', 'f/b': 'mb' }, undefined, 'mab', []],
    ['the one that is not merged', { main: 'ma', 'f/a': 'ma', 'f/b': 'mb' }, 'f/b', 'mb', []],
    ['the one that has the other in it', { main: 'm', 'f/a': 'ma', 'f/b': 'mab' }, 'f/b', 'mab', []],
    ['one of two, and it is known which is missing', { main: 'm', 'f/a': 'ma', 'f/b': 'mb' }, 'f/a', 'ma', ['f/b']],
    ['the certain name before the other', { main: 'm', 'f/a': 'mx', 'f/p-a': 'mp' }, 'f/p-a', 'mp', []],
    ['none that was never pushed', { main: 'm' }, undefined, 'm', []],
  ])("a dependency's branch: %s", async (_, branches, dependency, commit, missing) => {
    const dependencies = [['f/p-a', 'f/a'], ['f/b']];
    const start = await baseOn(new FakeCode(branches)).start(wish({ dependencies }));
    expect(start).toEqual({ branch: 'main', commit, dependency, missing });
  });
});

describe('a branch that is not there', () => {
  it('is found out before anything is claimed', async () => {
    const code = new FakeCode({ main: 'm' });
    await expect(baseOn(code, 'origin/main').check()).rejects.toMatchObject({
      code: 'usage',
      hint: 'name main with --base',
    });
    await expect(baseOn(code, 'mian').check()).rejects.toMatchObject({ code: 'usage' });
    await expect(baseOn(code, 'main').check()).resolves.toBeUndefined();
    await expect(baseOn(code).check()).resolves.toBeUndefined();
    await expect(baseOn(code).check('mian')).rejects.toMatchObject({
      code: 'config-invalid',
      message: 'there is no branch mian on origin from which worktrees could start',
    });
    await expect(baseOn(code).check('develop')).resolves.toBeUndefined();
    await expect(baseOn(code, 'main').check('mian')).resolves.toBeUndefined();
    // A remote that does not answer is waited for later, as for every claim.
    code.tips = () => Promise.reject(new Error('away'));
    await expect(baseOn(code, 'mian').check()).resolves.toBeUndefined();
  });

  it('is a mistake in the settings where they name it', async () => {
    const start = baseOn(new FakeCode({ main: 'm' })).start(wish({ setting: 'gone' }));
    await expect(start).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('branch gone on origin'),
    });
  });
});

describe('looks at the branches', () => {
  it('come after who asks, and are shared by those who ask meanwhile', async () => {
    let open = (): void => undefined;
    const code = new FakeCode({ main: 'm' });
    code.gate = new Promise((resolve) => (open = resolve));
    const base = baseOn(code);
    const first = base.start(wish());
    await expect.poll(() => code.looks.length).toBe(1);
    // What is merged now was not there when the look began.
    code.gate = Promise.resolve();
    const others = [base.start(wish()), base.start(wish({ dependencies: [['f/a']] }))];
    await new Promise((resolve) => setImmediate(resolve));
    expect(code.looks).toEqual([['main']]);
    code.branches = { main: 'mm' };
    open();
    expect(await first).toMatchObject({ branch: 'main' });
    for (const { commit } of await Promise.all(others)) expect(commit).toBe('mm');
    expect(code.looks).toEqual([['main'], ['main', 'f/a']]);
  });

  it('are repeated where the branch moves before it is fetched, but not for ever', async () => {
    const code = new FakeCode({ main: 'm' });
    code.moves = 2;
    expect(await baseOn(code).start(wish())).toMatchObject({ commit: 'm' });
    expect(code.looks).toHaveLength(3);
    code.moves = 100;
    await expect(baseOn(code).start(wish())).rejects.toMatchObject({ code: 'remote-unreachable' });
  });
});
