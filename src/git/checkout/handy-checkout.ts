import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsOfOrdinaryClone } from '../repository/facts.ts';
import { byKey } from '../repository/git-config.ts';
import type { Located } from '../repository/locate.ts';
import { remotesIn } from '../repository/remotes.ts';

/** A checkout of the branch for which a pack is of use. */
export interface HandyCheckout {
  readonly gitDir: string;
  readonly commonDir: string;
  /** The commit that the branch is at. */
  readonly head: string;
}

/**
 * The checkout of the branch that a process runs in, as a few files tell.
 * @returns undefined if HEAD is elsewhere, and for every clone that is not an ordinary and whole one: shallow, partial,
 *   SHA-256, a linked worktree, or with objects in other places
 */
export function handyCheckout(
  { settings = [], head }: Located,
  branchRef: string,
  { dir, env }: { readonly dir: string; readonly env: Readonly<Record<string, string | undefined>> },
): HandyCheckout | undefined {
  if (head !== branchRef) return undefined;
  const own = byKey(settings);
  const facts = factsOfOrdinaryClone(dir, env, own);
  if (facts === undefined || facts.shallow || facts.objectFormat !== 'sha1') return undefined;
  if (own.has('extensions.partialclone') || [...remotesIn(own).values()].some(({ promisor }) => promisor)) {
    return undefined;
  }
  const { gitDir, commonDir } = facts;
  if (existsSync(join(commonDir, 'objects', 'info', 'alternates'))) return undefined;
  const at = commitAt(commonDir, branchRef);
  return at === undefined ? undefined : { gitDir, commonDir, head: at };
}

/** The commit that a ref is at, as its file or the list of packed refs says. */
export function commitAt(commonDir: string, ref: string): string | undefined {
  const loose = textOf(join(commonDir, ref));
  if (loose !== undefined) return /^([0-9a-f]{40})\s*$/.exec(loose)?.[1];
  const line = textOf(join(commonDir, 'packed-refs'))
    ?.split('\n')
    .find((one) => one.slice(41) === ref);
  return line === undefined ? undefined : /^[0-9a-f]{40}/.exec(line)?.[0];
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
