import { accessSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { runtimeFolder } from './runtime-folder.ts';

/** Variables with which users say themselves how git reaches ssh. */
const OWN_WAYS = ['GIT_SSH_COMMAND', 'GIT_SSH', 'GIT_SSH_VARIANT'] as const;

/** How long an unused connection stays open. */
const PERSIST = '60s';

/**
 * Most bytes of the folder of the sockets. A socket's path has at most 103 bytes on macOS and 107 on Linux, and ssh
 * needs 58 of them: a slash, 40 letters for the destination, and 17 more while it makes the socket.
 */
const LONGEST_FOLDER = 103 - 58;

/**
 * Variables with which git's ssh connects once for many commands (`ControlMaster`): only the first one pays for the
 * connection. The user's own way always wins: a `GIT_SSH_COMMAND`, a `core.sshCommand` (git prefers it to `GIT_SSH`),
 * and whatever `ssh_config` says, since our settings come last and ssh takes the first value of each. A user whose
 * `ssh_config` shares connections already is left alone.
 * @returns none where that is not possible here; it is an optimisation, so that is not a failure
 */
export function sharedSsh(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const folder = runtimeFolder(env);
  if (folder === undefined || sshObstacle(env) !== undefined) return {};
  try {
    const files = join(folder, 'ssh');
    mkdirSync(files, { recursive: true, mode: 0o700 });
    put(join(files, 'config'), settings(folder), 0o600);
    // Git tells by the name of the program that its options are those of ssh.
    const program = join(files, 'ssh');
    put(program, `#!/bin/sh\nexec ssh -F '${files}/config' "$@"\n`, 0o700);
    // Programs cannot be started from some temporary folders.
    accessSync(program, constants.X_OK);
    return { GIT_SSH: program };
  } catch {
    return {};
  }
}

/** Why commands cannot share a connection over ssh, or need not be told to; undefined: they can. */
export function sshObstacle(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const folder = runtimeFolder(env);
  if (process.platform === 'win32') return 'ssh shares no connections on Windows';
  if (folder === undefined) return 'this user has no folder of their own for the socket';
  if (!fits(folder)) return 'the path of the folder for the socket is too long, or has unusual characters';
  const own = OWN_WAYS.find((name) => env[name]);
  if (own !== undefined) return `${own} says how ssh is started`;
  try {
    return isSharedByUser() ? 'the configuration of ssh says how connections are shared' : undefined;
  } catch {
    return 'this user has no home';
  }
}

/** Whether the path means itself in a configuration of ssh and in a shell, and is short enough. */
function fits(folder: string): boolean {
  return folder.length <= LONGEST_FOLDER && /^[\w./@+=,-]+$/.test(folder);
}

/** `%C` names the destination, so that no command ever meets another server. */
function settings(folder: string): string {
  const ours = [`ControlMaster auto`, `ControlPath ${folder}/%C`, `ControlPersist ${PERSIST}`];
  return ['Include ~/.ssh/config', 'Include /etc/ssh/ssh_config', 'Host *', ...ours]
    .map((line) => `${line}\n`)
    .join('');
}

function isSharedByUser(): boolean {
  const files = [join(userInfo().homedir, '.ssh', 'config'), '/etc/ssh/ssh_config'];
  return files.some((path) => /^[ \t]*Control(?:Master|Path|Persist)\b/im.test(textOf(path)));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Writes the file if it is not there as it should be. Other processes may read it at any moment. */
function put(path: string, text: string, mode: number): void {
  if (textOf(path) === text) return;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}
