// `npm run test:page`: tests of the dashboard in a real browser. Installs Debian's Chromium if it may (root, apt-get), and
// says what is missing if it may not. `--install` does no more than that.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** What is needed, and the packages of Debian that have it: pictures also need a terminal and letters. */
const NEEDS = [
  { file: CHROMIUM, package: 'chromium' },
  { file: '/usr/bin/tmux', package: 'tmux' },
  { file: '/usr/share/fonts/opentype/inter', package: 'fonts-inter' },
  { file: '/usr/share/fonts/truetype/jetbrains-mono', package: 'fonts-jetbrains-mono' },
];

process.exitCode = main(process.argv.slice(2));

function main(args) {
  install(NEEDS.filter(({ file }) => !existsSync(file)).map(({ package: name }) => name));
  if (!existsSync(CHROMIUM)) {
    process.stderr.write(
      `Not tested: the page. There is no ${CHROMIUM}. As root, on Debian: apt-get install --no-install-recommends chromium\n`,
    );
    return 1;
  }
  if (args.includes('--install')) return 0;
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/e2e/browser'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TEST_PAGE: '1' },
  });
  return status ?? 1;
}

function install(packages) {
  if (packages.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  process.stderr.write(`Installing ${packages.join(', ')} (apt-get) ...\n`);
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  };
  spawnSync('apt-get', ['update', '-q'], options);
  spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options);
}
