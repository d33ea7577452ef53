import type { Scene } from '../kit/scene/scene.ts';
import { startGitDaemon, startJgitDaemon } from '../kit/servers/daemons.ts';
import { startGitolite } from '../kit/servers/gitolite.ts';
import { startNginx } from '../kit/servers/nginx.ts';
import { SSH_HOST, startGitOverSsh } from '../kit/servers/openssh.ts';
import type { RunningServer, ServerRow, ServerStart } from '../kit/servers/server.ts';
import { HOSTS } from './hosts.ts';

/**
 * The servers that agentq is tried on. To add one: a row here (a service that no test can ask: in hosts.ts), which says
 * how it is started and what it allows; a row of the same name in docs/servers.md; and, for a new family, what it needs
 * in scripts/servers.mjs, its name in `FAMILIES`, and a test file next to this one.
 */

const overSsh =
  (urlOf: (box: Scene, port: number) => string, gate?: string) =>
  async (box: Scene): Promise<RunningServer> => {
    const { port } = await startGitOverSsh(box, gate);
    return { url: urlOf(box, port), repository: box.remote };
  };
const scpStyle = (box: Scene): string => `${SSH_HOST}:${box.path(box.remote)}`;
/** A host over ssh that says these words when somebody pushes. */
const refusingOverSsh = (...words: readonly string[]): ServerStart =>
  overSsh(
    scpStyle,
    `case "$SSH_ORIGINAL_COMMAND" in git-receive-pack*)\n${words.map((line) => `echo '${line}' >&2`).join('\n')}\nexit 1 ;;\nesac`,
  );

/** All servers, in the order of docs/servers.md. */
export const MATRIX: readonly ServerRow[] = [
  { name: 'OpenSSH, `host:path`', family: 'openssh', allows: 'everything', start: overSsh(scpStyle) },
  {
    name: 'OpenSSH, `ssh://`',
    family: 'openssh',
    allows: 'everything',
    start: overSsh((box, port) => `ssh://127.0.0.1:${port}${box.path(box.remote)}`),
  },
  {
    name: 'GitHub over SSH, read-only deploy key',
    family: 'openssh',
    allows: 'reading',
    start: refusingOverSsh('ERROR: The key you are authenticating with has been marked as read only.'),
    says: /marked as read only/,
  },
  {
    name: 'GitHub over SSH, archived',
    family: 'openssh',
    allows: 'reading',
    start: refusingOverSsh('ERROR: This repository was archived so it is read-only.'),
    says: /archived so it is read-only/,
  },
  {
    name: 'GitLab over SSH, guest',
    family: 'openssh',
    allows: 'reading',
    start: refusingOverSsh(
      'remote: ',
      'remote: ========================================================================',
      'remote: ',
      'remote: ERROR: You are not allowed to push code to this project.',
      'remote: ',
      'remote: ========================================================================',
      'remote: ',
    ),
    says: /You are not allowed to push code to this project/,
  },
  { name: 'gitolite, `RW+`', family: 'gitolite', allows: 'everything', start: (box) => startGitolite(box, ['RW+']) },
  {
    name: 'gitolite, `RW+ refs/heads/`',
    family: 'gitolite',
    allows: 'branches only',
    start: (box) => startGitolite(box, ['RW+ refs/heads/']),
  },
  {
    name: 'gitolite, `RW`',
    family: 'gitolite',
    allows: 'no deletion',
    learns: 'late',
    start: (box) => startGitolite(box, ['RW']),
  },
  {
    name: 'gitolite, `R`',
    family: 'gitolite',
    allows: 'reading',
    start: (box) => startGitolite(box, ['R']),
    says: /FATAL: W any queue user DENIED by fallthru/,
  },
  {
    name: 'nginx, TLS, basic authentication',
    family: 'nginx',
    allows: 'everything',
    start: (box) => startNginx(box, { user: 'worker' }),
  },
  {
    name: 'nginx, user who may only read',
    family: 'nginx',
    allows: 'reading',
    start: (box) => startNginx(box, { user: 'reader' }),
    says: /403/,
  },
  {
    name: '`git daemon`, `receive-pack` enabled',
    family: 'git-daemon',
    allows: 'everything',
    start: (box) => startGitDaemon(box, 'taken'),
  },
  {
    name: '`git daemon`, as it is',
    family: 'git-daemon',
    allows: 'reading',
    start: (box) => startGitDaemon(box, 'refused'),
    says: /access denied or repository not exported/,
  },
  {
    name: 'JGit, `receive-pack` enabled',
    family: 'jgit',
    allows: 'everything',
    start: (box) => startJgitDaemon(box, 'taken'),
  },
  {
    name: 'JGit, as it is',
    family: 'jgit',
    allows: 'reading',
    start: (box) => startJgitDaemon(box, 'refused'),
    says: 'nothing',
  },
  ...HOSTS,
];
