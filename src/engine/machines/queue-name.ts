import { realpathSync } from 'node:fs';
import { hostname } from 'node:os';

/** Default ports, by scheme. */
const PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ssh: '22', git: '9418' };

/** Names by which a machine calls itself. */
const OWN = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?|0\.0\.0\.0)$/i;

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/@]*@)?(\[[^\]/]*\]|[^/:]*)(?::(\d*))?(\/.*)?$/is;
const SCP = /^(?:[^/@:]*@)?(\[[^\]/]*\]|[^/:]+):(.*)$/s;

/**
 * What a remote is called at a server where machines meet: the same for all URLs by which they usually reach it. So
 * `git@example.com:team/app.git` and `https://me:secret@example.com/team/app` are one queue. A folder, and a server at
 * an address that every machine has (`localhost`), are only the same on the same machine.
 *
 * It is the place and not, for example, the first commit: a fork has that too, and would be handed the claims of the
 * repository that it was forked from.
 * @param url as git would use it
 */
export function queueName(url: string): string {
  const withScheme = SCHEME.exec(url);
  if (withScheme !== null) {
    const [, scheme = '', host = '', port = '', path = ''] = withScheme;
    if (scheme.toLowerCase() === 'file') return folder(path);
    return at(host, port === PORTS[plain(scheme)] ? '' : port, path);
  }
  const likeScp = SCP.exec(url);
  return likeScp === null ? folder(url) : at(likeScp[1] ?? '', '', likeScp[2] ?? '');
}

/** Whether the remote is a folder, and not at a server. */
export function isFolder(url: string): boolean {
  return /^file:/i.test(url) || (!SCHEME.test(url) && !SCP.test(url));
}

/** `git+ssh` and `ssh+git` are other words for `ssh`. */
function plain(scheme: string): string {
  const lower = scheme.toLowerCase();
  return lower.includes('ssh') ? 'ssh' : lower;
}

function at(host: string, port: string, path: string): string {
  const where = `${host.toLowerCase()}${port === '' ? '' : `:${port}`}/${trimmed(path)}`;
  return OWN.test(host) ? `${hostname()} ${where}` : where;
}

function folder(path: string): string {
  let real = path;
  try {
    real = realpathSync(path);
  } catch {
    // It is not there, or not for us. Git will say so.
  }
  return `${hostname()} /${trimmed(real)}`;
}

function trimmed(path: string): string {
  return path
    .replace(/^\/+/, '')
    .replace(/\/{1,99}$/, '')
    .replace(/\.git$/, '');
}
