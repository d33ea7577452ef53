#!/usr/bin/env node
'use strict';
// Checks what the bundle itself cannot check (an old node could not even parse it), then runs it from V8's code cache.
// A script and not an ES module (see package.json beside it): loading one costs every command a tenth of a bare node.

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
  // Scripts ask for the version to see whether agentq is there. Loading the bundle would be most of that cost.
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  console.log(version);
} else {
  startOrFail();
}

/** A damaged package must not look like an empty queue: node exits with 1 if it cannot load a file. */
function startOrFail() {
  let loaded;
  let opened;
  try {
    opened = openBundle(bundle);
    loaded = opened.load();
  } catch (error) {
    const isLimit = error.code === 'EMFILE' || error.code === 'ENFILE';
    const what = isLimit ? 'raise the limit of open files (ulimit -n)' : 'install it again';
    process.stderr.write(`agentq: ${bundle} cannot be loaded, ${what}: ${error.message}\n`);
    process.exitCode = 5;
    return;
  }
  // `start` ends the process itself, also on failure.
  void loaded.start(process, opened.alone);
}

/**
 * Opens the bundle. Each chunk is evaluated when it is first needed, from the code cache that the build made. Compiling
 * the whole bundle takes 25 ms, more than starting node; reading all of it with its cache takes 7 ms, and a follower
 * needs a third of it. If the cache is from another version of node, V8 compiles what is used: a cache made on the
 * user's machine gained nothing (docs/architecture.md), and was code that other users might write.
 */
function openBundle(path) {
  const { runInThisContext, Script } = require('node:vm');
  const dist = dirname(path);
  const entry = `./${basename(path)}`;
  // All files are opened at once: if agentq is reinstalled meanwhile, what a process needs later would be gone.
  const files = new Map();
  for (const name of readdirSync(dist)) if (name.endsWith('.cjs')) files.set(`./${name}`, openSync(join(dist, name)));
  const names = [...files.keys()];
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
    // The name of the entry never changes, so that no cache could be known to belong to it. It is one line.
    if (name === entry) return runInThisContext(source, { filename });
    const cachedData = readCache(`${filename}.cache`, owner);
    const script = new Script(source, cachedData ? { filename, cachedData } : { filename });
    scripts.set(filename, script);
    return script.runInThisContext();
  }

  /**
   * The whole bundle in one file. If agentq was installed again since it was opened, its chunks are gone, and this throws.
   */
  function alone() {
    const { version } = JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8'));
    const chunks = new Map(names.map((name) => [name, readFileSync(join(dist, name), 'utf8')]));
    const licences = readFileSync(join(dist, 'LICENSES.txt'), 'utf8');
    return require('./alone.js').writeAlone({ version, entry, chunks, licences });
  }

  return { load: (name = entry) => load(name), names, scripts, alone };
}

/**
 * The cache, if no other user could have written it: a regular file, no link, that belongs to this user or to the owner
 * of the bundle, and that only its owner may write. It is opened once, so that what is read is what was checked.
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
