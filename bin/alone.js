'use strict';
// Writes all of agentq as one file that needs nothing but node: `agentq init` puts it into the queue's repository. It
// is made of the bundle that is running, so that the package is no larger for it.

/**
 * @param {{ version: string, entry: string, chunks: ReadonlyMap<string, string>, licences: string }} bundle the text of
 *   each chunk by the name that others require it by, and the name of the one that starts
 * @returns {string} the text of a script that behaves as bin/agentq.js does, except for the code cache
 */
function writeAlone({ version, entry, chunks, licences }) {
  const texts = [...chunks].map(([name, text]) => `  ${literal(name)}: ${literal(text.trim())},`);
  return [
    '#!/usr/bin/env node',
    '/* eslint-disable */',
    `// agentq ${version} in one file: \`agentq init\` put it here, and replaces it. Run it with node.`,
    "'use strict';",
    `var version = ${literal(version)};`,
    // Texts and not code: an old node must be able to read the file, or it would end with 1, which means that there is
    // nothing to claim. And only what a command uses is compiled.
    'var chunks = {',
    ...texts,
    '};',
    `(${boot})(version, chunks, ${literal(entry)}, require, __filename);`,
    '/*',
    'The licences of what is in this file:',
    '',
    licences.replace(/\*\//g, '* /').trimEnd(),
    '*/',
    '',
  ].join('\n');
}

/** Its text becomes part of the file: it knows nothing but its arguments, and any node can read it. */
function boot(version, chunks, entry, requireNative, filename) {
  var node = process.versions.node.split('.').map(Number);
  var args = process.argv.slice(2);
  if (node[0] < 20 || (node[0] === 20 && node[1] < 19)) {
    process.stderr.write(`agentq needs Node 20.19 or newer, and this is ${process.versions.node}.\n`);
    process.exitCode = 5;
    return;
  }
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    console.log(version);
    return;
  }
  var vm = requireNative('node:vm');
  var modules = {};
  function load(name) {
    if (modules[name]) return modules[name].exports;
    var module = { exports: {} };
    modules[name] = module;
    var file = `${filename}/${name.slice(2)}`;
    vm.runInThisContext(chunks[name], { filename: file })(module.exports, requireHere, module);
    return module.exports;
  }
  function requireHere(name) {
    return name.slice(0, 2) === './' ? load(name) : requireNative(name);
  }
  function readItself() {
    return requireNative('node:fs').readFileSync(filename, 'utf8');
  }
  var started;
  try {
    started = load(entry);
  } catch (error) {
    process.stderr.write(`agentq: ${filename} cannot be loaded, run \`agentq init --force\`: ${error.message}\n`);
    process.exitCode = 5;
    return;
  }
  started.start(process, readItself);
}

/** As JSON, which is JavaScript too since 2019; older nodes trip over two line separators. */
function literal(text) {
  return JSON.stringify(text)
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
}

module.exports = { writeAlone };
