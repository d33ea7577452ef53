import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { Ownership } from '../../domain/branches/ownership.ts';
import { unknownProject } from '../../domain/rules/unknown-names.ts';
import type { BranchMove } from '../base/pushed.ts';
import { failureOf } from '../base/refusal.ts';
import { retryable } from '../base/retryable.ts';
import { retrying } from '../transaction/transaction.ts';
import { bringIn, bringOut, conflictFailure, leaves, seal, type Together, trailersFor } from './bringing-together.ts';
import { Landed, type Landing } from './landing.ts';
import { type BranchTip, type BranchTips, lookAtBranches, readBranch } from './tips.ts';

/** What `agentq branch` is asked to do. */
export interface MoveRequest {
  /** The main branch. */
  readonly main: string;
  readonly project: string;
  /** Where the project is to live; the main branch: it has no branch of its own any more. */
  readonly to: string;
  readonly doing: 'move' | 'rehearsal';
}

/** What `agentq branch` did. */
export interface Moved {
  readonly from: string;
  readonly to: string;
  /** undefined: the main branch did not move. */
  readonly moved: BranchMove | undefined;
  readonly others: readonly BranchMove[];
  /** Whether the branch was made. */
  readonly isNew: boolean;
  /** Tasks of the project that live on the branch now. */
  readonly tasks: number;
  /** Branches on which no project lives any more. */
  readonly left: readonly string[];
}

/**
 * Lets a project live on another branch, with its tasks, claims and ledger as they are.
 *
 * The branch that it goes to is made ready first: nobody looks there before the setting says so, so whatever dies then
 * leaves copies and nothing else. Then the setting on the main branch changes, in one atomic push with the branch that
 * the project leaves, each leased. So whoever changes the project at the same time is either in what moves, or was
 * rejected and finds the project where it lives now. A claim that was renewed by refs gets the last renewal into its
 * file, since such refs belong to one branch.
 *
 * Where the server can't push several refs at once, a project can leave the main branch all the same, since that is
 * where the setting is. To leave a branch of its own, the two would have to move at once, so that is refused.
 *
 * @throws Failure `unknown-project`, `merge-conflict`, `usage`, `config-invalid`, and as for any push
 */
export async function moveProject(landing: Landing, request: MoveRequest): Promise<Moved> {
  const { engine, store } = landing;
  const { main, project, to, doing } = request;
  const landed = new Landed(landing);
  const id = engine.random.id();
  /** What the last try was to do. */
  let last: Moved | undefined;
  let known: readonly string[] = to === main ? [] : [to];
  const attempt = async (number: number): Promise<Moved> => {
    engine.signal.throwIfAborted();
    const named = (owned: Ownership): string[] => [...new Set([owned.branchOf(project), to])];
    const tips = await lookAtBranches(engine, store, main, named, known);
    known = [...tips.tips.keys()];
    await retryable(() => landed.resolve(tips.tips));
    const planned = await retryable(() =>
      plan({ engine, store, ownership: tips.ownership, request: id }, tips, request),
    );
    engine.at?.('built');
    if (doing === 'rehearsal') return withMoves(planned.result, [...planned.ready, ...planned.flip], main);
    // Nothing is left to do after a push that landed although its answer was lost.
    const isDone = planned.flip.length === 0 && planned.ready.length === 0 && landed.moves.size > 0;
    last = isDone ? (last ?? planned.result) : planned.result;
    await push(landing, landed, planned, tips, request, number);
    await tidyUp(landed, planned, number);
    return withMoves(last, [...landed.moves.values()], main);
  };
  return retrying(engine, { attempt });
}

function withMoves(result: Moved, moves: readonly BranchMove[], main: string): Moved {
  return {
    ...result,
    moved: moves.find(({ branch }) => branch === main),
    others: moves.filter(({ branch }) => branch !== main),
  };
}

