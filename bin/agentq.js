#!/usr/bin/env node
'use strict';
// Checks what the bundle itself cannot check (it would not even parse), then runs it from V8's code cache. A script and
// not an ES module (see package.json beside it): the loader of those costs every command a tenth of a bare node.

const { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readFileSync } = require('node:fs');
const { basename, dirname, join } = require('node:path');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const root = join(__dirname, '..');
const bundle = join(root, 'dist', 'agentq.cjs');
const [first, ...rest] = process.argv.slice(2);

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
 * The bundle. Each chunk is evaluated when something of it is first asked for, from the code cache that the build made.
 * Compiling all of it takes 25 ms, more than starting node does; reading all of it with its cache takes 7, and a process
 * that follows another needs a third of it. Where the cache is of another version of node, V8 compiles what is used: a cache
 * that runs on this machine made for it brought nothing (docs/architecture.md), and was code that others might write.
 */
function openBundle(path) {
  const { runInThisContext, Script } = require('node:vm');
  const dist = dirname(path);
  const entry = `./${basename(path)}`;
  // All of them at once: what a process needs later is gone where agentq is installed anew meanwhile.
  const files = new Map();
  for (const name of readdirSync(dist)) if (name.endsWith('.cjs')) files.set(`./${name}`, openSync(join(dist, name)));
  const owner = fstatSync(files.get(entry)).uid;
  const scripts = new Map();
  const modules = new Map();
  const load = (name) => {
    const loaded = modules.get(name);
    if (loaded) return loaded.exports;
    const module = { exports: {} };
    modules.set(name, module);
    evaluate(name)(module.exports, requireHere, module);
    return module.exports;
  };
  const requireHere = (name) => (name.startsWith('./') ? load(name) : require(name));

  function evaluate(name) {
    const filename = join(dist, name);
    const source = readFileSync(files.get(name), 'utf8');
    closeSync(files.get(name));
    // Its name is always the same, and says of no cache that it is its own. It is one line.
    if (name === entry) return runInThisContext(source, { filename });
    const cachedData = readCache(`${filename}.cache`, owner);
    const script = new Script(source, cachedData ? { filename, cachedData } : { filename });
    scripts.set(filename, script);
    return script.runInThisContext();
  }

  return { load: () => load(entry), scripts };
}

/**
 * The file, where nobody else could have written it: a regular one, no link, that is ours or the bundle's owner's, and that
 * only its owner may write. What is read is what was looked at: it is opened once.
 */
function readCache(path, owner) {
  let file;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { uid, mode } = fstatSync(file);
    const isRegular = (mode & constants.S_IFMT) === constants.S_IFREG;
    const isSafe =
      process.getuid === undefined || ((mode & 0o022) === 0 && (uid === process.getuid() || uid === owner));
    return isRegular && isSafe ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
