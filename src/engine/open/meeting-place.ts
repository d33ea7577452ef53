import { byKey, type Setting } from '../../git/repository/git-config.ts';
import { onlyUrlOf } from '../../git/repository/http-url.ts';
import type { Located } from '../../git/repository/locate.ts';
import { remotesIn } from '../../git/repository/remotes.ts';
import { shortKey } from '../../machine/runtime-folder.ts';
import { MESSAGES_VERSION } from './messages-version.ts';

/** Variables that decide how the remote is reached, and so whether one process may push for another. */
const REACH =
  /^(GIT_SSH|GIT_SSH_COMMAND|GIT_ASKPASS|GIT_CONFIG\w*|GIT_COMMITTER_\w+|GIT_PROXY_COMMAND|HOME|XDG_CONFIG_HOME|SSH_AUTH_SOCK|HTTPS?_PROXY|ALL_PROXY)$/i;

/** Settings that decide which remote a name means, how it is reached and who is the committer. */
const TELLING =
  /^(?:remote|url|user|committer|author|http|credential|ssh|transfer|push)\.|^core\.(?:sshcommand|askpass|gitproxy)$/;

/** What a few files tell about where the queue is. */
export interface MeetingPlace {
  /** Name of the remote; undefined: the local branch is the queue. */
  readonly remote: string | undefined;
  /** Its URL as configured. */
  readonly url: string | undefined;
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
  const { settings, commonDir } = located;
  if (settings === undefined) return undefined;
  const remotes = remotesIn(byKey(settings));
  const remote = named ?? (remotes.has('origin') ? 'origin' : undefined);
  const url = remote === undefined ? undefined : remotes.get(remote)?.url;
  if (remote === undefined ? remotes.size > 0 : url === undefined) return undefined;
  // A path is the same queue only when seen from the same place.
  const isAbsolute = url !== undefined && /^([a-z][a-z0-9+.-]*:\/\/|\/|[^/@]+@[^/:]+:)/i.test(url);
  const reach = Object.entries(env)
    .filter(([name]) => REACH.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const shared = isAbsolute ? settings.filter((setting) => matters(setting, remote)) : commonDir;
  return { remote, url, key: shortKey([MESSAGES_VERSION, branch, remote, shared, reach]) };
}

/** The one URL from which git reads the remote and to which it pushes; undefined: there are several, or it is not known. */
export function urlForAll({ settings }: Located, remote: string | undefined): string | undefined {
  return settings === undefined || remote === undefined ? undefined : onlyUrlOf(byKey(settings), remote);
}

/** Whether a setting concerns this remote: clones that differ in other remotes, or in bookkeeping, still meet. */
function matters({ key }: Setting, remote: string | undefined): boolean {
  const name = /^remote\.(.+)\.[^.]*$/s.exec(key)?.[1];
  return TELLING.test(key) && (name === undefined || name === remote) && !/^remote\..*\.fetch$/s.test(key);
}
