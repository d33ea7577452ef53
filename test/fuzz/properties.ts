import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import type { Io } from '../../src/cli/output/io.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { Failure } from '../../src/domain/base/failure.ts';
import type { TaskEdit } from '../../src/domain/queue/edit.ts';
import { editTask } from '../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../src/store/codec/read-task.ts';
import { UNITS } from '../kit/hostile/nasty-texts.ts';
import { READERS } from '../kit/hostile/readers.ts';

/** What must hold of any input at all; `npm run test:fuzz` looks for one of which it does not. */
export interface FuzzProperty {
  readonly name: string;
  property(): fc.IAsyncPropertyWithHooks<[string]> | fc.IAsyncPropertyWithHooks<[string[]]>;
}

const WHERE = { path: '.agents/auth/tasks/TASK-1.toon', project: 'auth', id: 'TASK-1' };
const TIME = '2025-06-01T12:00:00Z';
const CLAIM: TaskEdit = {
  kind: 'append-claim',
  claim: { claimedBy: 'agent-1', claimedAt: TIME, lastHeartbeat: TIME, attempt: 1, claimId: 'c1' },
};

/** Words of all the notations that agentq reads, so that a good part of what is put together goes deep into a reader. */
const WORDS: readonly string[] = [
  ...['task:', '  id: TASK-1', '  title: "Title"', 'title', '  status: ready', '  priority: 8 # high', 'dependencies:'],
  ...[
    '  required[2]:',
    '  required[1]{id,kind}:',
    '    TASK-2,blocks',
    '    - TASK-3 (remark)',
    'required[2]: A-1,B-2',
  ],
  ...['blocks', 'acceptance_criteria[1]:', 'claim:', '  claimed_by: a', '  last_heartbeat: ', TIME, 'completion:'],
  ...['description: |', 'details: ', 'blocked_reason: x', 'metadata:', 'labels:', 'batch', 'hold_until: 80% of a'],
  ...[
    'agentq:',
    '  remote: origin',
    '  stalled_after: 30m',
    '  layouts[1]: core',
    'tasks[2]{title,priority}:',
    '  A,1',
  ],
  ...[
    '{"title":"T","requires":["TASK-1"]}',
    '[',
    ']',
    '{"tasks":[',
    '{"title":',
    '"id":',
    'null',
    'true',
    '-1e9',
    '\\u00e9',
  ],
  ...[
    '!\trefs/heads/a:refs/heads/b\t[remote rejected] (',
    'fetch first)',
    'stale info',
    'fatal: ',
    'error: ',
    'remote: ',
  ],
  ...["Unable to create '", ".lock': File exists", 'HTTP 403', 'https://user:secret@host/', 'Connection refused'],
  ...['agent-1', 'auth/TASK-1', '000000000-a-0123456789ab-', '0'.repeat(40), 'eyJraW5kIjoiY2xhaW0ifQ', 'Agentq-Task: '],
  ...['[AGENT-CLAIM] a claimed TASK-1 from auth', '1h30m', '500ms', 'all of ', 'TASK-1.lock', '..', '@{', '\u202e'],
];

const text: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
      { weight: 3, arbitrary: fc.constantFrom('\n', '\n  ', '\n    ', '\r\n', ' ', ': ', ',', '"') },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom(...UNITS), fc.integer({ min: 1, max: 40 }))
          .map(([unit, n]) => unit.repeat(n)),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

const readers = Object.entries(READERS).map(([name, read]): FuzzProperty => {
  return {
    name: `${name} is read, or refused`,
    property: () =>
      fc.asyncProperty(text, async (input) => {
        unlessRefused(() => read(input));
      }),
  };
});

