// `npm run test:nodes [--sample] [major...]`: runs the end-to-end tests with the built bundle under other versions of node.
// The tests themselves, and the build, run under this one, as for a user who installs what somebody else has built.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const MAJORS = ['22', '24'];
const WHOLE = ['test/e2e'];
/** Every command, a race, a broken push and an interrupt: what differs between versions of node shows there. */
const SAMPLE = [
  'test/e2e/claiming/claim-contention.test.ts',
  'test/e2e/claiming/over-http.test.ts',
  'test/e2e/command-line/command-line.test.ts',
  'test/e2e/command-line/documents.test.ts',
  'test/e2e/endings/interrupts.test.ts',
  'test/e2e/work/worktree.test.ts',
];

process.exitCode = main(process.argv.slice(2));

function main(args) {
  const folders = args.includes('--sample') ? SAMPLE : WHOLE;
  const named = args.filter((arg) => arg !== '--sample');
  if (!named.every((arg) => /^\d+$/.test(arg))) {
    process.stderr.write('npm run test:nodes -- [--sample] [major version of node ...]\n');
    return 64;
  }
  let worst = 0;
  for (const major of named.length === 0 ? MAJORS : named) {
    const node = nodeOf(major);
    if (node === undefined) return 1;
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    process.stderr.write(`End-to-end tests under node ${stdout.trim()}\n`);
    const { status } = spawnSync(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...folders], {
      cwd: root,
      stdio: 'inherit',
      // What a script calls `node` is that one, too.
      env: { ...process.env, TEST_NODE: node, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
    });
    worst = Math.max(worst, status ?? 1);
  }
  return worst;
}

/** Path of a node of that version; npm has the binaries. Undefined: npm could not install it, and said why. */
function nodeOf(major) {
  const folder = join(root, 'node_modules', '.cache', 'agentq-nodes', major);
  const name = `node-${process.platform}-${process.arch}`;
  const node = join(folder, 'node_modules', name, 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const options = ['--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  spawnSync(command, [...first, 'install', ...options, `${name}@${major}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return existsSync(node) ? node : undefined;
}
