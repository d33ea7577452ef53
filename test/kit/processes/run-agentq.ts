import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The binary as users start it; the bundle behind it is built before the first test. */
export const AGENTQ_BIN: string = fileURLToPath(new URL('../../../bin/agentq.js', import.meta.url));

/** The node that runs it: this one, unless `npm run test:nodes` names another. */
export const NODE: string = process.env.TEST_NODE ?? process.execPath;

export interface RunOptions {
  readonly cwd?: string;
  /** On top of the scrubbed environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  /** `own`: a process group of its own, for tests that send a signal to all of it with `process.kill(-pid)`. */
  readonly group?: 'own';
  /** Another build than that of this checkout. */
  readonly program?: string;
}

export interface AgentqRun {
  /** null where a signal ended the process. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as bytes, for answers that must be exact. */
  readonly bytes: Uint8Array;
}

/** A process that is still running, for tests that send it signals. */
export interface RunningAgentq {
  readonly child: ChildProcess;
  readonly done: Promise<AgentqRun>;
}

/** Nothing of the machine that runs the tests: no configuration of git, no credentials, no AGENTQ_ variables. */
export function scrubbedEnvironment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: tmpdir(),
    TMPDIR: tmpdir(),
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** Starts the real binary. */
export function startAgentq(args: readonly string[], options: RunOptions = {}): RunningAgentq {
  const env = Object.fromEntries(
    Object.entries({ ...scrubbedEnvironment(), ...options.env }).filter(([, value]) => value !== undefined),
  );
  const child = spawn(NODE, [options.program ?? AGENTQ_BIN, ...args], {
    cwd: options.cwd ?? tmpdir(),
    env,
    stdio: 'pipe',
    detached: options.group === 'own',
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // The command may end before it reads what it is given.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const done = new Promise<AgentqRun>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const bytes = Buffer.concat(stdout);
      resolve({ code, signal, stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString(), bytes });
    });
  });
  return { child, done };
}

/** Runs the real binary to its end. */
export function runAgentq(args: readonly string[], options: RunOptions = {}): Promise<AgentqRun> {
  return startAgentq(args, options).done;
}

/** Runs many at once, all started before any is waited for; answers are in the order of the command lines. */
export function runAgentqAtOnce(
  commands: readonly { readonly args: readonly string[]; readonly options?: RunOptions }[],
): Promise<AgentqRun[]> {
  return Promise.all(commands.map(({ args, options }) => runAgentq(args, options)));
}
