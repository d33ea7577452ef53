import { Readable } from 'node:stream';
import type { Environment, Io, Sink } from '../../../src/cli/output/io.ts';
import { runCommandLine } from '../../../src/cli/run.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import type { ClaimedOutcome } from '../../../src/domain/intents/outcome.ts';
import type { OpenQueueOptions, Queue } from '../../../src/engine/queue/queue.ts';
import type { Reader } from '../../../src/engine/queue/reader.ts';
import { NO_REGISTRY } from '../../../src/engine/queue/registry.ts';

/** What the clock of a session says. */
const NOW = Date.UTC(2025, 0, 2, 3, 4, 5);

/** What the engine of a session answers unless it is told otherwise. */
export const CLAIMED: ClaimedOutcome = {
  kind: 'claimed',
  key: { project: 'auth', id: 'TASK-1' },
  title: 'Sign in',
  path: '.agents/auth/claimed/TASK-1.toon',
  priority: 8,
  claim: {
    claimedBy: 'a1',
    claimedAt: '2025-01-02T03:04:05Z',
    lastHeartbeat: '2025-01-02T03:04:05Z',
    attempt: 1,
    claimId: 'c1',
  },
};

class Recorder implements Sink {
  readonly isTerminal = false;
  readonly columns = undefined;
  text = '';
  write(chunk: string | Uint8Array): void {
    this.text += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
  }
}

export interface Session {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly intents: readonly Intent[];
  readonly opened: readonly OpenQueueOptions[];
  readonly closed: number;
  /** What had been said when the queue was closed, and what was to end that early. */
  readonly saidAtClose: string;
  readonly closeInterrupt: AbortSignal | undefined;
}

/** Runs a command line against an engine that answers as told. */
export async function session(
  argv: readonly string[],
  engine: Partial<Queue> = {},
  {
    reading = {},
    env = {},
    controller = new AbortController(),
  }: { reading?: Partial<Reader>; env?: Environment; controller?: AbortController } = {},
): Promise<Session> {
  const [stdout, stderr] = [new Recorder(), new Recorder()];
  const stdin = { isTerminal: false, read: async () => new Uint8Array(), stream: () => Readable.from([]) };
  const io: Io = { stdin, stdout, stderr, cwd: import.meta.dirname, signal: controller.signal };
  const intents: Intent[] = [];
  const opened: OpenQueueOptions[] = [];
  let closed = 0;
  let saidAtClose = '';
  let closeInterrupt: AbortSignal | undefined;
  const submitted = {
    outcome: CLAIMED,
    commit: 'f00',
    base: undefined,
    attempts: 2,
    rejectedPushes: 1,
    backoffBaseMs: 250,
    elapsedMs: 12,
  };
  const reader: Reader = {
    rehearse: async () => ({ ...submitted, commit: undefined }),
    standing: async () => [],
    snapshot: () => Promise.reject(new Error('no snapshot')),
    history: async function* () {},
    ancestors: async function* () {},
    watch: async function* () {},
    record: async function* () {},
    past: async function* () {},
    holds: async () => true,
    beats: async () => [],
    code: {
      tips: async () => new Map(),
      defaultBranches: async () => [],
      isIn: async () => true,
      obtain: async () => 'present',
      contains: async () => true,
    },
    editor: async () => 'vi',
    mergeTexts: async () => undefined,
    taskBytes: async () => new TextEncoder().encode('task:\n id: x\n'),
    ...reading,
  };
  const queue: Queue = {
    place: { remote: 'origin', branch: 'develop' },
    tips: {
      look: async () => undefined,
      lookAlone: async () => undefined,
      changed: () => Promise.reject(new Error('nothing changes')),
    },
    submit: async () => submitted,
    renew: async (intents) => intents.map(() => ({ kind: 'renewed', submitted })),
    waitingFor: () => undefined,
    userName: async () => undefined,
    registry: async () => NO_REGISTRY,
    health: () => Promise.reject(new Error('no health')),
    forgetHeartbeats: async () => undefined,
    read: async () => reader,
    install: () => Promise.reject(new Error('nothing to install')),
    installWorkflows: () => Promise.reject(new Error('nothing to install')),
    mergeBranches: () => Promise.reject(new Error('nothing to merge')),
    moveProject: () => Promise.reject(new Error('nothing to move')),
    follow: async () => ({ kind: 'followed' }),
    async close(interrupt) {
      closed++;
      saidAtClose = stdout.text + stderr.text;
      closeInterrupt = interrupt;
    },
    ...engine,
  };
  const recording: Queue = {
    ...queue,
    submit(intent) {
      intents.push(intent);
      return queue.submit(intent);
    },
  };
  const code = await runCommandLine(argv, io, env, '0.0.0', {
    openQueue: async (options) => {
      opened.push(options);
      return recording;
    },
    clock: { now: () => NOW, sleep: () => Promise.resolve() },
    random: { next: () => 0.5, id: () => 'aaaaaaaaaaaaaaaa' },
  });
  return { code, stdout: stdout.text, stderr: stderr.text, intents, opened, closed, saidAtClose, closeInterrupt };
}
