import { execFileSync } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Builds agentq and copies the build, so that another build meanwhile disturbs no measurement. @returns the program */
export async function frozenBuild(folder: string): Promise<string> {
  const repository = fileURLToPath(new URL('../../..', import.meta.url));
  execFileSync(process.execPath, [join(repository, 'scripts', 'build.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const part of ['bin', 'dist', 'package.json']) {
    await cp(join(repository, part), join(folder, 'agentq', part), { recursive: true });
  }
  return join(folder, 'agentq', 'bin', 'agentq.js');
}
