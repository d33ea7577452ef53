import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Scene } from '../scene/scene.ts';
import { makeCertificate } from './certificate.ts';
import { freePort, type MeetingFamily, type RunningProgram, startProgram } from './server.ts';

export interface MeetingServerOptions {
  /** What clients must know; etcd's user is then `root`, and Redis has no user. The default is that anybody may come. */
  readonly password?: string;
  /** With a certificate that signs itself. The default is without. */
  readonly tls?: true;
  /** More arguments for the program, such as `--quota-backend-bytes=16777216`. */
  readonly args?: readonly string[];
}

/** A Redis or etcd of the test's own, on loopback. It ends with the scene. */
export interface MeetingServer {
  /** As in `AGENTQ_MEET`, with the password if there is one. */
  readonly url: string;
  readonly port: number;
  /** Path of the certificate that clients must trust; undefined without TLS. */
  readonly ca: string | undefined;
  /** Ends it without a word, as a crash does. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it at the same port again, after {@link kill}. etcd has its data then, and Redis has none. */
  restart(): Promise<void>;
  /** Suspends it: connections stay open, and nothing is answered. */
  pause(): void;
  resume(): void;
  /** Removes all keys. */
  wipe(): Promise<void>;
  /** Runs the server's own client: redis-cli or etcdctl. @returns what it printed */
  ask(...args: readonly string[]): Promise<string>;
}

/** What starts a server of each family. */
export const MEETING_SERVERS: Readonly<
  Record<MeetingFamily, (box: Scene, options?: MeetingServerOptions) => Promise<MeetingServer>>
> = { redis: startRedis, etcd: startEtcd };

/** Programs that the server of a family needs here. */
const PROGRAMS: Readonly<Record<MeetingFamily, readonly string[]>> = {
  redis: ['redis-server', 'redis-cli', 'openssl'],
  etcd: ['etcd', 'etcdctl', 'openssl'],
};

/** Whether the server can be started here. */
export function isInstalled(family: MeetingFamily): boolean {
  return PROGRAMS[family].every(isProgram);
}

function isProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Starts a Redis that keeps nothing on disk. */
export async function startRedis(box: Scene, options: MeetingServerOptions = {}): Promise<MeetingServer> {
  const { password, tls, args = [] } = options;
  const port = await freePort();
  const folder = await serverFolder(box, `redis-${port}`, tls);
  const listening =
    tls === undefined
      ? ['--port', `${port}`]
      : ['--port', '0', '--tls-port', `${port}`, '--tls-cert-file', `${folder}/cert.pem`].concat([
          '--tls-key-file',
          `${folder}/key.pem`,
          '--tls-auth-clients',
          'no',
        ]);
  const auth = password === undefined ? [] : ['--requirepass', password];
  const quiet = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--logfile', 'log'];
  const program = { command: 'redis-server', args: [...listening, ...auth, ...quiet, ...args], port };
  const reach = ['-h', '127.0.0.1', '-p', `${port}`, ...(tls ? ['--tls', '--cacert', `${folder}/cert.pem`] : [])];
  const env = password === undefined ? {} : { REDISCLI_AUTH: password };
  const ask = (...words: readonly string[]): Promise<string> => run(box, 'redis-cli', [...reach, ...words], env);
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return {
    url: `${tls ? 'rediss' : 'redis'}://${secret}127.0.0.1:${port}/0`,
    port,
    ca: tls && `${folder}/cert.pem`,
    ...(await restartable(() => startProgram(box, program))),
    wipe: async () => void (await ask('flushall')),
    ask,
  };
}

/** Starts an etcd of one member, which keeps its data in the scene. */
export async function startEtcd(box: Scene, options: MeetingServerOptions = {}): Promise<MeetingServer> {
  const { password, tls, args = [] } = options;
  const [port, peerPort] = [await freePort(), await freePort()];
  const folder = await serverFolder(box, `etcd-${port}`, tls);
  const [client, peer] = [`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  const secrecy = tls ? ['--cert-file', `${folder}/cert.pem`, '--key-file', `${folder}/key.pem`] : [];
  const urls = ['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer];
  const member = ['--name', 'only', '--initial-advertise-peer-urls', peer, '--initial-cluster', `only=${peer}`];
  const place = ['--data-dir', `${folder}/data`, '--logger', 'zap', '--log-outputs', `${folder}/log`];
  const program = { command: 'etcd', args: [...urls, ...member, ...place, ...secrecy, ...args], port };
  const reach = [
    '--dial-timeout',
    '1s',
    '--command-timeout',
    '2s',
    '--endpoints',
    client,
    ...(tls ? ['--cacert', `${folder}/cert.pem`] : []),
  ];
  const env = { ETCDCTL_API: '3' };
  const open = (...words: readonly string[]): Promise<string> => run(box, 'etcdctl', [...reach, ...words], env);
  const login = password === undefined ? [] : ['--user', `root:${password}`];
  const ask = (...words: readonly string[]): Promise<string> => open(...login, ...words);
  const ready = async (): Promise<RunningProgram> => {
    const running = await startProgram(box, program);
    // It listens before it has a leader. This waits, without a pause of ours, until it has one.
    await ask('get', 'anything', '--command-timeout=60s');
    return running;
  };
  const started = await restartable(async () => {
    const running = await startProgram(box, program);
    await open('get', 'anything', '--command-timeout=60s');
    return running;
  }, ready);
  if (password !== undefined) {
    await open('user', 'add', `root:${password}`);
    await open('user', 'grant-role', 'root', 'root').catch(() => open('role', 'add', 'root'));
    await open('auth', 'enable');
  }
  const secret = password === undefined ? '' : `root:${encodeURIComponent(password)}@`;
  return {
    url: `${tls ? 'etcds' : 'etcd'}://${secret}127.0.0.1:${port}`,
    port,
    ca: tls && `${folder}/cert.pem`,
    ...started,
    wipe: async () => void (await ask('del', '', '--prefix')),
    ask,
  };
}

async function serverFolder(box: Scene, name: string, tls: true | undefined): Promise<string> {
  const folder = await box.folder(name);
  if (tls) await makeCertificate(box, name);
  return folder;
}

/** Starts a program that can be killed, suspended and started again. */
async function restartable(
  start: () => Promise<RunningProgram>,
  again: () => Promise<RunningProgram> = start,
): Promise<Pick<MeetingServer, 'kill' | 'restart' | 'pause' | 'resume'>> {
  let running = await start();
  return {
    async kill() {
      running.signal('SIGKILL');
      await running.ended;
    },
    async restart() {
      running = await again();
    },
    pause: () => running.signal('SIGSTOP'),
    resume: () => running.signal('SIGCONT'),
  };
}

async function run(
  box: Scene,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const { exitCode, stdout, stderr } = await box.run(box.root, 'env', [...words, program, ...args]);
  if (exitCode !== 0) throw new Error(`${program}: ${stderr || stdout}`);
  return stdout;
}
