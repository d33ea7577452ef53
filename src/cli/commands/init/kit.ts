import type { KitFile } from '../../../domain/deciding/install.ts';

/** Set by the build: path to content of everything below `.agents-core/`. */
declare const AGENTQ_KIT: Readonly<Record<string, string>>;

/** What `agentq init` installs. Packages do not keep executable bits reliably, so scripts are told by their name. */
export function kitFiles(): readonly KitFile[] {
  return Object.entries(AGENTQ_KIT).map(([path, content]) => ({
    path,
    content,
    mode: path.endsWith('.sh') ? 'executable' : 'file',
  }));
}
