import { chmod, mkdir, symlink } from 'node:fs/promises';
import type { Scene } from '../scene/scene.ts';
import { NODE } from './run-agentq.ts';

/** What would ask a network for a program: on a bare machine it fails, and says so. */
const TRAPS = ['npx', 'npm', 'curl', 'wget'];

/**
 * A folder for the PATH that has these programs and no others, except for traps in place of those that install some.
 */
export async function bareMachine(box: Scene, folder: string, tools: readonly string[]): Promise<void> {
  await mkdir(box.path(folder));
  for (const tool of tools) {
    const { stdout } = await box.run(box.root, 'bash', ['-c', `command -v ${tool}`]);
    await symlink(tool === 'node' ? NODE : stdout.trim(), box.path(folder, tool));
  }
  for (const trap of TRAPS) {
    await box.write(folder, { [trap]: '#!/bin/sh\necho "asks the network" >&2\nexit 99\n' });
    await chmod(box.path(folder, trap), 0o755);
  }
}
