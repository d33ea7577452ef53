import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { AgentqProcess } from '../domain/health/machine.ts';

/** How many folders above its file are searched for the package of a program. */
const MOST_FOLDERS = 3;

/** A release of the kit says its version in its name. */
const RELEASE = /^agentq-(\d+\.\d+\.\d+(?:-[\w.-]+)?)\.cjs$/;

/**
 * The other processes of this user that run agentq. A version is what is on the disk now: a package may have been
 * installed again since a process was started from it.
 * @returns undefined if the system does not show processes: only Linux does
 */
export function agentqProcesses(): readonly AgentqProcess[] | undefined {
  let names: readonly string[];
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  if (names.length === 0) return undefined;
  return names.flatMap((name): AgentqProcess[] => {
    const pid = Number(name);
    const file = pid === process.pid ? undefined : programOf(name);
    return file === undefined ? [] : [{ pid, version: versionOf(file) }];
  });
}

/** The file of agentq that the process runs; undefined: it runs something else, or is not ours. */
function programOf(pid: string): string | undefined {
  try {
    if (statSync(`/proc/${pid}`).uid !== process.getuid?.()) return undefined;
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    if (!/^(?:node|nodejs|agentq)/.test(basename(program))) return undefined;
    const script = args.find((arg) => arg !== '' && !arg.startsWith('-'));
    if (script === undefined) return undefined;
    const path = realpathSync(resolve(readlinkSync(`/proc/${pid}/cwd`), script));
    return isAgentq(path) ? path : undefined;
  } catch {
    // It has ended, or is not ours to look at.
    return undefined;
  }
}

function isAgentq(path: string): boolean {
  const name = basename(path);
  return RELEASE.test(name) || /^agentq(?:\.[cm]?js)?$/.test(name);
}

function versionOf(path: string): string | undefined {
  const released = RELEASE.exec(basename(path))?.[1];
  if (released !== undefined) return released;
  let folder = dirname(path);
  for (let count = 0; count < MOST_FOLDERS; count++, folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      if (name === 'agentq' && typeof version === 'string') return version;
    } catch {
      // There is none here.
    }
  }
  return undefined;
}
