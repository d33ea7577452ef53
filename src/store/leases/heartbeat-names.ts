import { createHash } from 'node:crypto';
import { type Beat, HEARTBEATS } from '../../domain/leases/ref-heartbeat.ts';
import { formatKey } from '../../domain/queue/task.ts';

/** Names of refs stay below this length (bytes): GitHub allows 255 for the whole name. */
const LONGEST_REF = 200;

/**
 * The ref of a claim: `refs/agentq/heartbeats/_<branch>/<agent>/<claim>`. No agent id begins with `_`, so no ref of the
 * older form, one per agent, is a folder of these. An agent id may end as no ref may (`.`, `.lock`). A name that would
 * be too long is hashed, and so is a claim without an id of its own.
 */
export function heartbeatRef(branchRef: string, { agent, task, claimId }: Omit<Beat, 'at'>): string {
  const folder = `${HEARTBEATS}_${branchKey(branchRef)}/`;
  const isPlain = claimId !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(claimId);
  const holder = isPlain ? claimId : `_${digest(`${formatKey(task)} ${claimId ?? ''}`)}`;
  const ref = `${folder}${agent.replace(/\.(lock)?$/i, '%2E$1')}/${holder}`;
  return Buffer.byteLength(ref) <= LONGEST_REF ? ref : `${folder}_${digest(agent)}/${holder}`;
}

/** Names a branch in refs beside it. */
export function branchKey(branchRef: string): string {
  return digest(branchRef).slice(0, 11);
}

/** Lower case, for servers with file systems that ignore case. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
