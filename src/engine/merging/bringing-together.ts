import { Failure } from '../../domain/base/failure.ts';
import { filesOf, lacksBase, type MergeBase, type MergePlan, planMerge } from '../../domain/branches/merge-plan.ts';
import { Ownership } from '../../domain/branches/ownership.ts';
import type { Trailer } from '../../domain/queue/edit.ts';
import { TRAILER } from '../../domain/rules/decision.ts';
import type { BranchStore } from '../../store/branch-store.ts';
import type { Engine } from '../base/engine.ts';
import type { BranchMove } from '../base/pushed.ts';
import { type BranchTip, readBranch } from './tips.ts';

/** What bringing branches together works with. */
export interface Together {
  readonly engine: Engine;
  readonly store: BranchStore;
  readonly ownership: Ownership;
  /** Names what the commits belong to. */
  readonly request: string;
}

/** The main branch with another branch merged into it. */
export interface BroughtIn {
  /** As it is then; the same as before if there was nothing to bring. */
  readonly main: BranchTip;
  /** The merge commit; undefined: there was nothing to bring. */
  readonly commit: string | undefined;
  readonly plan: MergePlan;
  /** What the merge brought; `queue` also if there was nothing. */
  readonly changes: 'queue' | 'code';
}

/** Why two branches cannot be brought together. */
export interface Conflict {
  readonly branch: string;
  readonly kind: 'files' | 'tasks' | 'unrelated';
  /** Paths, or tasks as `project/TASK-ID`. */
  readonly names: readonly string[];
}

/**
 * Merges a branch into the main branch: the queue by ownership, everything else as git does. Only objects are made.
 * @param what `changes`: a branch whose commits come to nothing is left alone. `history`: the main branch gets its
 *   commits all the same, so that what they did can be looked up there
 * @returns a conflict if only a person can decide
 */
export async function bringIn(
  { engine, store, ownership, request }: Together,
  main: BranchTip,
  other: BranchTip,
  what: 'changes' | 'history' = 'changes',
): Promise<BroughtIn | Conflict> {
  const { branch } = other;
  const bases = await store.bases(main.commit, other.commit);
  if (bases.length === 0) return { kind: 'unrelated', branch, names: [] };
  const { layouts } = main.content.settings;
  const plan = await planFor({ store, ownership }, main, other, bases);
  if (plan.clashes.length > 0) return { kind: 'tasks', branch, names: plan.clashes };
  // Both sides get the queue that is to come out, so that git has nothing to decide about it.
  const ours = await store.withFiles(main.commit, main.content.files, plan.files);
  // Nor about the settings: a copy of them on the branch of a project says nothing.
  const theirs = await store.withFiles(
    other.commit,
    [...other.content.files, ...other.content.settingsFile],
    [...plan.files, ...main.content.settingsFile],
  );
  const merged = await store.merge(ours, theirs);
  if (merged.kind === 'unrelated') return { kind: 'unrelated', branch, names: [] };
  if (merged.kind === 'conflict') return { kind: 'files', branch, names: merged.paths };
  const { tree } = merged;
  const isContained = bases.includes(other.commit);
  const isNothing = tree === (await store.tree(main.commit));
  if (isNothing && (isContained || what === 'changes')) return { main, commit: undefined, plan, changes: 'queue' };
  const changes = tree === (await store.tree(ours)) ? 'queue' : 'code';
  const commit = await store.commit(
    {
      tree,
      parents: isContained ? [main.commit] : [main.commit, other.commit],
      subject: `[ORCHESTRATOR] Merged ${branch} into ${main.branch}`,
      trailers: trailersFor(request, main.branch, branch),
      changes,
    },
    main.content.settings,
    engine.clock.now(),
  );
  const content = await readBranch(store, main.branch, commit, layouts);
  return { main: { branch: main.branch, commit, content }, commit, plan, changes };
}

/**
 * Whether tasks leave the branch, since their project does not live there. They must be on the main branch before they
 * are gone: a server that is killed in the middle of an atomic push may write some of its refs only.
 */
export function leaves(ownership: Ownership, branch: string, { moved }: Pick<MergePlan, 'moved'>): boolean {
  return moved.some((task) => !ownership.owns(branch, task.split('/')[0] ?? ''));
}

/**
 * What a branch of projects gets of the main branch after everything was brought in there: the code, its own projects
 * as the main branch has them now, and no others.
 * @param tip where the branch is; undefined: it is made
 * @param leaving a project that leaves the branch: its files stay for now, and the branch moves in any case, so that
 *   nobody who saw it before can change it any more
 * @returns its new commit; undefined: it has all of that
 */
export async function bringOut(
  { engine, store, ownership, request }: Together,
  main: BranchTip,
  branch: string,
  tip: BranchTip | undefined,
  leaving?: string,
): Promise<string | undefined> {
  const { files, settings } = main.content;
  const left = files.filter(({ project }) => project === leaving);
  const own = [...filesOf(ownership, branch, files), ...left];
  const tree = await store.tree(await store.withFiles(main.commit, files, own));
  if (tip !== undefined && leaving === undefined && tree === (await store.tree(tip.commit))) return undefined;
  const isContained = tip !== undefined && (await store.contains(tip.commit, main.commit));
  const parents = tip === undefined ? [main.commit] : isContained ? [tip.commit] : [tip.commit, main.commit];
  const isQuiet =
    tip === undefined || tree === (await store.tree(await store.withFiles(tip.commit, tip.content.files, own)));
  return store.commit(
    {
      tree,
      parents,
      subject:
        tip === undefined
          ? `[ORCHESTRATOR] Made ${branch} from ${main.branch}`
          : `[ORCHESTRATOR] Merged ${main.branch} into ${branch}`,
      trailers: trailersFor(request, main.branch, branch),
      changes: isQuiet ? 'queue' : 'code',
    },
    settings,
    engine.clock.now(),
  );
}

