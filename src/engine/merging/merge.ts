import { Failure } from '../../domain/base/failure.ts';
import type { Ownership } from '../../domain/branches/ownership.ts';
import type { BranchMove } from '../base/pushed.ts';
import { retryable } from '../base/retryable.ts';
import { retrying } from '../transaction/transaction.ts';
import { bringIn, bringOut, type Conflict, conflictFailure, leaves, seal, type Together } from './bringing-together.ts';
import { Landed, type Landing } from './landing.ts';
import { type BranchTip, type BranchTips, lookAtBranches, readBranch } from './tips.ts';

/** What `agentq merge` is asked to do. */
export interface MergeRequest {
  /** The main branch. */
  readonly main: string;
  /** Branches of projects; none: all of them. */
  readonly branches: readonly string[];
  readonly doing: 'merge' | 'rehearsal';
}

/** What became of one branch. */
export interface MergedBranch {
  readonly branch: string;
  readonly projects: readonly string[];
  /** The commit that merged it into the main branch; undefined: it had nothing new. */
  readonly commit: string | undefined;
  /** Its own new commit, with what the main branch had for it; undefined: there was nothing. */
  readonly ownCommit: string | undefined;
  /** Tasks that were only on a branch where their project does not live, and are now where it does. */
  readonly moved: readonly string[];
  /** Tasks whose copy somebody had changed where their project does not live: the change was not taken over. */
  readonly overruled: readonly string[];
}

/** What `agentq merge` did. */
export interface Merged {
  readonly branches: readonly MergedBranch[];
  /** Where the main branch is now, and was before; undefined: it did not move. */
  readonly moved: BranchMove | undefined;
  /** Branches of projects that moved. */
  readonly others: readonly BranchMove[];
}

/**
 * Merges the branches of projects and the main branch, in both directions. The main branch gets a merge commit
 * for each branch that has something new, with the queue by ownership and everything else as git merges it. Each branch
 * gets what the main branch has for it: code, and tasks that somebody added there.
 *
 * All branches move in one atomic push. Where the server can't do that, and where a task leaves a branch on which its
 * project does not live, the main branch goes first: it then has copies of tasks that still wait for their branch, as
 * before, so a crash in between loses nothing and doubles nothing.
 *
 * @throws Failure `merge-conflict` if only a person can decide, and nothing is changed; `usage` for a branch that is no
 *   project's; `branch-missing`; and as for any push
 */
export async function mergeBranches(landing: Landing, request: MergeRequest): Promise<Merged> {
  const { engine, store } = landing;
  const landed = new Landed(landing);
  const plans: Planned[] = [];
  const id = engine.random.id();
  let known: readonly string[] = request.branches;
  const attempt = async (number: number): Promise<Merged> => {
    engine.signal.throwIfAborted();
    const tips = await lookAtBranches(engine, store, request.main, (owned) => chosen(owned, request), known);
    known = [...tips.tips.keys()];
    await retryable(() => landed.resolve(tips.tips));
    const planned = await retryable(() =>
      plan({ engine, store, ownership: tips.ownership, request: id }, tips, request),
    );
    engine.at?.('built');
    if (request.doing === 'rehearsal') return resultOf([planned], planned.pushes.flat(), () => true, request);
    plans.push(planned);
    for (const together of planned.pushes) await landed.push(together, number);
    return resultOf(plans, [...landed.moves.values()], (commit) => landed.has(commit), request);
  };
  return retrying(engine, { attempt });
}

interface Planned {
  readonly branches: readonly MergedBranch[];
  /** What is pushed together, one push after another; the main branch first. */
  readonly pushes: readonly (readonly BranchMove[])[];
}

