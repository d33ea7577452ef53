import { Failure } from '../../../domain/base/failure.ts';
import type { KitFile } from '../../../domain/kit/existing.ts';
import type { Release } from '../../../domain/kit/program.ts';

/** Set by the build: the content of every file in `.agents-core/`, by path. */
declare const AGENTQ_KIT: Readonly<Record<string, string>>;

declare const AGENTQ_VERSION: string;

/** The files that `agentq init` installs. Packages may lose executable bits, so the name says what is a script. */
export function kitFiles(): readonly KitFile[] {
  return Object.entries(AGENTQ_KIT).map(([path, content]) => ({
    path,
    content,
    mode: path.endsWith('.sh') || path.startsWith('.agents-core/bin/') ? 'executable' : 'file',
  }));
}

/**
 * This agentq, in one file.
 * @throws Failure `machine-unusable` if it was installed again since it was started
 */
export function ownRelease(alone: (() => string) | undefined): Release {
  if (alone === undefined) throw new Error('this agentq does not run from its bundle');
  try {
    return { version: AGENTQ_VERSION, content: alone() };
  } catch (cause) {
    throw new Failure('machine-unusable', 'agentq was installed again while it ran', { hint: 'run it again', cause });
  }
}
