import { spawn } from 'node:child_process';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Scene } from '../scene/scene.ts';

/** A git server that runs, and how clones reach it. */
export interface RunningServer {
  /** What a clone has for its remote. */
  readonly url: string;
  /** The bare repository behind it: its path in the scene. */
  readonly repository: string;
}

/** What starts a server. The scene stops it. */
export type ServerStart = (box: Scene) => Promise<RunningServer>;

/** What a server lets agentq do, as docs/servers.md says it. */
export type Allowance =
  /** The branch, and refs of agentq's own. */
  | 'everything'
  /** Refs can be made only below `refs/heads/`. */
  | 'branches only'
  /** Refs can be made anywhere, and no ref can be deleted. */
  | 'no deletion'
  /** It can be read, and nothing can be pushed to the branch. */
  | 'reading';

/** Servers other than git where machines meet: each has a test file of its own, and no row in the matrix. */
export const MEETING_FAMILIES = ['redis', 'etcd'] as const;
export type MeetingFamily = (typeof MEETING_FAMILIES)[number];

export const FAMILIES = ['openssh', 'gitolite', 'nginx', 'git-daemon', 'jgit', 'hosted'] as const;
/** Servers that need the same programs. */
export type Family = (typeof FAMILIES)[number];

/**
 * Families whose tests run, as `npm run test:servers` says it: those whose programs are there. `npm test` has none of
 * them: it runs a sample of the hosts, which need nothing but git.
 */
export const families: readonly string[] | undefined = process.env.TEST_SERVERS?.split(',');

/** Whether `npm run test:servers` runs, and the programs of the family are there. */
export function isTested(family: Family | MeetingFamily): boolean {
  return families?.includes(family) === true;
}

/** A server of the matrix. */
export interface ServerRow {
  /** As in docs/servers.md. */
  readonly name: string;
  readonly family: Family;
  readonly allows: Allowance;
  readonly start: ServerStart;
  /**
   * Where nothing can be deleted: `late` if the server refuses only the deletion of a ref that exists, so that one must
   * be made to learn it. The default is that it refuses any.
   */
  readonly learns?: 'late';
  /** Where nothing can be pushed: what the user must be told, in the server's words; `nothing` if it has none. */
  readonly says?: RegExp | 'nothing';
}

/** A program of a server. */
export interface ServerProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Port at which it will listen; undefined: at none. */
  readonly port?: number;
}

/** A program that was started. */
export interface RunningProgram {
  /** Sends a signal to the whole group: SIGSTOP and SIGCONT also, a suspended program still ends with its scene. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

/** How long a server may take to listen: Java needs a second, and ten on a busy machine. */
const START_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 20;

/**
 * Runs a program until its own end or that of stdin, which comes at the latest when the test's process dies: then the
 * whole group is told to end.
 */
const WITH_US = '( "$@" </dev/null; kill 0 ) & cat >/dev/null; kill 0';

/**
 * Starts a program of a server in a process group of its own, which ends with the scene, and waits until it listens.
 * @throws Error with what it said if it ends, or does not listen in time
 */
export async function startProgram(box: Scene, { command, args, env, port }: ServerProgram): Promise<RunningProgram> {
  const child = spawn('sh', ['-c', WITH_US, 'sh', command, ...args], {
    cwd: box.root,
    env: { ...box.env, ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2_000);
  });
  let hasEnded = false;
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      hasEnded = true;
      resolve();
    });
  });
  const signal = (name: NodeJS.Signals): void => {
    if (!hasEnded && child.pid !== undefined) process.kill(-child.pid, name);
  };
  box.owns({
    close() {
      child.stdin.end();
      signal('SIGCONT');
      return ended;
    },
  });
  const running: RunningProgram = { signal, ended };
  if (port === undefined) return running;
  const limit = performance.now() + START_LIMIT_MS;
  while (!(await isListening(port))) {
    if (hasEnded) throw new Error(`${command} has ended: ${said}`);
    if (performance.now() > limit) throw new Error(`${command} does not listen at ${port}: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return running;
}

/** A port of the loopback address that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
