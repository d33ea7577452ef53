// Bundles the CLI into dist/: an entry and chunks (see chunks.mjs), each evaluated only when it is first needed. The
// sources are ES modules. The bundle consists of scripts, because node 20 can run only scripts from V8's code cache,
// which is made here too (see bin/agentq.js): with it a command costs 1.5 times bare node, without it 1.9 times, and
// growing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { buildPage } from './build-page.mjs';
import { chunkNames } from './chunks.mjs';

const WARM_UP_TASK = `task:
  id: TASK-1
  title: Warm up
  type: backend
  priority: 5
  status: ready
  description: "What the commands use, compiled"
dependencies:
  required[0]:
`;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * The parts of the Redis client that are never used: clusters, sentinels, certificates of a cloud, and most of a table
 * of all commands. They are 45 % of it. And those of the MCP SDK: a checker of JSON schemas, for questions that a
 * server asks its client, and zod's version 3. That is half of it. What it has for HTTP is reached by no import.
 */
const UNUSED = [
  [
    /@modelcontextprotocol[/\\]sdk[/\\].*[/\\]validation[/\\]ajv-provider\.js$/,
    'export class AjvJsonSchemaValidator {}',
  ],
  [/[/\\]zod-to-json-schema[/\\].*\.js$/, 'export const zodToJsonSchema = undefined;'],
  [/[/\\]zod[/\\]v3[/\\]index\.js$/, 'export const object = undefined;'],
  [/ioredis[/\\]built[/\\](?:cluster|connectors[/\\]SentinelConnector)[/\\]index\.js$/, 'exports.default = class {};'],
  [/ioredis[/\\]built[/\\]constants[/\\]TLSProfiles\.js$/, 'exports.default = {};'],
];
/**
 * The SDK uses zod in its large form. What it needs of the core would be in the chunk of every claim, 70 kB of 400, so it
 * has a zod of its own: 45 kB more in all.
 */
const MCP = /@modelcontextprotocol[/\\]sdk[/\\]|[/\\]src[/\\]cli[/\\]commands[/\\]mcp[/\\]/;
const OF_MCP = '?mcp';

const COMMANDS = [
  'hello',
  'auth',
  'select',
  'eval',
  'get',
  'publish',
  'subscribe',
  'unsubscribe',
  'quit',
  'info',
  'client',
];

const { modules: pageModules, ...page } = await buildPage(root);

const { output: chunks } = await build({
  cwd: root,
  plugins: [
    {
      name: 'leave-out-unused',
      load(id) {
        if (/@ioredis[/\\]commands[/\\]built[/\\]commands\.json$/.test(id)) {
          const all = JSON.parse(readFileSync(id, 'utf8'));
          return JSON.stringify(Object.fromEntries(COMMANDS.map((name) => [name, all[name]])));
        }
        return UNUSED.find(([pattern]) => pattern.test(id))?.[1];
      },
    },
    {
      name: 'zod-of-its-own',
      async resolveId(source, importer = '') {
        const isOfMcp = importer.endsWith(OF_MCP);
        if (!isOfMcp && !(/^zod(?:\/|$)/.test(source) && MCP.test(importer))) return undefined;
        const resolved = await this.resolve(source, isOfMcp ? importer.slice(0, -OF_MCP.length) : importer);
        return resolved && { ...resolved, id: `${resolved.id}${OF_MCP}`, moduleSideEffects: false };
      },
      load(id) {
        return id.endsWith(OF_MCP) ? readFileSync(id.slice(0, -OF_MCP.length), 'utf8') : undefined;
      },
    },
  ],
  input: { agentq: 'src/main.ts' },
  platform: 'node',
  external: /^node:/,
  // Their forms for node are scripts, of which all would be bundled: 10 and 53 kB of each are used.
  resolve: {
    alias: {
      'jsonc-parser': join(root, 'node_modules/jsonc-parser/lib/esm/main.js'),
      yaml: join(root, 'node_modules/yaml/browser/index.js'),
    },
  },
  transform: {
    target: 'node20.19',
    define: {
      AGENTQ_VERSION: JSON.stringify(version),
      AGENTQ_KIT: JSON.stringify(readKit('.agents-core')),
      AGENTQ_PAGE: JSON.stringify(page),
      // `open` asks where its own file is: without an answer, it uses the programs of the system.
      'import.meta.url': 'undefined',
    },
  },
  // Otherwise chunks could hold more than their modules; with this, only the groups decide what is in a chunk.
  preserveEntrySignatures: 'allow-extension',
  write: false,
  output: {
    format: 'cjs',
    exports: 'named',
    // Without a code cache, compiling is most of the start-up cost beyond bare node, and depends on the size: 963 kB
    // with all of zod's languages (see the rule on its import in test/architecture.test.ts), 367 kB without them at the
    // time.
    minify: true,
    comments: false,
    // A module is evaluated when it is first imported, in any chunk: a run does not evaluate what only others need.
    strictExecutionOrder: true,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ name: chunkNames(root), debugName: 'chunks' }],
    },
    entryFileNames: '[name].cjs',
    // V8 accepts a code cache for any text of the same length: the hash ties a cache to its chunk.
    chunkFileNames: '[name]-[hash].cjs',
    // A chunk is a function, as bin/agentq.js calls it.
    postBanner: '(function (exports, require, module) {',
    postFooter: '})',
  },
});

