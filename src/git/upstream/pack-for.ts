import type { RefUpdate } from '../answers/push-outcome.ts';
import { objectBytes } from '../objects/loose-objects.ts';
import { packOf } from '../objects/pack.ts';
import { type ProcessLimits, runProcess } from '../process/git-process.ts';
import type { MadeChain } from '../repository/made-objects.ts';
import type { Repository } from '../repository/repository.ts';
import { emptyTree } from '../repository/revision.ts';
import type { Advertised } from '../wire/advertisement.ts';

/** Most bytes of a pack that is held in memory. `git push` streams what is larger. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The objects that a push sends; `bytes` is undefined if it sends none, since it only deletes. */
export interface Packed {
  readonly bytes: Uint8Array | undefined;
}

/**
 * What the server needs for the updates. Usually this process has made all of it, and no git is started.
 * @returns undefined if git must find out what the server has
 * @throws Failure `interrupted`
 */
export async function packFor(
  repository: Repository,
  updates: readonly RefUpdate[],
  advertised: Advertised,
  limits: ProcessLimits,
): Promise<Packed | undefined> {
  const moved = updates.filter(({ to }) => to !== undefined);
  if (moved.length === 0) return { bytes: undefined };
  const there = new Set(advertised.refs.values());
  const missing = moved.filter(({ to = '' }) => !there.has(to));
  const chains = missing.map(({ to = '' }) => madeFor(repository, to, there));
  if (!chains.includes(undefined)) return { bytes: await packOf(chains.flatMap((chain) => chain?.objects ?? [])) };
  // What is built on the ref as it was: the server has that.
  const isKnown = missing.every(({ expected }, index) => chains[index] !== undefined || expected !== undefined);
  if (!isKnown) return undefined;
  const wanted = missing.map(({ to, expected }, index) => {
    const chain = chains[index];
    const base = chain === undefined ? expected : chain.base;
    return base === undefined ? `${to}\n` : `${to}\n^${base}\n`;
  });
  return packByGit(repository, wanted, advertised.capabilities.has('ofs-delta'), limits);
}

/** All that the server lacks of what the object refers to, if this process has made it. */
function madeFor(repository: Repository, oid: string, there: ReadonlySet<string>): MadeChain | undefined {
  if (oid === emptyTree(repository)) {
    return { base: undefined, objects: [{ oid, bytes: objectBytes('tree', new Uint8Array()) }] };
  }
  const chain = repository.made.get(oid);
  return chain === undefined || chain.base === undefined || there.has(chain.base) ? chain : undefined;
}

async function packByGit(
  { git }: Repository,
  wanted: readonly string[],
  withOffsets: boolean,
  limits: ProcessLimits,
): Promise<Packed | undefined> {
  const offsets = withOffsets ? ['--delta-base-offset'] : [];
  const args = ['pack-objects', '--revs', '--stdout', '--thin', '-q', ...offsets];
  const packed = await runProcess(git, args, { ...limits, input: wanted, mostBytes: MOST_BYTES });
  // Objects are missing, or damaged: git push says which.
  return packed.exitCode === 0 && packed.ended === undefined ? { bytes: packed.stdout } : undefined;
}
