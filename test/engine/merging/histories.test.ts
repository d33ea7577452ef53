import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PushFault } from '../../../lab/model/memory-remote.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { BranchWorld, MAIN, type Placed, pathOf } from '../../kit/engine/branch-world.ts';

const PROJECTS = ['auth', 'pay', 'web'] as const;
const BRANCHES = [MAIN, 'a-first', 'x'] as const;

type Step =
  | { readonly kind: 'claim' | 'complete'; readonly project: string; readonly at: number }
  | { readonly kind: 'add' | 'copy'; readonly project: string; readonly at: number }
  | { readonly kind: 'code' | 'hand'; readonly at: number }
  | { readonly kind: 'merge'; readonly race: number; readonly how: How }
  | { readonly kind: 'place'; readonly project: string; readonly to: string; readonly race: number; readonly how: How };

/** How the server takes the pushes of a merge or a move, and whether the process dies after the first of them. */
interface How {
  readonly atomic: boolean;
  readonly faults: readonly (PushFault | undefined)[];
  readonly dies: boolean;
}

const project = fc.constantFrom(...PROJECTS);
const at = fc.nat(9);
const fault = fc.constantFrom<PushFault | undefined>(
  undefined,
  'answer-lost',
  'answer-reset',
  'lost',
  'late',
  'rejected',
  'doubled',
  'half-branch',
  'half-others',
);
const how: fc.Arbitrary<How> = fc.oneof(
  fc.record({ atomic: fc.boolean(), faults: fc.array(fault, { maxLength: 2 }), dies: fc.boolean() }),
  fc.constant({ atomic: true, faults: [], dies: false }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('claim', 'complete'), project, at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('add', 'copy'), project, at }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('code', 'hand'), at }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('merge'), race: at, how }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('place'), project, to: fc.constantFrom(...BRANCHES), race: at, how }),
  },
);

/** What a person who sees everything knows of the tasks. */
class Judge {
  readonly world = new BranchWorld({ 'code.txt': 'first', '.agents-core/config/agentq.toon': 'agentq:\n  # ours\n' });
  /** By `project/id`, as the branch has it where the project lives. */
  readonly #known = new Map<string, Placed>();
  /** Added where the project does not live, and not seen where it does. */
  readonly #waiting = new Map<string, string>();
  #count = 0;
  #isTorn = false;

  constructor() {
    for (const name of PROJECTS) this.add(name, 0);
  }

  /** Everything that the branch where a project lives has, and nothing else, is true of its tasks. */
  check(): void {
    const { world } = this;
    const { ownership } = world;
    for (const [name, text] of this.#waiting) {
      const [own, id] = splitName(name);
      const there = world.find(ownership.branchOf(own), own, id);
      const copies = world.branches.filter((branch) => world.find(branch, own, id).length > 0);
      expect(copies, `${name} is nowhere`).not.toEqual([]);
      if (there.length === 0) continue;
      this.#waiting.delete(name);
      this.#known.set(name, { folder: 'tasks', text });
    }
    for (const [name, placed] of this.#known) {
      const [own, id] = splitName(name);
      const home = ownership.branchOf(own);
      expect(world.find(home, own, id), `${name} on ${home}`).toEqual([placed]);
    }
  }

  add(name: string, where: number): void {
    const { ownership } = this.world;
    const id = `T-${++this.#count}`;
    const text = `task ${id}\n`;
    const branches = ownership.branches.filter((branch) => this.world.tip(branch) !== undefined);
    const branch = branches[where % branches.length] ?? MAIN;
    this.world.commit(branch, { [pathOf(name, id, 'tasks')]: text });
    if (ownership.branchOf(name) === branch) this.#known.set(`${name}/${id}`, { folder: 'tasks', text });
    else this.#waiting.set(`${name}/${id}`, text);
  }

  /** An agent claims or completes a task where its project lives. */
  work(kind: 'claim' | 'complete', name: string, which: number): void {
    const home = this.world.ownership.branchOf(name);
    const ids = this.world.ids(home, name, kind === 'claim' ? 'tasks' : 'claimed');
    const id = ids[which % ids.length];
    if (id === undefined) return;
    this.check();
    const to = kind === 'claim' ? 'claimed' : 'completed';
    this.#known.set(`${name}/${id}`, this.world.move(home, name, id, to, `${kind} ${++this.#count}`));
  }

