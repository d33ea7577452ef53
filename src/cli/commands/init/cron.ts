import { dirname } from 'node:path';

export interface CronJob {
  /** The program and its first arguments, with full paths: cron knows no other. */
  readonly program: readonly string[];
  /** A clone; a full path. */
  readonly dir: string;
  /** undefined: the default, which needs no option. */
  readonly branch: string | undefined;
  readonly remote: string | undefined;
}

/**
 * A line for a crontab that gives back stalled tasks. It works as it is, although cron has a PATH of two folders,
 * starts in the home folder, and takes `%` for a line break.
 */
export function cronLine({ program, dir, branch, remote }: CronJob): string {
  const folders = new Set([dirname(program[0] ?? '/usr/bin/node'), '/usr/local/bin', '/usr/bin', '/bin']);
  const options = [
    ...(branch === undefined ? [] : ['--branch', branch]),
    ...(remote === undefined ? [] : ['--remote', remote]),
  ];
  const words = [...program, '-C', dir, '-q', 'release-stalled', ...options].map(quoted);
  const command = `PATH=${quoted([...folders].join(':'))} ${words.join(' ')}`;
  return `*/10 * * * * ${command.replaceAll('%', '\\%')}`;
}

function quoted(word: string): string {
  return /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
