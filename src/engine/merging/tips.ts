import { Failure } from '../../domain/base/failure.ts';
import { Ownership } from '../../domain/branches/ownership.ts';
import type { BranchStore } from '../../store/branch-store.ts';
import type { BranchContent } from '../../store/reading/branch-content.ts';
import type { Engine } from '../base/engine.ts';
import { retryable } from '../base/retryable.ts';

/** Settings that name another branch at each look: what a branch then lacks is reported as missing. */
const MOST_LOOKS = 5;

/** A branch at the tip that was seen. */
export interface BranchTip {
  readonly branch: string;
  readonly commit: string;
  readonly content: BranchContent;
}

/** The branches of a queue at one look. */
export interface BranchTips {
  readonly main: BranchTip;
  readonly ownership: Ownership;
  /** Of every branch that was asked for and exists. */
  readonly tips: ReadonlyMap<string, string>;
}

/**
 * Looks at the main branch and at all branches that the work concerns, in one look where their names are known.
 * @param named the branches, as the settings on the main branch say
 * @throws Failure `branch-missing` if there is no main branch; what a look throws
 */
export async function lookAtBranches(
  engine: Engine,
  store: BranchStore,
  main: string,
  named: (ownership: Ownership) => readonly string[],
  known: readonly string[],
): Promise<BranchTips> {
  let asked = known;
  for (let looks = 1; ; looks++) {
    engine.signal.throwIfAborted();
    const lookedAt = engine.clock.now();
    const tips = await retryable(() => store.look([main, ...asked]));
    const commit = tips.get(main);
    engine.onEvent({ kind: 'looked', tip: commit, elapsedMs: engine.clock.now() - lookedAt });
    engine.at?.('looked');
    if (commit === undefined) {
      throw new Failure('branch-missing', `there is no branch ${main} on ${engine.store.name}`, {
        hint: `name another with --branch, or make the queue with \`agentq init --branch ${main}\``,
      });
    }
    const content = await readBranch(store, main, commit);
    const ownership = new Ownership(main, content.settings);
    const wanted = named(ownership);
    // The settings name a branch that was not asked for: it is looked at together with the main branch.
    const isAll = wanted.every((branch) => branch === main || asked.includes(branch));
    if (isAll || looks === MOST_LOOKS) {
      return { main: { branch: main, commit, content }, ownership, tips };
    }
    asked = [...new Set([...asked, ...wanted])];
  }
}

/** Fetches the commit if it is absent, and reads the queue in it. @param layouts absent: as its own settings say */
export function readBranch(
  store: BranchStore,
  branch: string,
  commit: string,
  layouts?: BranchContent['settings']['layouts'],
): Promise<BranchContent> {
  return retryable(async () => {
    await store.obtain(branch, commit);
    return store.read(branch, commit, layouts);
  });
}
