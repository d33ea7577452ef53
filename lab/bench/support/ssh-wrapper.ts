import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SshServer } from '../../../test/kit/remotes/ssh-server.ts';

/**
 * Makes a folder with an `ssh` that knows the key of the server. ssh reads its configuration at the user's home, not at
 * HOME: so its options are in the program. @returns the folder, for PATH
 */
export async function sshWrapper(folder: string, server: SshServer): Promise<string> {
  await mkdir(folder);
  const all = server.clientOptions.map((option) => `-o '${option}'`).join(' ');
  const path = join(folder, 'ssh');
  await writeFile(path, `#!/bin/sh\nexec ${server.client} ${all} "$@"\n`);
  await chmod(path, 0o755);
  return folder;
}
