import { readFileSync } from 'node:fs';
import type { PoolOptions } from '../../../engine/pool/options.ts';
import type { Log } from '../../output/log.ts';

/** Open files of the process without agents, and per agent: pipes of the command, its log, and those of git. */
const OWN_FILES = 64;
const FILES_OF_AGENT = 5;

/** As many agents as the limit of open files allows: any others would only fail to start their commands. */
export function fitting(pool: PoolOptions, log: Log): PoolOptions {
  const files = openFilesLimit();
  if (files === undefined) return pool;
  const most = Math.max(1, Math.floor((files - OWN_FILES) / FILES_OF_AGENT));
  if (pool.agents.length <= most) return pool;
  log.warning(
    `this process may open ${files} files, which is enough for ${most} of ${pool.agents.length} agents: the others are not started (allow more with \`ulimit -n\`)`,
  );
  return { ...pool, agents: pool.agents.slice(0, most) };
}

/** Most files that this process may have open; undefined if the system does not say (Linux does). */
function openFilesLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
