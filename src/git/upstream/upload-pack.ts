import { Conversation, type Reply } from '../process/conversation.ts';
import type { GitClient } from '../process/git-client.ts';
import type { ProcessLimits } from '../process/git-process.ts';
import { FLUSH } from '../wire/packets.ts';
import { askForRefs, RefListReader } from '../wire/ref-list.ts';

/** How long (ms) the server may take to end once it was ended. */
const FAREWELL_MS = 10_000;

/** The refs of the server by name, or why there is no list of them. */
export type RefList =
  | { readonly kind: 'listed'; readonly refs: ReadonlyMap<string, string> }
  | { readonly kind: 'failed'; readonly ended: Reply['ended'] };

/**
 * Lists the refs in a folder whose names begin so, by git's server for reading: the one process of the three of `git
 * ls-remote` that does the work.
 * @throws Failure `interrupted` or `machine-unusable`
 */
export async function listRefs(
  git: GitClient,
  folder: string,
  prefixes: readonly string[],
  limits: ProcessLimits,
): Promise<RefList> {
  const conversation = new Conversation(git, () =>
    git.spawnServer(['upload-pack', folder], [], { GIT_PROTOCOL: 'version=2' }),
  );
  const reader = new RefListReader();
  // It names what it can do, which is not waited for.
  const ended = await conversation.converse([askForRefs(prefixes)], (piece) => reader.take(piece), limits);
  if (ended === undefined) {
    conversation.hangUp(FLUSH);
    return { kind: 'listed', refs: reader.refs() };
  }
  await conversation.farewell(FAREWELL_MS);
  return { kind: 'failed', ended };
}
