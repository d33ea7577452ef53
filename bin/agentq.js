#!/usr/bin/env node
'use strict';
// Checks what the bundle itself cannot check (it would not even parse), then runs it from V8's code cache. A script and
// not an ES module (see package.json beside it): the loader of those costs every command a tenth of a bare node.

const { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { constants, Script } = require('node:vm');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const root = join(__dirname, '..');
const bundle = join(root, 'dist', 'agentq.cjs');
const [first, ...rest] = process.argv.slice(2);

if (major < 20 || (major === 20 && minor < 19)) {
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
    return load(bundle);
  } catch (error) {
    process.stderr.write(`agentq: ${bundle} cannot be loaded, install it again: ${error.message}\n`);
    process.exitCode = 5;
    return undefined;
  }
}

/**
 * Evaluates the bundle with the code cache that the build made, or that an earlier run on this machine made for its own
 * version of node. Compiling half a megabyte takes 25 ms, half as long again as starting node; from the cache it takes 2.
 * (Node 22's own compile cache would serve, but node 20 has none, and none for ES modules.)
 */
function load(path) {
  const caches = [`${path}.cache`, ownCache(path)];
  // The bundle is ASCII: read as latin1 it stays one byte a character.
  const source = readFileSync(path, 'latin1');
  let script;
  let accepted = false;
  for (const cache of caches) {
    const cachedData = cache && process.env.AGENTQ_CODE_CACHE === undefined && read(cache);
    if (!cachedData) continue;
    script = new Script(source, {
      filename: path,
      cachedData,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    accepted = script.cachedDataRejected === false;
    if (accepted) break;
  }
  script ??= new Script(source, { filename: path, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
  // At the end, when what this run has used is compiled too.
  const keepIn = process.env.AGENTQ_CODE_CACHE ?? (accepted ? undefined : caches[1]);
  if (keepIn) process.once('exit', () => keep(script, keepIn));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module);
  return module.exports;
}

/** Where this user's cache for this very bundle and node is; undefined where there is no home to keep it in. */
function ownCache(path) {
  const base = process.env.XDG_CACHE_HOME || (process.env.HOME && join(process.env.HOME, '.cache'));
  if (!base?.startsWith('/') || !existsSync(base)) return undefined;
  const { size, mtimeMs } = statSync(path);
  return join(base, 'agentq', `${process.versions.v8}-${process.arch}-${size}-${Math.round(mtimeMs)}.cache`);
}

function read(cache) {
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
function keep(script, cache) {
  try {
    mkdirSync(join(cache, '..'), { recursive: true, mode: 0o700 });
    const draft = `${cache}.${process.pid}`;
    writeFileSync(draft, script.createCachedData(), { mode: 0o644 });
    renameSync(draft, cache);
  } catch {
    // A full or read-only disk: the next run compiles again.
  }
}
