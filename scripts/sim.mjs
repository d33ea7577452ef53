// Runs the simulation (test/sim) as one bundle: importing is then only a matter of promises, so that nothing in it depends on
// when a file is read, and a seed always comes out the same.
import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * @param entry without its ending: `main`, or `judge` for tests
 * @returns the path of the bundle
 */
export async function bundleSimulation(entry) {
  const outfile = join(root, 'node_modules', '.cache', 'agentq-sim', `${entry}-${process.pid}.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [`test/sim/${entry}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'warning',
    // Packages that are scripts ask for node's modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outfile;
}

if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(import.meta.url)) {
  const bundle = await bundleSimulation('main');
  const options = { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '--enable-source-maps' } };
  process.exitCode = spawnSync(process.execPath, [bundle, ...process.argv.slice(2)], options).status ?? 1;
}
