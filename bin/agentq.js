#!/usr/bin/env node
// Checks what the bundle itself cannot check (it would not even parse), then hands over.
import { existsSync, readFileSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const bundle = new URL('../dist/agentq.js', import.meta.url);
const [first, ...rest] = process.argv.slice(2);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`agentq needs Node 20.19 or newer, and this is ${process.versions.node}.\n`);
  process.exitCode = 5;
} else if (!existsSync(bundle)) {
  process.stderr.write('agentq is not built in this checkout: run `npm run build` in it first.\n');
  process.exitCode = 5;
} else if (rest.length === 0 && (first === '--version' || first === '-V')) {
  // Scripts ask for the version to see whether agentq is there, and parsing the bundle would be most of what that costs.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  console.log(version);
} else {
  const { start } = await import(bundle.href);
  await start(process);
}
