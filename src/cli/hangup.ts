import { closeSync, readFileSync, readlinkSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Whether this process was started with SIGHUP ignored (`nohup`), so that SIGHUP must not end it.
 *
 * Node resets inherited ignored signals before any of our code runs, so this looks for traces that `nohup` and shells
 * leave. It is asked only when a SIGHUP has come: it adds nothing to start-up.
 */
export function isHangupIgnored(process: NodeJS.Process): boolean {
  return startedByNohup(process.env) || hasInputOfNohup() || isIgnoredBy(process.ppid);
}

/** Shells put the program that they start into `_`, and `nohup` then becomes the program it was given. */
function startedByNohup(env: NodeJS.ProcessEnv): boolean {
  return /(?:^|\/)nohup$/.test(env._ ?? '');
}

/** GNU `nohup` alone replaces a terminal by an input that cannot be read. Linux shows that. */
function hasInputOfNohup(): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(textOf('/proc/self/fdinfo/0'))?.[1];
  if (flags === undefined || (Number.parseInt(flags, 8) & ACCESS_MODE) !== WRITE_ONLY) return false;
  try {
    return readlinkSync('/proc/self/fd/0') === '/dev/null';
  } catch {
    return false;
  }
}

const ACCESS_MODE = 3;
const WRITE_ONLY = 1;

/** A parent that ignores SIGHUP (a script under `nohup`, or `trap "" HUP`) passed that on. Linux shows it. */
function isIgnoredBy(pid: number): boolean {
  if (pid <= 1) return false;
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1];
  // The lowest bit is signal 1.
  return mask !== undefined && (Number.parseInt(mask.slice(-1), 16) & 1) === 1;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/**
 * Lets the process end normally if its terminal has gone in the meantime. At exit, node restores the state of
 * terminals, and dies of SIGSEGV if that fails; it skips those that are closed.
 */
export function outliveTerminal(process: NodeJS.Process): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  if (terminals.length === 0) return;
  process.once('exit', () => {
    for (const fd of terminals.filter((one) => !isatty(one))) closeSync(fd);
  });
}
