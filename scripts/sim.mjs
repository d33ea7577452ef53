// Runs the simulation (test/sim) as one bundle: an import is then only a promise, so that nothing depends on when a
// file is read, and a seed always gives the same result.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * @param entry without its ending: `main`, or `judge` for tests
 * @returns the path of the bundle
 */
export async function bundleSimulation(entry) {
  const file = join(root, 'node_modules', '.cache', 'agentq-sim', `${entry}-${process.pid}.mjs`);
  await build({
    cwd: root,
    input: `test/sim/${entry}.ts`,
    platform: 'node',
    transform: { target: 'node20.19' },
    output: { file, format: 'esm', codeSplitting: false, sourcemap: 'inline' },
  });
  return file;
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) {
  const bundle = await bundleSimulation('main');
  const options = { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '--enable-source-maps' } };
  process.exitCode = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], options).status ?? 1;
}
