// Says which modules of the bundle are read together, by when they are needed.
import { join } from 'node:path';

/**
 * Each chunk is read, with its code cache, when it is first needed: of three quarters of a megabyte, a command reads
 * only what it uses. What the roots of a chunk reach by static imports belongs to it, unless an earlier chunk has it.
 */
const COMMON = {
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
  // simple-git and the Redis client both want it: in the chunk of the one, the other would load that.
  debug: ['node_modules/debug/src/index.js'],
  // Hooks of coding agents run after each of their steps, and mostly find that there is nothing to do.
  hooks: ['src/cli/commands/heartbeat/not-now.ts'],
};

/**
 * Chunks that only one command loads, or only some runs of one. They are loaded by dynamic imports of their roots, and
 * have what only these reach, in whatever way: a module that the rest reaches, too, is in the rest, else the rest would
 * load the whole chunk with it. What two of them reach is in a chunk of both, unless the one loads the other anyway.
 *
 * For a command, the root is its `run.ts`, or the module that it imports when it needs what is heavy.
 */
const RARE = {
  // What machines need that meet at a server, and the clients: only the one that is wanted is loaded.
  machines: [
    'src/engine/machines/at-server.ts',
    'src/machine/meet-server/tls.ts',
    'src/machine/meet-server/in-time.ts',
  ],
  redis: ['src/machine/meet-server/redis.ts'],
  etcd: ['src/machine/meet-server/etcd.ts'],
  // Draws pictures of graphs, and nothing else.
  layout: ['src/cli/commands/graph/svg.ts'],
  // Only `setup` reads files of agents.
  setup: ['src/cli/commands/setup/run.ts'],
  // YAML, for `doctor` and `import`.
  yaml: ['src/engine/health/read-yaml.ts', 'node_modules/js-yaml/dist/js-yaml.mjs'],
  // The import from other trackers, and the parser of Markdown.
  documents: [
    'src/cli/commands/import/run.ts',
    'src/store/moving/from/backlog.ts',
    'src/store/moving/from/markdown.ts',
    'src/store/moving/from/pm.ts',
  ],
  // Figures for Prometheus.
  prometheus: [
    'src/cli/commands/agents/prometheus.ts',
    'src/cli/commands/metrics/prometheus.ts',
    'src/cli/commands/status/prometheus.ts',
  ],
  // What draws on a terminal.
  screen: ['node_modules/log-update/index.js'],
  // The kit that `init` writes.
  init: ['src/cli/commands/init/run.ts'],
  // Throw-away queues, and what runs on them.
  simulation: ['src/cli/commands/simulate/run.ts', 'src/cli/commands/demo/run.ts'],
  // The SDK, and the parts of zod that only the SDK uses.
  mcp: ['src/cli/commands/mcp/serve.ts', 'src/cli/commands/mcp/line-transport.ts'],
  // The server of the dashboard, and the page that it serves.
  dashboard: ['src/cli/commands/dashboard/serve/serve.ts', 'src/cli/commands/dashboard/serve/export-report.ts'],
  // Finds out how this system opens a browser.
  browser: ['src/cli/commands/dashboard/serve/open-browser.ts'],
};

/** Everything that no root reaches. */
const OTHERS = 'rest';

/**
 * @param root folder that the roots are in
 * @returns for rolldown's `codeSplitting.groups`: a function that names the chunk of a module. It throws if a root is
 *   not a module of the bundle, or if a root of a rare chunk is imported statically by what is not rare.
 */
export function chunkNames(root) {
  let names;
  return (id, context) => {
    names ??= namesIn(root, context);
    return names.get(id) ?? OTHERS;
  };
}

function namesIn(root, context) {
  const common = modulesOf(COMMON, root, context);
  const rare = modulesOf(RARE, root, context);
  const names = new Map();
  for (const [name, roots] of common) {
    for (const id of reachedFrom(roots, staticImports(context), names)) names.set(id, name);
  }
  const entries = new Set([...rare.values()].flat());
  for (const id of reachedFrom(names.keys(), importsOf(context), entries)) {
    const early = staticImports(context)(id).find((imported) => entries.has(imported));
    if (early !== undefined) throw new Error(`${early} is no chunk of its own: ${id} imports it statically`);
    if (!names.has(id)) names.set(id, OTHERS);
  }
  const loaded = new Map([...rare].map(([name, roots]) => [name, reachedFrom(roots, staticImports(context), names)]));
  // A chunk that reaches a root of another chunk loads that one in any case.
  const loads = (name, other) => name !== other && rare.get(other).some((entry) => loaded.get(name).has(entry));
  const owners = new Map();
  for (const [name, roots] of rare) {
    const others = new Set([...names.keys(), ...entries].filter((id) => !roots.includes(id)));
    for (const id of reachedFrom(roots, importsOf(context), others)) owners.set(id, [...(owners.get(id) ?? []), name]);
  }
  for (const [id, all] of owners) {
    const some = all.filter((name) => !all.some((other) => loads(name, other)));
    names.set(id, some.join('-and-'));
  }
  return names;
}

/** The modules of each chunk's roots. */
function modulesOf(chunks, root, context) {
  return new Map(
    Object.entries(chunks).map(([name, paths]) => {
      const ids = paths.map((path) => join(root, path));
      for (const id of ids) if (!context.getModuleInfo(id)) throw new Error(`${id} is not a module of the bundle`);
      return [name, ids];
    }),
  );
}

function staticImports(context) {
  return (id) => context.getModuleInfo(id)?.importedIds ?? [];
}

function importsOf(context) {
  return (id) => [...staticImports(context)(id), ...(context.getModuleInfo(id)?.dynamicallyImportedIds ?? [])];
}

/** What can be reached from these modules, themselves included, without what is left out. */
function reachedFrom(ids, imports, leftOut) {
  const reached = new Set();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id) || leftOut.has(id)) continue;
    reached.add(id);
    open.push(...imports(id));
  }
  return reached;
}
