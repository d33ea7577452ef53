// Runs agentq's everyday commands in the queue of the current folder, in one process, and keeps what V8 has compiled by then:
//
//     node warm-up.cjs <bundle> <cache>
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { constants, Script } = require('node:vm');

const [bundle, cache] = process.argv.slice(2);
// As bin/agentq.js loads it: V8 takes a cache only for the very same source.
const script = new Script(readFileSync(bundle, 'latin1'), {
  filename: bundle,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const module_ = { exports: {} };
script.runInThisContext()(module_.exports, require, module_);

const nothing = { write() {}, isTerminal: false, columns: undefined };
const io = {
  stdin: { isTerminal: false, read: async () => new Uint8Array() },
  stdout: nothing,
  stderr: nothing,
  cwd: process.cwd(),
  signal: new AbortController().signal,
};

async function warmUp() {
  for (const args of [
    ['claim', 'warm-up'],
    ['heartbeat', 'TASK-1', 'warm-up'],
    ['complete', 'TASK-1', 'warm-up'],
  ]) {
    const code = await module_.exports.main(args, io, process.env);
    if (code !== 0) process.stderr.write(`agentq ${args.join(' ')} exited with ${code}\n`);
  }
  writeFileSync(cache, script.createCachedData());
  process.exit();
}

void warmUp();
