import type { Located } from '../../git/repository/locate.ts';
import { shortKey } from '../../machine/runtime-folder.ts';
import { MESSAGES_VERSION } from './messages-version.ts';

/** Variables that decide how the remote is reached, and so whether one process may push for another. */
const REACH =
  /^(GIT_SSH|GIT_SSH_COMMAND|GIT_ASKPASS|GIT_CONFIG\w*|GIT_COMMITTER_\w+|GIT_PROXY_COMMAND|HOME|XDG_CONFIG_HOME|SSH_AUTH_SOCK|HTTPS?_PROXY|ALL_PROXY)$/i;

/** What a few files tell about where the queue is. */
export interface MeetingPlace {
  /** Name of the remote; undefined: the local branch is the queue. */
  readonly remote: string | undefined;
  /** Stands for everything that two processes must have in common for one to carry out the intents of the other. */
  readonly key: string;
}

/**
 * Finds out where the queue is without starting git.
 * @returns undefined if the files do not tell for certain: then git must be asked, and nothing is combined
 */
export function meetingPlaceOf(
  located: Located,
  named: string | undefined,
  branch: string,
  env: Readonly<Record<string, string | undefined>>,
): MeetingPlace | undefined {
  // Included files may say anything about remotes.
  if (located.settings.some((line) => /^\[\s*include/i.test(line))) return undefined;
  const remotes = new Map(located.settings.flatMap((line, index) => remoteAt(located.settings, line, index)));
  const remote = named ?? (remotes.has('origin') ? 'origin' : undefined);
  if (remote === undefined ? remotes.size > 0 : !remotes.has(remote)) return undefined;
  const url = remote === undefined ? undefined : remotes.get(remote);
  // A path is the same queue only when seen from the same place.
  const isAbsolute = url !== undefined && /^([a-z][a-z0-9+.-]*:\/\/|\/|[^/@]+@[^/:]+:)/i.test(url);
  const reach = Object.entries(env)
    .filter(([name]) => REACH.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const shared = isAbsolute ? withoutOthers(located.settings, remote ?? '') : located.commonDir;
  return { remote, key: shortKey([MESSAGES_VERSION, branch, remote, shared, reach]) };
}

function remoteAt(settings: readonly string[], line: string, index: number): [string, string][] {
  const name = /^\[\s*remote\s+"(.+)"\s*\]/i.exec(line)?.[1];
  if (name === undefined) return [];
  for (const next of settings.slice(index + 1)) {
    if (next.startsWith('[')) break;
    const url = /^url\s*=(.*)$/i.exec(next)?.[1]?.trim();
    if (url !== undefined) return [[name, url.replace(/^"(.*)"$/, '$1')]];
  }
  return [];
}

/** The lines that matter to this remote: clones that differ in other remotes, or in bookkeeping, still meet. */
function withoutOthers(settings: readonly string[], remote: string): readonly string[] {
  let section = '';
  return settings.filter((line) => {
    if (line.startsWith('[')) section = line;
    const other = /^\[\s*remote\s+"(.+)"\s*\]/i.exec(section)?.[1];
    if (other !== undefined && other !== remote) return false;
    if (/^\[\s*(core|extensions)\s*\]/i.test(section)) return false;
    return !/^fetch\s*=/i.test(line);
  });
}