export const FUZZ_PROPERTIES: readonly FuzzProperty[] = [
  ...readers,
  {
    name: 'a claim that is given back leaves the very bytes',
    property: () =>
      fc.asyncProperty(text, async (input) => {
        const before = Buffer.from(input, 'utf8');
        unlessRefused(() => {
          const claimed = editTask(before, [CLAIM], WHERE);
          if (!Buffer.from(claimed).subarray(0, before.length).equals(before)) throw new Error('the file was changed');
          const back = editTask(claimed, [{ kind: 'remove-claim' }], WHERE);
          if (!Buffer.from(back).equals(before)) throw new Error('the file did not come back as it was');
        });
      }),
  },
  {
    name: 'an edit of one thing changes no other',
    property: () =>
      fc.asyncProperty(text, async (input) => {
        const before = Buffer.from(`task:\n  id: TASK-1\n  title: T\n  status: ready\n${input}`, 'utf8');
        unlessRefused(() => {
          const after = editTask(before, [{ kind: 'set-status', status: 'blocked' }], WHERE);
          const [old, now] = [readTask(before, WHERE), readTask(after, WHERE)];
          if (old.kind !== 'read' || now.kind !== 'read') throw new Error('it is no task any more');
          const same = JSON.stringify({ ...now.task, status: old.task.status });
          if (now.task.status !== 'blocked' || same !== JSON.stringify(old.task))
            throw new Error(`${same} was changed`);
        });
      }),
  },
  {
    name: 'a command line is answered or refused',
    property: () => fc.asyncProperty(commandLine(), answered),
  },
];

function unlessRefused(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Failure) || error.code === 'internal') throw error;
  }
}

/** Not those that make a queue of their own and measure it for minutes. */
const COMMANDS = [
  'claim',
  'heartbeat',
  'complete',
  'release',
  'release-stalled',
  'unblock',
  'list',
  'show',
  'status',
  'add',
  'validate',
  'init',
  'work',
  'watch',
  'metrics',
];
const OPTIONS = [
  '--json',
  '-q',
  '-v',
  '--branch',
  '--remote',
  '--timeout',
  '--wait',
  '--task',
  '--label',
  '--title',
  '--requires',
  '--file',
  '--max-retries',
  '--min-priority',
  '--older-than',
  '--dry-run',
  '--help',
  '--no-sync',
  '--color',
  '--',
  '-',
  '--format',
  '--since',
  '--reason',
  '--combine=none',
  '--request',
  '--id',
  '--limit',
];

function commandLine(): fc.Arbitrary<string[]> {
  const word = fc.oneof(
    fc.constantFrom(...OPTIONS),
    fc.constantFrom('agent-1', 'auth', 'TASK-1', 'auth/TASK-1', 'develop', '', '10m', '5', 'a=b', 'json'),
    fc.constantFrom(...UNITS),
    text.map((value) => value.slice(0, 300)),
    fc.tuple(fc.constantFrom(...OPTIONS), text).map(([option, value]) => `${option}=${value.slice(0, 300)}`),
  );
  return fc
    .tuple(
      fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...COMMANDS) }, { weight: 1, arbitrary: word }),
      fc.array(word, { maxLength: 6 }),
    )
    .map(([first, rest]) => [first, ...rest]);
}

let folder: string | undefined;

/** In a folder that is no repository: what is checked is everything in front of that. */
async function answered(argv: string[]): Promise<void> {
  if (argv[0] === 'demo' || argv[0] === 'simulate') return;
  folder ??= mkdtempSync(join(tmpdir(), 'agentq-fuzz-'));
  let said = '';
  const sink = {
    write(chunk: string | Uint8Array) {
      said += String(chunk);
    },
    isTerminal: false,
    columns: undefined,
  };
  const io: Io = {
    stdin: { isTerminal: false, read: async () => new Uint8Array(), stream: () => Readable.from([]) },
    stdout: { ...sink, write: () => undefined },
    stderr: sink,
    cwd: folder,
    signal: AbortSignal.timeout(20_000),
  };
  const code = await runCommandLine(argv, io, { PATH: process.env.PATH, HOME: folder }, '0.0.0');
  if (![0, 1, 2, 3, 4, 5, 64].includes(code) || /internal error/.test(said)) throw new Error(`exit ${code}: ${said}`);
  // What it repeats of them reaches a terminal.
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(said))
    throw new Error(`unsafe: ${JSON.stringify(said)}`);
}
