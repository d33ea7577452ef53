import { Failure } from '../../domain/base/failure.ts';
import { shortLines, wordsOf } from './words.ts';

/** What this machine lacks. */
type Want = 'disk' | 'read-only' | 'permission' | 'memory' | 'files' | 'processes';

const SAID: Readonly<Record<Want, { readonly what: string; readonly hint: string; readonly passing: boolean }>> = {
  disk: {
    what: 'the disk of this machine is full',
    hint: 'free some space (`df -h` and `quota` show where), then run the same command again',
    passing: true,
  },
  'read-only': {
    what: 'the file system is read-only',
    hint: 'agentq must write objects into the git directory: mount it writable, or use another clone with -C <dir>',
    passing: false,
  },
  permission: {
    what: 'this user has no permission to write here',
    hint: 'check who owns the files here and in the git directory (was a command run as root?), or use another clone with -C <dir>',
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
    what: 'this machine cannot start more processes',
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
  return new Failure('machine-unusable', message, {
    hint,
    details: { lacks: want, ...(passing ? { passing } : {}) },
    cause,
  });
}

/**
 * The failure `machine-unusable` for a system error while a file was written or a process started; undefined if the
 * machine is not to blame. `details.passing`: it may pass in a moment.
 */
export function machineTrouble(error: unknown): Failure | undefined {
  const message = error instanceof Error ? error.message : String(error);
  const want = CODES.find(([code]) => code.test(message))?.[1];
  return want === undefined ? undefined : failureOf(want, wordsOf(message), error);
}

/**
 * As {@link machineTrouble} and {@link localTrouble}, for anything that was thrown: a system error, or the error of a
 * git command with its `stderr`. undefined if it blames neither this machine nor this clone.
 */
export function troubleIn(error: unknown): Failure | undefined {
  if (error instanceof Failure) return undefined;
  const stderr = error instanceof Error && 'stderr' in error ? error.stderr : undefined;
  if (typeof stderr === 'string') return localTrouble(stderr);
  // Only a code from the system counts, not an error code in some text.
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? machineTrouble(error) : undefined;
}

/** What git says about the machine, on lines of its own. */
const MACHINE: readonly (readonly [RegExp, Want])[] = [
  [/No space left on device|Disk quota exceeded/, 'disk'],
  [/Read-only file system/, 'read-only'],
  [/Too many open files/, 'files'],
  [/(?:fork|thread|spawn|start|run)\b.*: Resource temporarily unavailable/, 'processes'],
  [/\bout of memory\b|Cannot allocate memory|git was ended by SIGKILL/i, 'memory'],
  [
    /insufficient permission for adding an object|(?:unable|not|cannot|failed)\b.*: (?:Permission denied|Operation not permitted)$/,
    'permission',
  ],
];

/** Objects that are missing: pruned, or never fetched. They can be fetched again. */
const MISSING =
  /bad (?:tree )?object [0-9a-f]{40}|missing (?:blob|tree|commit)|[Uu]nable to (?:read|find)(?: tree)? \(?[0-9a-f]{40}|Could not read [0-9a-f]{40}|Failed to traverse parents|[Oo]bject not found|not a valid commit|[Bb]lob not found|object [0-9a-f]{40,64} is missing/i;

/** Objects that exist but cannot be read. */
const CORRUPT =
  /is corrupt|inflate: data stream error|object file .* is empty|unable to unpack [0-9a-f]{40}|hash mismatch|garbage at end of loose object|packfile .* (?:cannot be accessed|is far too short|does not match)|index file .* (?:is too small|corrupt)|unable to parse (?:commit|tree)|object corrupt or missing|bad object header/;

/** Lines about a server (one on this machine may omit `remote:`), about the connection to it, and about helpers. */
const NOT_OURS =
  /\s\(?(?:stored in )?\.\/objects\/|^(?:remote: |error: remote unpack failed|!|ssh: )|unable to (?:access '|connect|look up)|cannot (?:run|exec) /;

/**
 * The failure for what git says about this machine or this clone: `machine-unusable` or `repository-damaged`, with a
 * hint what to do; undefined if it says nothing about them. Words of the remote (`remote: ...`) are ignored.
 * `details.passing`: the same may succeed a moment later, once there is room again, or once missing objects were
 * fetched. Pure.
 */
export function localTrouble(stderr: string): Failure | undefined {
  const all = shortLines(stderr);
  const said = new Set(all.flatMap((line) => (line.startsWith('remote: ') ? [line.slice(8).trim()] : [])));
  const lines = all.filter((line) => !NOT_OURS.test(line) && !said.has(line.trim()));
  for (const [pattern, want] of MACHINE) {
    const line = lines.find((each) => pattern.test(each));
    if (line !== undefined) return failureOf(want, wordsOf(line));
  }
  const corrupt = lines.filter((line) => CORRUPT.test(line));
  if (corrupt.length > 0) return damagedClone(wordsOf(corrupt.join('\n')));
  const missing = lines.filter((line) => MISSING.test(line));
  return missing.length > 0 ? prunedClone(wordsOf(missing.join('\n'))) : undefined;
}

/** The failure for a clone with an object that cannot be read. */
export function damagedClone(words: string, details: Readonly<Record<string, unknown>> = {}): Failure {
  return new Failure('repository-damaged', `this clone is damaged: ${words}`, {
    hint: 'see `git fsck --full`; the quickest solution is a fresh clone',
    details,
  });
}

/** As {@link damagedClone}, for objects that are missing: they are fetched again. */
export function prunedClone(words: string, details: Readonly<Record<string, unknown>> = {}): Failure {
  return new Failure('repository-damaged', `objects are missing in this clone: ${words}`, {
    hint: 'was it pruned meanwhile (`git gc --prune=now`)? run the same command again; if that does not help, see `git fsck --full` or make a fresh clone',
    details: { passing: true, ...details },
  });
}