  /** An old script claims a copy, on a branch where the project does not live. It must count for nothing. */
  claimCopy(name: string, which: number): void {
    const { ownership, branches } = this.world;
    const others = branches.filter((branch) => branch !== ownership.branchOf(name));
    const branch = others[which % others.length];
    const ids = branch === undefined ? [] : this.world.ids(branch, name, 'tasks');
    const id = ids[which % ids.length];
    if (branch === undefined || id === undefined || this.#waiting.has(`${name}/${id}`)) return;
    this.world.move(branch, name, id, 'claimed', 'claim by an old script');
  }

  code(which: number): void {
    const { branches } = this.world;
    const branch = branches[which % branches.length] ?? MAIN;
    this.world.commit(branch, { [`code-${branch}.txt`]: `${++this.#count}` });
  }

  /** Somebody merges a branch of a project as the guide says, with git alone, where no merge of ours is half done. */
  async mergeByHand(which: number): Promise<void> {
    const { branches } = this.world;
    const branch = branches[which % branches.length] ?? MAIN;
    if (!this.#isTorn) await this.world.mergeByHand(branch);
  }

  /** @returns whether it was done, all of it */
  async bring(work: () => Promise<unknown>, race: number, { atomic, faults, dies }: How): Promise<boolean> {
    const { world } = this;
    this.#isTorn ||= faults.length > 0 || dies;
    world.atomic = atomic;
    world.faults = [...faults];
    const rival = PROJECTS[race % PROJECTS.length] ?? 'web';
    const crash = new Error('killed');
    world.meanwhile = [
      () => {
        this.check();
        if (race < 5) this.work(race % 2 === 0 ? 'claim' : 'complete', rival, race);
      },
      () => {
        this.check();
        if (dies) throw crash;
      },
    ];
    try {
      await work();
      return true;
    } catch (error) {
      const isRefused = error instanceof Failure && error.code === 'remote-refused' && !atomic;
      if (error !== crash && !isRefused) throw error;
      this.#isTorn = true;
      return false;
    } finally {
      world.meanwhile = [];
      world.faults = [];
      this.check();
      world.remote.landLate();
      this.check();
    }
  }

  /** After everything was merged. */
  checkMerged(): void {
    const { world } = this;
    const { ownership } = world;
    expect([...this.#waiting.keys()].filter((name) => this.#isInSet(name))).toEqual([]);
    for (const branch of ownership.branches.slice(1)) {
      for (const name of PROJECTS) {
        const folders = (['tasks', 'claimed', 'completed'] as const).map((folder) =>
          world.ids(branch, name, folder).sort(),
        );
        if (!ownership.owns(branch, name)) expect(folders.flat(), `copies of ${name} on ${branch}`).toEqual([]);
        else
          expect(folders).toEqual(
            (['tasks', 'claimed', 'completed'] as const).map((folder) => world.ids(MAIN, name, folder).sort()),
          );
      }
      for (const file of world.branches.map((one) => `code-${one}.txt`)) {
        expect(world.read(branch, file), `${file} on ${branch}`).toBe(world.read(MAIN, file));
      }
    }
  }

  #isInSet(name: string): boolean {
    const [own, id] = splitName(name);
    return this.world.ownership.branches.some((branch) => this.world.find(branch, own, id).length > 0);
  }
}

function splitName(name: string): [string, string] {
  const [own = '', id = ''] = name.split('/');
  return [own, id];
}

const PLAIN: How = { atomic: true, faults: [], dies: false };

async function live(steps: readonly Step[]): Promise<void> {
  const judge = new Judge();
  const { world } = judge;
  for (const one of steps) {
    if (one.kind === 'claim' || one.kind === 'complete') judge.work(one.kind, one.project, one.at);
    else if (one.kind === 'add') judge.add(one.project, one.at);
    else if (one.kind === 'copy') judge.claimCopy(one.project, one.at);
    else if (one.kind === 'code') judge.code(one.at);
    else if (one.kind === 'hand') await judge.mergeByHand(one.at);
    if (one.kind === 'place') await judge.bring(() => world.place(one.project, one.to), one.race, one.how);
    if (one.kind === 'merge') await judge.bring(() => world.merge(), one.race, one.how);
    judge.check();
  }
  await judge.bring(() => world.merge(), 9, PLAIN);
  judge.checkMerged();
  const pushes = world.remote.pushes.length;
  await judge.bring(() => world.merge(), 9, PLAIN);
  expect(world.remote.pushes.length, 'a merge of what is merged').toBe(pushes);
}

it('keeps every task once where its project lives, whatever is merged and moved, and whoever is killed', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 20 }), live), {
    numRuns: 50,
  });
});
