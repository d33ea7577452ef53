// `npm run test:servers [family...]`: tests against real servers. Installs what is missing if it may (root, apt-get), and
// says what is missing if it may not. Needs only node, npm and git to begin with.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');

/** What each family of servers needs: programs, and the packages of Debian that have them. */
export const NEEDS = {
  openssh: { programs: ['sshd', 'ssh', 'ssh-keygen', 'git-shell'], packages: ['openssh-server', 'openssh-client'] },
  gitolite: { programs: ['gitolite', 'sshd', 'ssh'], packages: ['gitolite3', 'openssh-server', 'openssh-client'] },
  nginx: { programs: ['nginx', 'fcgiwrap', 'openssl'], packages: ['nginx', 'fcgiwrap', 'openssl'] },
  'git-daemon': { programs: [], packages: [] },
  jgit: { programs: ['jgit', 'java'], packages: ['jgit-cli'] },
  hosted: { programs: [], packages: [] },
  redis: { programs: ['redis-server', 'openssl'], packages: ['redis-server', 'openssl'] },
  etcd: { programs: ['etcd', 'etcdctl', 'openssl'], packages: ['etcd-server', 'etcd-client', 'openssl'] },
};

/** Tells the package manager's scripts not to start a service; we start our own, and only on loopback. */
const POLICY = '/usr/sbin/policy-rc.d';

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));

function main(asked) {
  const families = asked.length === 0 ? Object.keys(NEEDS) : asked;
  const unknown = families.filter((family) => NEEDS[family] === undefined);
  if (unknown.length > 0) {
    process.stderr.write(`Unknown: ${unknown.join(', ')}. There are: ${Object.keys(NEEDS).join(', ')}\n`);
    return 64;
  }
  install(packagesFor(families));
  const packages = packagesFor(families);
  const here = families.filter((family) => missingOf(family).length === 0);
  const without = families.filter((family) => !here.includes(family));
  if (without.length > 0) {
    const programs = [...new Set(without.flatMap(missingOf))];
    process.stderr.write(
      `Not tested: ${without.join(', ')}. Missing: ${programs.join(', ')}. As root, on Debian: apt-get install --no-install-recommends ${packages.join(' ')}\n`,
    );
  }
  if (here.length === 0) return 1;
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const meeting = here.some((family) => family === 'redis' || family === 'etcd');
  const tests = ['test/servers', ...(meeting ? ['test/machine/meet-server', 'test/engine/machines'] : [])];
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...tests], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: searched().join(delimiter), TEST_SERVERS: here.join(',') },
  });
  return without.length > 0 ? 1 : (status ?? 1);
}

function packagesFor(families) {
  return [
    ...new Set(families.filter((family) => missingOf(family).length > 0).flatMap((family) => NEEDS[family].packages)),
  ];
}

function missingOf(family) {
  return NEEDS[family].programs.filter((program) => !searched().some((folder) => canRun(join(folder, program))));
}

/** Servers are in folders that only root has in its PATH. */
function searched() {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
}

function canRun(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function install(packages) {
  if (packages.length === 0 || process.getuid?.() !== 0 || !canRun('/usr/bin/apt-get')) return;
  process.stderr.write(`Installing ${packages.join(', ')} (apt-get) ...\n`);
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { env, stdio: ['ignore', 'ignore', 'inherit'] };
    spawnSync('apt-get', ['update', '-q'], options);
    spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options);
  } finally {
    if (isOurs) rmSync(POLICY, { force: true });
  }
}
