import { Failure } from '../domain/failure.ts';
import { wordsOf } from './words.ts';

/** What this machine lacks. */
type Want = 'disk' | 'read-only' | 'permission' | 'memory' | 'files' | 'processes';

const SAID: Readonly<Record<Want, { readonly what: string; readonly hint: string; readonly passing: boolean }>> = {
  disk: {
    what: 'the disk of this machine is full',
    hint: 'make room (`df -h` and `quota` show where it lacks), then run the same again',
    passing: true,
  },
  'read-only': {
    what: 'the file system of this repository is read-only',
    hint: 'agentq has to write objects into the git directory: mount it writable, or use another clone with -C <dir>',
    passing: false,
  },
  permission: {
    what: 'this user has no permission to write to the repository',
    hint: 'look at who owns the files of its git directory (a command run as root?), or use another clone with -C <dir>',
    passing: false,
  },
  memory: {
    what: 'this machine is out of memory',
    hint: 'run fewer agents at once here, or allow more memory (`ulimit -v`, the limit of the container)',
    passing: true,
  },
  files: {
    what: 'this process may not open more files',
    hint: 'allow more with `ulimit -n 4096`, or run fewer agents in one process',
    passing: true,
  },
  processes: {
    what: 'this machine starts no more processes',
    hint: 'allow more with `ulimit -u` (in a container: its pids limit), or run fewer agents at once',
    passing: true,
  },
};

/** Error codes of the system, as node names them. */
const CODES: readonly (readonly [RegExp, Want])[] = [
  [/\bE(?:NOSPC|DQUOT)\b/, 'disk'],
  [/\bEROFS\b/, 'read-only'],
  [/\bE(?:MFILE|NFILE)\b/, 'files'],
  [/\bEAGAIN\b/, 'processes'],
  [/\bENOMEM\b/, 'memory'],
  [/\bE(?:ACCES|PERM)\b/, 'permission'],
];

function failureOf(want: Want, words: string, cause?: unknown): Failure {
  const { what, hint, passing } = SAID[want];
  const message = words === '' ? what : `${what}: ${words}`;
  return new Failure('machine-unusable', message, { hint, details: passing ? { passing } : {}, cause });
}

/**
 * The failure `machine-unusable` for an error of the system while a file was written or a process started; undefined where
 * it is none that the machine is to blame for. `details.passing`: it may be over in a moment.
 */
export function machineTrouble(error: unknown): Failure | undefined {
  const message = error instanceof Error ? error.message : String(error);
  const want = CODES.find(([code]) => code.test(message))?.[1];
  return want === undefined ? undefined : failureOf(want, wordsOf(message), error);
}
