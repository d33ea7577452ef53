// Says which modules of the bundle are read together, by when they are needed.
import { join } from 'node:path';

/**
 * Each chunk is read, with its code cache, when it is first needed: of three quarters of a megabyte, a command reads
 * only what it uses. What the roots of a chunk reach by static imports belongs to it, unless an earlier chunk has it.
 */
const ROOTS = {
  // What every process that opens a queue needs, also a follower, which never starts git.
  // rolldown names this one after a module in it, whatever it is called here.
  'open-branches': [
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
    'src/engine/branches/open-branches.ts',
  ],
  // What a follower needs whose checkout takes the pack of its leader.
  following: ['src/git/checkout/handed-pack.ts'],
  // What starts git, which then runs while the rest is loaded.
  'start-git': ['src/engine/open/early-git.ts'],
  // What carries intents out.
  'carry-out': ['src/engine/open/git-side.ts', 'src/engine/combining/follower-message.ts'],
  // The settings file, where the checkout or the branch has one. In the chunk of the rest, each claim loaded that, and all
  // chunks that the rest requires.
  settings: ['src/store/reading/settings.ts'],
  // What machines need that meet at a server, and the clients: only the one that is wanted is loaded.
  machines: [
    'src/engine/machines/machines.ts',
    'src/engine/machines/queue-name.ts',
    'src/machine/meet-server/tls.ts',
    'src/machine/meet-server/in-time.ts',
  ],
  // simple-git and the Redis client both want it: in the chunk of the one, the other would load that.
  debug: ['node_modules/debug/src/index.js'],
  // Draws pictures of graphs, and nothing else.
  layout: ['node_modules/@dagrejs/dagre/dist/dagre.esm.js'],
  // Hooks of coding agents run after each of their steps, and mostly find that there is nothing to do.
  hooks: ['src/cli/commands/heartbeat/not-now.ts'],
  // Only `setup` reads files of agents.
  setup: ['src/store/setup/set-up.ts'],
  redis: ['src/machine/meet-server/redis.ts'],
  etcd: ['src/machine/meet-server/etcd.ts'],
  // The parsers of Markdown and YAML, for what is moved here from files that hold these.
  documents: ['src/store/moving/from/backlog.ts', 'src/store/moving/from/markdown.ts'],
  // The SDK, and what of zod only that uses.
  mcp: ['src/cli/commands/mcp/serve.ts', 'src/cli/commands/mcp/line-transport.ts'],
  // The server of the dashboard, and the page that it serves.
  dashboard: ['src/cli/commands/dashboard/serve/serve.ts', 'src/cli/commands/dashboard/serve/export-report.ts'],
  // Finds out how this system opens a browser.
  browser: ['src/cli/commands/dashboard/serve/open-browser.ts'],
};

/**
 * Chunks of which other commands need nothing: what others import, too, stays with the rest. Otherwise the rest would
 * require such a chunk, and every command that needs the rest would read it.
 */
const APART = new Set(['dashboard', 'browser']);

/** Everything that no root reaches. */
const OTHERS = 'rest';

/**
 * @param root folder that the roots are in
 * @returns for rolldown's `codeSplitting.groups`: a function that names the chunk of a module. It throws if a root is
 *   not a module of the bundle.
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
    for (const id of open) if (!context.getModuleInfo(id)) throw new Error(`${id} is not a module of the bundle`);
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (names.has(id)) continue;
      names.set(id, name);
      open.push(...(context.getModuleInfo(id)?.importedIds ?? []));
    }
    if (APART.has(name)) leaveShared(name, new Set(roots.map((path) => join(root, path))), names, context);
  }
  return names;
}

/** Takes what modules of other chunks import out of the chunk, and what that needs, until nothing of it is left. */
function leaveShared(name, roots, names, context) {
  for (let isDone = false; !isDone; ) {
    isDone = true;
    for (const [id, its] of names) {
      if (its !== name || roots.has(id)) continue;
      const importers = context.getModuleInfo(id)?.importers ?? [];
      if (importers.every((importer) => names.get(importer) === name)) continue;
      names.delete(id);
      isDone = false;
    }
  }
}
