// Says which modules of the bundle are read together, by what needs them when.
import { join } from 'node:path';

/**
 * Each chunk is read, and its code cache with it, when something of it is first needed: a command reads what it uses of
 * three quarters of a megabyte. What a chunk's roots reach by static imports belongs to it, unless an earlier chunk has it.
 */
const ROOTS = {
  // What every process needs that wants something of a queue, also one that follows another and never starts git.
  'open-queue': [
    'src/main.ts',
    'src/cli/run.ts',
    'src/cli/commands/claim/run.ts',
    'src/cli/commands/claim/render.ts',
    'src/cli/commands/heartbeat/run.ts',
    'src/cli/commands/heartbeat/render.ts',
    'src/cli/commands/complete/run.ts',
    'src/cli/commands/complete/render.ts',
    'src/cli/commands/release/run.ts',
    'src/cli/commands/release/render.ts',
    'src/engine/open/open-queue.ts',
  ],
  // What starts git, which then runs while the rest of it is loaded.
  opening: ['src/engine/open/early-git.ts'],
  // What carries intents out.
  git: ['src/engine/open/git-side.ts', 'src/engine/combining/follower-message.ts'],
};

/** Everything that no root reaches. */
const OTHERS = 'rest';

/**
 * @param root folder that the roots are in
 * @returns for rolldown's `codeSplitting.groups`: the name of the chunk that a module belongs to. It throws where a root is
 *   no module of the bundle.
 */
export function chunkNames(root) {
  let names;
  return (id, context) => {
    names ??= namesIn(root, context);
    return names.get(id) ?? OTHERS;
  };
}

function namesIn(root, context) {
  const names = new Map();
  for (const [name, roots] of Object.entries(ROOTS)) {
    const open = roots.map((path) => join(root, path));
    for (const id of open) if (!context.getModuleInfo(id)) throw new Error(`${id} is no module of the bundle`);
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (names.has(id)) continue;
      names.set(id, name);
      open.push(...(context.getModuleInfo(id)?.importedIds ?? []));
    }
  }
  return names;
}