interface Planned {
  readonly result: Moved;
  /** What must be there before, one after another: the branch that the project goes to, for example. */
  readonly ready: readonly BranchMove[];
  /** With these the project lives elsewhere: the branch that it leaves, and the main branch. */
  readonly flip: readonly BranchMove[];
  /** Builds what removes the copies from the branch that the project has left. */
  readonly tidy?: () => Promise<readonly BranchMove[]>;
}

async function push(
  { abilities, engine }: Landing,
  landed: Landed,
  { ready, flip }: Planned,
  { ownership }: BranchTips,
  { main, project }: MoveRequest,
  attempt: number,
): Promise<void> {
  const leavesOwn = ownership.branchOf(project) !== main;
  try {
    for (const one of ready) await landed.push([one], attempt);
    await landed.push(flip, attempt, leavesOwn ? 'together' : 'where-possible');
  } catch (error) {
    const isOneByOne = leavesOwn && flip.length > 1 && !(await abilities.canPushAtomically());
    if (!isOneByOne || !(error instanceof Failure) || error.code !== 'remote-refused') throw error;
    throw new Failure('remote-refused', `${engine.store.name} cannot change several branches in one push`, {
      hint: `a claim on ${ownership.branchOf(project)} could be lost while ${project} leaves it, so it stays there: let the server allow atomic pushes (receive.advertiseAtomic)`,
    });
  }
}

async function plan(on: Together, tips: BranchTips, { main: name, project, to }: MoveRequest): Promise<Planned> {
  const { store, ownership, engine } = on;
  const from = ownership.branchOf(project);
  const obstacle = ownership.branches.find((branch) => excludes(branch, to));
  if (obstacle !== undefined) {
    throw new Failure('usage', `git cannot have the branch ${to} beside ${obstacle}`, {
      hint: `name another, such as ${to.replaceAll('/', '-')}`,
    });
  }
  const concerned = [...new Set([from, to])].filter((branch) => branch !== name);
  const others = new Map<string, BranchTip>();
  for (const branch of concerned) {
    const commit = tips.tips.get(branch);
    if (commit === undefined) continue;
    const content = await readBranch(store, branch, commit, tips.main.content.settings.layouts);
    others.set(branch, { branch, commit, content });
  }
  const projects = new Set([
    ...tips.main.content.projects,
    ...[...others.values()].flatMap((o) => [...o.content.projects]),
  ]);
  const refusal = unknownProject(project, projects);
  if (refusal !== undefined) throw failureOf(refusal);
  const there = others.get(to);
  if (there !== undefined && ownership.namedOn(to).length === 0 && !holdsQueue(there)) {
    throw new Failure('usage', `${to} exists and holds no queue`, { hint: 'name a branch that does not exist yet' });
  }
  if (from !== name && from !== to && !others.has(from)) throw gone(ownership, project, from, engine.store.name);
  const isNew = to !== name && !others.has(to);
  const result = { from, to, moved: undefined, others: [], isNew, tasks: 0, left: [] };
  if (from === to && !isNew) {
    const tip = others.get(to) ?? tips.main;
    return { result: { ...result, tasks: tasksOf(tip, project) }, ready: [], flip: [] };
  }
  // First everything is brought together while the project still lives where it did: then the main branch has it.
  let main = tips.main;
  let isLeft = false;
  let changes: 'queue' | 'code' = 'queue';
  for (const other of others.values()) {
    const brought = await bringIn(on, main, other, 'history');
    if ('kind' in brought) throw conflictFailure(name, [brought]);
    main = brought.main;
    if (brought.changes === 'code') changes = 'code';
    isLeft ||= leaves(ownership, other.branch, brought.plan);
  }
  const merged = isLeft ? main : tips.main;
  const lived = others.get(from) ?? tips.main;
  main = await resettle(on, main, lived, project, to);
  const after = { ...on, ownership: new Ownership(name, main.content.settings) };
  const [ready, flip]: [BranchMove[], BranchMove[]] = [[], []];
  for (const branch of concerned) {
    const tip = others.get(branch);
    const commit = await bringOut(after, main, branch, tip, branch === from && from !== to ? project : undefined);
    if (commit !== undefined) (branch === to ? ready : flip).push({ branch, from: tip?.commit, to: commit });
  }
  main = await seal(after, main, [...ready, ...flip], changes);
  if (main.commit !== merged.commit) flip.push({ branch: name, from: merged.commit, to: main.commit });
  const first: BranchMove[] = isLeft ? [{ branch: name, from: tips.main.commit, to: merged.commit }] : [];
  const left = concerned.filter((branch) => after.ownership.namedOn(branch).length === 0);
  const leaving = flip.find(({ branch }) => branch === from && from !== name);
  const tidy = leaving === undefined ? undefined : () => withoutCopies(after, main, leaving);
  return {
    result: { ...result, tasks: tasksOf(main, project), left },
    ready: [...first, ...ready],
    flip,
    ...given({ tidy }),
  };
}

