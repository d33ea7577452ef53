import { mkdirSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Scene } from '../scene/scene.ts';
import { freePort, startProgram } from './server.ts';

/** Name of the host in the client's settings: what scp-style URLs begin with. */
export const SSH_HOST = 'queue';

/** An sshd of the test's own, for the user who runs the test. */
export interface Sshd {
  readonly port: number;
  readonly user: string;
}

export interface SshdOptions {
  /** Path of the file that says whose keys may log in, and what they run. */
  readonly authorizedKeys: string;
  /** The home of whoever logs in: not the user's own. */
  readonly home: string;
}

/**
 * Starts an sshd on loopback with a host key of its own, and tells git in the scene how to reach it. The settings of the
 * user, and of the machine's own sshd, are not read.
 */
export async function startSshd(box: Scene, { authorizedKeys, home }: SshdOptions): Promise<Sshd> {
  const port = await freePort();
  const user = userInfo().username;
  const hostKey = await makeKey(box, 'host');
  // Started by root, sshd wants a folder for its unprivileged half, which only the start of the service makes.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  await box.write('ssh', {
    sshd_config: `Port ${port}
ListenAddress 127.0.0.1
HostKey ${hostKey}
PidFile none
AuthorizedKeysFile ${authorizedKeys}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
LogLevel ERROR
SetEnv HOME=${home} GIT_CONFIG_GLOBAL=${box.env.GIT_CONFIG_GLOBAL} GIT_CONFIG_NOSYSTEM=1 LC_ALL=C
`,
    known_hosts: `[127.0.0.1]:${port} ${await box.read('ssh', 'host.pub')}`,
    config: `Host ${SSH_HOST} 127.0.0.1
  HostName 127.0.0.1
  Port ${port}
  User ${user}
  IdentityFile ${box.path('ssh', 'user')}
  IdentitiesOnly yes
  UserKnownHostsFile ${box.path('ssh', 'known_hosts')}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
`,
  });
  await box.git('.', 'config', '--global', 'core.sshCommand', `ssh -F ${box.path('ssh', 'config')}`);
  // With a relative name it refuses to start: it runs itself again for each connection.
  await startProgram(box, {
    command: '/usr/sbin/sshd',
    args: ['-D', '-e', '-f', box.path('ssh', 'sshd_config')],
    port,
  });
  return { port, user };
}

/** Makes a key without a passphrase. @returns the path of its private half */
export async function makeKey(box: Scene, name: string): Promise<string> {
  await box.write('ssh', { '.keep': '' });
  const path = box.path('ssh', name);
  const { exitCode, stderr } = await box.run(box.root, 'ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  if (exitCode !== 0) throw new Error(stderr);
  return path;
}

/**
 * Starts an sshd that serves the repositories of the scene, as hosts do: nothing but git can be run.
 * @param gate says what a host says before git gets a word, and ends with `exit`: lines of a shell script, with the
 *   command in `$SSH_ORIGINAL_COMMAND`
 */
export async function startGitOverSsh(box: Scene, gate = ''): Promise<Sshd> {
  await makeKey(box, 'user');
  const program = box.path('ssh', 'gate');
  await box.write('ssh', {
    gate: `#!/bin/sh\n${gate}\nexec git-shell -c "$SSH_ORIGINAL_COMMAND"\n`,
    authorized_keys: `restrict,command="${program}" ${await box.read('ssh', 'user.pub')}`,
  });
  await chmod(program, 0o755);
  return startSshd(box, { authorizedKeys: box.path('ssh', 'authorized_keys'), home: box.path('home') });
}
