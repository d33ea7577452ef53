import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

/** OpenSSH on a port of this machine, with keys of its own, for this user. `await using` ends it. */
export class SshServer {
  readonly port: number;
  /** Path of the client. */
  readonly client: string;
  /** With these options a client gets in without a question. */
  readonly clientOptions: readonly string[];
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string, process: ChildProcess) {
    this.port = port;
    this.client = pathOf('ssh');
    this.clientOptions = [
      `IdentityFile ${join(folder, 'key')}`,
      'IdentitiesOnly yes',
      'StrictHostKeyChecking no',
      'UserKnownHostsFile /dev/null',
      'LogLevel ERROR',
    ];
    this.#process = process;
  }

  /** @throws if there is no `sshd` here */
  static async start(root: string): Promise<SshServer> {
    const folder = join(root, 'ssh-server');
    await mkdir(folder, { mode: 0o700 });
    for (const name of ['key', 'host-key']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    }
    const port = await freePort();
    const settings = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host-key')}`,
      `AuthorizedKeysFile ${join(folder, 'key.pub')}`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
    ];
    await writeFile(join(folder, 'config'), `${settings.join('\n')}\n`);
    const server = spawn(pathOf('sshd'), ['-D', '-e', '-f', join(folder, 'config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      let words = '';
      server.stderr?.on('data', (chunk: Buffer) => {
        words += chunk.toString();
        if (words.includes('Server listening')) resolve();
      });
      server.once('exit', () => reject(new Error(`sshd ended: ${words}`)));
    });
    return new SshServer(port, folder, server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await ended;
  }
}

/** sshd insists on its whole path, which is not always in PATH. */
function pathOf(program: string): string {
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
  return execFileSync('sh', ['-c', `command -v ${program}`], { env, encoding: 'utf8' }).trim();
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
