import type { Settings } from './git-config.ts';

/**
 * The URL from which git reads the remote and to which it pushes, if both are the same one over http or https. Follows
 * the rules of git: `insteadOf`, `pushInsteadOf`, `pushurl`.
 * @returns undefined for anything else: another transport, two places, several push URLs, a foreign helper
 */
export function httpUrlOf(settings: Settings, remote: string): string | undefined {
  const url = onlyUrlOf(settings, remote);
  return url !== undefined && /^https?:\/\/./.test(url) ? url : undefined;
}

/** Whether git reads the remote from a folder of this machine and pushes to it: no connection, and no network. */
export function isFolder(settings: Settings, remote: string): boolean {
  const url = onlyUrlOf(settings, remote);
  return url !== undefined && /^(?:file:\/\/|\/|\.\.?\/)/.test(url);
}

/** A URL of a folder that means what it says: nothing in it is encoded, and it names no host. */
const PLAIN_FOLDER = /^(?:file:\/\/)?(\/[^/%[\u0000-\u001f\u007f\uFFFD][^%[\u0000-\u001f\u007f\uFFFD]*)$/;

/** Settings by which git may not reach a folder at all. */
const PERMISSIONS: readonly string[] = ['protocol.allow', 'protocol.file.allow'];

/**
 * The folder that is the remote, absolute, if git reads it and writes to it by no other programs than its own.
 * @returns undefined if it is not a folder, or if only git itself should find it
 */
export function folderOf(settings: Settings, remote: string): string | undefined {
  const hasOwnProgram = ['uploadpack', 'receivepack'].some((name) => settings.has(`remote.${remote}.${name}`));
  const isAllowed = PERMISSIONS.every((key) => settings.get(key)?.every((value) => value !== 'never') ?? true);
  if (hasOwnProgram || !isAllowed) return undefined;
  return PLAIN_FOLDER.exec(onlyUrlOf(settings, remote) ?? '')?.[1];
}

/** The URL from which git reads the remote and to which it pushes; undefined if these are two, or there are several. */
export function onlyUrlOf(settings: Settings, remote: string): string | undefined {
  const valuesOf = (variable: string) => settings.get(`remote.${remote}.${variable}`) ?? [];
  const [url, ...more] = valuesOf('url');
  const [pushUrl, ...morePushUrls] = valuesOf('pushurl');
  if (url === undefined || more.length > 0 || morePushUrls.length > 0 || valuesOf('vcs').length > 0) return undefined;
  const readFrom = rewritten(settings, 'insteadof', url) ?? url;
  const pushTo =
    pushUrl === undefined
      ? (rewritten(settings, 'pushinsteadof', url) ?? readFrom)
      : (rewritten(settings, 'insteadof', pushUrl) ?? pushUrl);
  return readFrom === pushTo ? readFrom : undefined;
}

/** The URL after the rewriting rule with the longest matching beginning; undefined if none matches. */
function rewritten(settings: Settings, variable: 'insteadof' | 'pushinsteadof', url: string): string | undefined {
  let best: { readonly base: string; readonly start: string } | undefined;
  for (const [key, starts] of settings) {
    if (!key.startsWith('url.') || !key.endsWith(`.${variable}`)) continue;
    const base = key.slice('url.'.length, -variable.length - 1);
    for (const start of starts) {
      if (url.startsWith(start) && (best === undefined || start.length > best.start.length)) best = { base, start };
    }
  }
  return best && best.base + url.slice(best.start.length);
}
