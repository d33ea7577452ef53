// Runs agentq's everyday commands on the queue of the current folder, in one process, and keeps what V8 compiled for
// them:
//
//     node warm-up.cjs <bin/agentq.js> <bundle>
'use strict';
const { renameSync, writeFileSync } = require('node:fs');

const [bin, path] = process.argv.slice(2);
const { load, names, scripts } = require(bin).openBundle(path);
const { main } = load();

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
    ['status'],
    ['complete', 'TASK-1', 'warm-up'],
    ['list'],
  ]) {
    const code = await main(args, io, process.env);
    if (code !== 0) process.stderr.write(`agentq ${args.join(' ')} exited with ${code}\n`);
  }
  // What these commands do not load, such as the clients of Redis and etcd, is compiled when it is used. Its cache saves
  // V8 from reading through the text of a chunk before it can run it.
  for (const name of names) load(name);
  for (const [file, script] of scripts) {
    const draft = `${file}.cache.${process.pid}`;
    writeFileSync(draft, script.createCachedData());
    renameSync(draft, `${file}.cache`);
  }
  process.exit();
}

void warmUp();