// The entry comes last, and each file is written aside and renamed: another process may be starting from the bundle at
// this moment, and half a bundle ends in exit 1, which would read as an empty queue.
const dist = join(root, 'dist');
const bundle = join(dist, 'agentq.cjs');
mkdirSync(dist, { recursive: true });
for (const { fileName, code } of chunks.toSorted((a, b) => Number(a.isEntry) - Number(b.isEntry))) {
  const draft = join(dist, `${fileName}.${process.pid}`);
  writeFileSync(draft, code);
  renameSync(draft, join(dist, fileName));
}
const current = new Set(chunks.map(({ fileName }) => fileName));
for (const name of readdirSync(dist)) if (/\.c(js|ache)$/.test(name) && !current.has(name)) rmSync(join(dist, name));
makeCodeCache();

// The bundle contains its dependencies, so their licences travel with it.
const packages = new Set();
for (const id of [...chunks.flatMap(({ moduleIds }) => moduleIds), ...pageModules]) {
  const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id);
  if (match) packages.add(match[1]);
}
const licences = [...packages].sort().map((name) => {
  const dir = join(root, 'node_modules', name);
  const meta = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE']) {
    try {
      return `${name} ${meta.version} (${meta.license})\n\n${readFileSync(join(dir, file), 'utf8').trim()}\n`;
    } catch {
      // Not under this name: try the next one.
    }
  }
  return `${name} ${meta.version} (${meta.license})\n`;
});
writeFileSync(join(dist, 'LICENSES.txt'), licences.join('\n---\n\n'));

/**
 * Claims a task of a small queue and completes it, so that the cache holds the compiled code of these commands: after a
 * claim that found no queue, the code that reads, decides, builds and follows was compiled again each time, a tenth of
 * a claim. Without git, or on another version of node, V8 compiles what is used.
 */
function makeCodeCache() {
  const scratch = mkdtempSync(join(tmpdir(), 'agentq-build-'));
  try {
    const env = { PATH: process.env.PATH, HOME: scratch, TMPDIR: scratch, GIT_CONFIG_NOSYSTEM: '1' };
    const options = { cwd: scratch, env, timeout: 30_000 };
    const git = (...args) => spawnSync('git', ['-c', 'user.name=b', '-c', 'user.email=b', ...args], options);
    const tasks = join(scratch, '.agents', 'demo', 'tasks');
    mkdirSync(tasks, { recursive: true });
    writeFileSync(join(tasks, 'TASK-1.toon'), WARM_UP_TASK);
    git('init', '-q', '--initial-branch=develop');
    git('add', '.agents');
    git('commit', '-q', '-m', 'Set up');
    git('clone', '-q', '--bare', '.', 'remote.git');
    // As a URL, where look and push are one conversation: git itself reaches a relative path.
    git('remote', 'add', 'origin', `file://${join(scratch, 'remote.git')}`);
    const warmUp = join(root, 'scripts', 'warm-up.cjs');
    spawnSync(process.execPath, [warmUp, join(root, 'bin', 'agentq.js'), bundle], { ...options, stdio: 'inherit' });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * The files that `agentq init` installs, by path. They are part of the bundle, so that they always match its version.
 */
function readKit(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return Object.assign(
    {},
    ...entries.map((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? readKit(path) : { [path]: readFileSync(join(root, path), 'utf8') };
    }),
  );
}