/**
 * Makes what branches got of the main branch part of its history, and changes nothing in it. They lack the projects of
 * others, and git must know that this is no news: a person who merged one by hand would delete those tasks otherwise.
 * @param moves what {@link bringOut} made
 * @param changes what this push brings to the main branch besides
 */
export async function seal(
  { engine, store, request }: Together,
  main: BranchTip,
  moves: readonly BranchMove[],
  changes: 'queue' | 'code',
): Promise<BranchTip> {
  if (moves.length === 0) return main;
  const branches = moves.map(({ branch }) => branch);
  const commit = await store.commit(
    {
      tree: await store.tree(main.commit),
      parents: [main.commit, ...moves.map(({ to }) => to)],
      subject: `[ORCHESTRATOR] Recorded on ${main.branch} what ${branches.join(', ')} got`,
      trailers: trailersFor(request, main.branch, ...branches),
      changes,
    },
    main.content.settings,
    engine.clock.now(),
  );
  return { ...main, commit };
}

/** The trailers of a commit that brings these branches together. */
export function trailersFor(request: string, ...branches: readonly string[]): Trailer[] {
  return [
    { key: TRAILER.request, value: request },
    { key: TRAILER.branches, value: [...new Set(branches)].join(' ') },
  ];
}

/** A conflict as the failure of the whole: nothing is changed. */
export function conflictFailure(main: string, conflicts: readonly Conflict[]): Failure {
  const message = conflicts.map((conflict) => wordsOf(main, conflict)).join('; ');
  const others = 'nothing was changed; branches without a conflict can be merged by their names';
  return new Failure('merge-conflict', message, {
    hint: `${hintFor(main, conflicts[0])} (${others})`,
    details: { conflicts },
  });
}

function wordsOf(main: string, { kind, branch, names }: Conflict): string {
  const list = `${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
  switch (kind) {
    case 'files':
      return `${branch} cannot be merged into ${main}: conflict in ${list}`;
    case 'tasks':
      return `${branch} cannot be merged into ${main}: both have added another task as ${list}`;
    case 'unrelated':
      return `${branch} cannot be merged into ${main}: they have no commit in common`;
  }
}

function hintFor(main: string, conflict: Conflict | undefined): string {
  if (conflict?.kind === 'tasks') return `rename or remove one of the two, then merge again`;
  const { branch = '', kind } = conflict ?? {};
  const how = kind === 'unrelated' ? ' --allow-unrelated-histories' : '';
  return `run \`git merge${how} ${branch}\` on ${main} once by hand and push it; folders of tasks are put right by the next \`agentq merge\``;
}

async function planFor(
  { store, ownership }: Pick<Together, 'store' | 'ownership'>,
  main: BranchTip,
  other: BranchTip,
  bases: readonly string[],
): Promise<MergePlan> {
  const { layouts } = main.content.settings;
  const old = await Promise.all(bases.map((base) => baseOf(store, ownership.main, base, layouts)));
  const planBy = (basesOf: (project: string) => readonly MergeBase[]): MergePlan =>
    planMerge(ownership, other.branch, main.content.files, other.content.files, basesOf);
  const plan = planBy(() => old);
  const older = new Map<string, readonly MergeBase[]>();
  for (const project of lacksBase(plan, old)) {
    older.set(project, await olderBases(store, ownership.main, bases, project, layouts));
  }
  return older.size === 0 ? plan : planBy((project) => older.get(project) ?? old);
}

/** Most commits that are read for the last one that has a project: it is the parent of a merge, or its parent. */
const MOST_READ = 100;

/** The newest commits that these are or contain in which the project is. */
async function olderBases(
  store: BranchStore,
  main: string,
  bases: readonly string[],
  project: string,
  layouts: BranchTip['content']['settings']['layouts'],
): Promise<readonly MergeBase[]> {
  const found: MergeBase[] = [];
  const open = [...bases];
  const seen = new Set(open);
  for (let commit = open.shift(), read = 1; commit !== undefined && read <= MOST_READ; commit = open.shift(), read++) {
    const base = await baseOf(store, main, commit, layouts);
    if (base.files.some((file) => file.project === project)) {
      found.push(base);
      continue;
    }
    for (const parent of await store.parents(commit)) {
      if (!seen.has(parent)) open.push(parent);
      seen.add(parent);
    }
  }
  return found;
}

async function baseOf(
  store: BranchStore,
  main: string,
  commit: string,
  layouts: BranchTip['content']['settings']['layouts'],
): Promise<MergeBase> {
  const { files, settings } = await readBranch(store, `the common ancestor ${commit.slice(0, 12)}`, commit, layouts);
  return { files, ownership: new Ownership(main, settings) };
}
