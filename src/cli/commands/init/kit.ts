import type { KitFile } from '../../../domain/deciding/install.ts';

/** Set by the build: the content of every file in `.agents-core/`, by path. */
declare const AGENTQ_KIT: Readonly<Record<string, string>>;

/** The files that `agentq init` installs. Packages may lose executable bits, so the name says what is a script. */
export function kitFiles(): readonly KitFile[] {
  return Object.entries(AGENTQ_KIT).map(([path, content]) => ({
    path,
    content,
    mode: path.endsWith('.sh') ? 'executable' : 'file',
  }));
}