/**
 * Removes the copies from the branch that the project has left, in a push of its own: a server that is killed in the
 * middle of an atomic push may write one of its refs only, and if that were this one, the tasks would be nowhere. It
 * does not matter if this fails: copies count for nothing.
 */
async function tidyUp(landed: Landed, { tidy }: Planned, attempt: number): Promise<void> {
  if (tidy === undefined) return;
  try {
    await landed.push(await tidy(), attempt);
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'interrupted') throw error;
  }
}

async function withoutCopies(on: Together, main: BranchTip, { branch, to: commit }: BranchMove): Promise<BranchMove[]> {
  const content = await readBranch(on.store, branch, commit, main.content.settings.layouts);
  const to = await bringOut(on, main, branch, { branch, commit, content });
  if (to === undefined) return [];
  const move: BranchMove = { branch, from: commit, to };
  const sealed = await seal(on, main, [move], 'queue');
  return [{ branch: main.branch, from: main.commit, to: sealed.commit }, move];
}

/** The main branch with the setting changed, and with the last renewals in the files of the project's claims. */
async function resettle(
  { engine, store, request }: Together,
  main: BranchTip,
  lived: BranchTip,
  project: string,
  to: string,
): Promise<BranchTip> {
  const own = to === main.branch ? undefined : to;
  const setting = await store.withBranch(main.branch, main.commit, project, own);
  const renewed = await store.renewed(lived.branch, lived.commit, project);
  const tree = await store.withContents(main.commit, [setting, ...renewed]);
  if (tree === (await store.tree(main.commit))) return main;
  const commit = await store.commit(
    {
      tree,
      parents: [main.commit],
      subject: `[ORCHESTRATOR] Moved ${project} from ${lived.branch} to ${to}`,
      trailers: trailersFor(request, main.branch, lived.branch, to),
      changes: 'queue',
    },
    main.content.settings,
    engine.clock.now(),
  );
  const content = await store.read(main.branch, commit);
  return { branch: main.branch, commit, content };
}

/** Whether the branch is or was one of a queue, and not the code's main branch that somebody named by mistake. */
function holdsQueue({ content }: BranchTip): boolean {
  return content.projects.size > 0 || content.settingsFile.length > 0;
}

/** Git keeps branches as files in folders: of `develop` and `develop/auth` only one can exist. */
function excludes(branch: string, other: string): boolean {
  return branch.startsWith(`${other}/`) || other.startsWith(`${branch}/`);
}

function gone(ownership: Ownership, project: string, branch: string, place: string): Failure {
  const message = `there is no branch ${branch} on ${place}, where ${project} lives by the settings on ${ownership.main}`;
  return new Failure('branch-missing', message, {
    hint: `its tasks are on that branch: push it again; or \`agentq branch ${project} ${branch}\` makes it from what ${ownership.main} has`,
  });
}

function tasksOf({ content }: BranchTip, project: string): number {
  return new Set(content.files.flatMap((file) => (file.project === project ? (file.id ?? []) : []))).size;
}
