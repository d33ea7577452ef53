import { closeSync, readFileSync, readlinkSync } from 'node:fs';
import { isatty } from 'node:tty';

/**
 * Whether we were started with SIGHUP ignored (`nohup`), so that it must not end us.
 *
 * Node takes what it inherits of ignored signals away before any of our code runs, so what is left to see is what `nohup`
 * and shells leave behind. Asked only when a SIGHUP has come: it costs a start nothing.
 */
export function isHangupIgnored(process: NodeJS.Process): boolean {
  return startedByNohup(process.env) || hasInputOfNohup() || isIgnoredBy(process.ppid);
}

/** Shells name the program that they start, and `nohup` becomes that which it was given. */
function startedByNohup(env: NodeJS.ProcessEnv): boolean {
  return /(?:^|\/)nohup$/.test(env._ ?? '');
}

/** In the place of a terminal, GNU's `nohup` gives an input that cannot be read: nobody else does. Linux shows that. */
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

/** A parent that ignores it (a script under `nohup`, or `trap "" HUP`) has had us inherit that. Linux shows it. */
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
 * Lets the process end in order when its terminal has gone meanwhile. Node sets terminals back to what they were when it
 * ends, and dies of SIGSEGV where that fails: what was closed it leaves out.
 */
export function outliveTerminal(process: NodeJS.Process): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  if (terminals.length === 0) return;
  process.once('exit', () => {
    for (const fd of terminals.filter((one) => !isatty(one))) closeSync(fd);
  });
}