async function plan(on: Together, tips: BranchTips, request: MergeRequest): Promise<Planned> {
  const { store, ownership } = on;
  const others: BranchTip[] = [];
  for (const branch of chosen(ownership, request)) {
    const commit = tips.tips.get(branch);
    if (commit === undefined) throw missing(ownership, branch, on.engine.store.name);
    const content = await readBranch(store, branch, commit, tips.main.content.settings.layouts);
    others.push({ branch, commit, content });
  }
  let { main } = tips;
  let changes: 'queue' | 'code' = 'queue';
  const conflicts: Conflict[] = [];
  const merged = new Map<string, MergedBranch>();
  for (const other of others) {
    on.engine.signal.throwIfAborted();
    const brought = await bringIn(on, main, other);
    if ('kind' in brought) {
      conflicts.push(brought);
      continue;
    }
    main = brought.main;
    if (brought.changes === 'code') changes = 'code';
    const { branch } = other;
    const { moved, overruled } = brought.plan;
    const projects = ownership.namedOn(branch);
    merged.set(branch, { branch, projects, commit: brought.commit, ownCommit: undefined, moved, overruled });
  }
  if (conflicts.length > 0) throw conflictFailure(main.branch, conflicts);
  const owns: BranchMove[] = [];
  const branches: MergedBranch[] = [];
  for (const other of others) {
    const { branch, commit } = other;
    const own = await bringOut(on, main, branch, other);
    if (own !== undefined) owns.push({ branch, from: commit, to: own });
    const known = merged.get(branch);
    if (known !== undefined) branches.push({ ...known, ownCommit: own });
  }
  main = await seal(on, main, owns, changes);
  const from = tips.main.commit;
  const mains: BranchMove[] = main.commit === from ? [] : [{ branch: main.branch, from, to: main.commit }];
  const isLeft = [...merged.values()].some((one) => leaves(ownership, one.branch, one));
  return { branches, pushes: isLeft ? [mains, owns] : [[...mains, ...owns]] };
}

/** @throws Failure `usage` for a branch on which no project lives */
function chosen(ownership: Ownership, { branches }: MergeRequest): readonly string[] {
  const all = ownership.branches.slice(1);
  const stranger = branches.find((branch) => !all.includes(branch));
  if (stranger === undefined) return branches.length === 0 ? all : [...new Set(branches)];
  const { main } = ownership;
  if (stranger === main) throw new Failure('usage', `${main} is what the others are merged into`);
  const there = all.length === 0 ? 'no project has a branch of its own' : `those of projects are ${all.join(', ')}`;
  throw new Failure('usage', `no project lives on ${stranger}, by the settings on ${main}: ${there}`, {
    hint: `\`agentq branch <project> ${stranger}\` lets a project live there`,
  });
}

function missing(ownership: Ownership, branch: string, place: string): Failure {
  const [project = ''] = ownership.namedOn(branch);
  const message = `there is no branch ${branch} on ${place}, where ${project} lives by the settings on ${ownership.main}`;
  return new Failure('branch-missing', message, {
    hint: `\`agentq branch ${project} ${branch}\` makes it; or correct \`branches\` in the settings`,
  });
}

/** What all tries together did: another push may have been first, and then commits were made that never landed. */
function resultOf(
  plans: readonly Planned[],
  moves: readonly BranchMove[],
  hasLanded: (commit: string) => boolean,
  { main }: MergeRequest,
): Merged {
  const branches = new Map<string, MergedBranch>();
  for (const planned of plans) {
    const tip = planned.pushes.flat().find(({ branch }) => branch === main)?.to;
    const isMain = tip !== undefined && hasLanded(tip);
    for (const branch of planned.branches) {
      const isOwn = branch.ownCommit !== undefined && hasLanded(branch.ownCommit);
      const before = branches.get(branch.branch);
      const done = isMain || isOwn ? branch : { moved: [], overruled: [] };
      branches.set(branch.branch, {
        ...branch,
        commit: isMain ? (branch.commit ?? before?.commit) : before?.commit,
        ownCommit: isOwn ? branch.ownCommit : before?.ownCommit,
        moved: [...new Set([...(before?.moved ?? []), ...done.moved])],
        overruled: [...new Set([...(before?.overruled ?? []), ...done.overruled])],
      });
    }
  }
  return {
    branches: [...branches.values()],
    moved: moves.find(({ branch }) => branch === main),
    others: moves.filter(({ branch }) => branch !== main),
  };
}
