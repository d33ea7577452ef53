#!/usr/bin/env node
'use strict';
// Checks what the bundle itself cannot check (it would not even parse), then runs it from V8's code cache. A script and
// not an ES module (see package.json beside it): the loader of those costs every command a tenth of a bare node.

const {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { join } = require('node:path');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const root = join(__dirname, '..');
const bundle = join(root, 'dist', 'agentq.cjs');
const [first, ...rest] = process.argv.slice(2);

/** Bytes of the bundle's first line, which tells where its parts are (see scripts/parts.mjs). */
const INDEX_BYTES = 256;

if (require.main !== module) {
  // The build, which makes the code cache.
  module.exports = { openBundle };
} else if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`agentq needs Node 20.19 or newer, and this is ${process.versions.node}.\n`);
  process.exitCode = 5;
} else if (!existsSync(bundle)) {
  process.stderr.write('agentq is not built in this checkout: run `npm run build` in it first.\n');
  process.exitCode = 5;
} else if (rest.length === 0 && (first === '--version' || first === '-V')) {
  // Scripts ask for the version to see whether agentq is there, and loading the bundle would be most of what that costs.
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.log(version);
} else {
  // It ends the process itself, whatever happens in it.
  void loadOrFail()?.start(process);
}

/** A damaged package must not look like an empty queue: node's own exit code for what it cannot load is 1. */
function loadOrFail() {
  try {
    return openBundle(bundle).load();
  } catch (error) {
    process.stderr.write(`agentq: ${bundle} cannot be loaded, install it again: ${error.message}\n`);
    process.exitCode = 5;
    return undefined;
  }
}

/**
 * The bundle. Each part is evaluated when something of it is first asked for, from the code cache that the build made, or
 * that an earlier run on this machine made for its own version of node. Compiling all of it takes 25 ms, more than starting
 * node does; reading all of it with its cache takes 7, and a process that follows another needs a third of it. (Node 22's
 * own compile cache would serve, but node 20 has none, and none for ES modules.)
 */
function openBundle(path) {
  const { Script } = require('node:vm');
  // One descriptor for all parts: a bundle that is built anew meanwhile must not be mixed with this one.
  const file = openSync(path, 'r');
  const { id, main, parts } = JSON.parse(textAt(file, 0, INDEX_BYTES).slice(2));
  const scripts = [];
  const chunks = new Map();
  const load = (name) => {
    if (!chunks.has(name)) evaluate(Number(name.split('/')[1]));
    const chunk = chunks.get(name);
    if (chunk.module === undefined) {
      chunk.module = { exports: {} };
      chunk.run(chunk.module.exports, requireHere, chunk.module);
    }
    return chunk.module.exports;
  };
  const requireHere = (name) => (name.startsWith('./') ? load(name) : require(name));

  function evaluate(part) {
    const [start, length] = parts[part];
    const source = textAt(file, start, length);
    const shipped = compile(source, `${path}.${id}.${part}.cache`);
    const own = shipped?.cachedDataRejected === false ? undefined : ownCache(`${id}.${part}`);
    const script = own === undefined ? (shipped ?? new Script(source, { filename: path })) : compileHere(source, own);
    scripts[part] = script;
    for (const [name, run] of Object.entries(script.runInThisContext())) chunks.set(name, { run });
  }

  /** @returns undefined where there is no such cache */
  function compile(source, cache) {
    const cachedData = readCache(cache);
    return cachedData && new Script(source, { filename: path, cachedData });
  }

  function compileHere(source, cache) {
    const script = compile(source, cache);
    if (script?.cachedDataRejected === false) return script;
    const compiled = script ?? new Script(source, { filename: path });
    // At the end, when what this run has used is compiled too.
    process.once('exit', () => keep(compiled.createCachedData(), cache));
    return compiled;
  }

  return { id, load: () => load(main), scripts };
}

function textAt(file, start, length) {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(file, bytes, filled, length - filled, start + filled);
    if (count === 0) throw new Error('it is cut off');
    filled += count;
  }
  return bytes.latin1Slice();
}

/** Where this user's cache of that name for this version of node is; undefined where there is no home to keep it in. */
function ownCache(name) {
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME && join(process.env.HOME, '.cache'));
  if (!base?.startsWith('/') || !existsSync(base)) return undefined;
  return join(base, 'agentq', `${process.versions.v8}-${process.arch}-${name}.cache`);
}

function readCache(cache) {
  try {
    // Code that somebody else could have written is not run.
    const { uid } = statSync(cache);
    const isSafe = process.getuid === undefined || uid === process.getuid() || uid === statSync(bundle).uid;
    return isSafe ? readFileSync(cache) : undefined;
  } catch {
    return undefined;
  }
}

/** Written aside and renamed, for others read it at any moment. A cache that cannot be kept is no failure. */
function keep(data, cache) {
  try {
    mkdirSync(join(cache, '..'), { recursive: true, mode: 0o700 });
    const draft = `${cache}.${process.pid}`;
    writeFileSync(draft, data, { mode: 0o644 });
    renameSync(draft, cache);
  } catch {
    // A full or read-only disk: the next run compiles again.
  }
}
