import type { Settings } from './git-config.ts';
import { folderOf, httpUrlOf, isFolder } from './http-url.ts';

export interface RemoteInfo {
  readonly name: string;
  /** As configured; undefined if there is only a push URL. */
  readonly url: string | undefined;
  readonly pushUrl: string | undefined;
  /** Where git both reads and pushes over http or https, see {@link httpUrlOf}. */
  readonly httpUrl: string | undefined;
  /** The folder that is the remote, if agentq may start git's server there itself, see {@link folderOf}. */
  readonly folder: string | undefined;
  /** `here`: git reads and writes a folder of this machine. */
  readonly place: 'here' | 'elsewhere';
  /** Its refspecs for fetching: where the clone keeps what it knows of the remote's branches. */
  readonly fetch: readonly string[];
  /** Whether a partial clone gets its missing objects from here. */
  readonly promisor: boolean;
}

/** The remotes in the settings, by name: those that have a URL. */
export function remotesIn(settings: Settings): ReadonlyMap<string, RemoteInfo> {
  const remotes = new Map<string, RemoteInfo>();
  for (const key of settings.keys()) {
    const name = /^remote\.(.+)\.(?:url|pushurl)$/s.exec(key)?.[1];
    if (name === undefined || remotes.has(name)) continue;
    const setting = (variable: string) => settings.get(`remote.${name}.${variable}`);
    remotes.set(name, {
      name,
      url: setting('url')?.[0],
      pushUrl: setting('pushurl')?.[0],
      httpUrl: httpUrlOf(settings, name),
      folder: folderOf(settings, name),
      place: isFolder(settings, name) ? 'here' : 'elsewhere',
      fetch: setting('fetch') ?? [],
      promisor:
        isTrue(setting('promisor')?.at(-1)) ||
        setting('partialclonefilter') !== undefined ||
        settings.get('extensions.partialclone')?.at(-1) === name,
    });
  }
  return remotes;
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:true|yes|on|1)$/i.test(value);
}
