import type { Queue } from '../../engine/queue/queue.ts';
import { isRunning } from '../../git/process/kill-tree.ts';
import type { Environment } from '../output/io.ts';
import { ownMachine } from './own-presence.ts';

/** Whether another process works under this agent id: on another machine, or a living one of this machine. */
export async function isAtWorkElsewhere(
  queue: Pick<Queue, 'registry'>,
  agent: string,
  env: Environment,
): Promise<boolean> {
  const { machineId } = ownMachine(env);
  const signedIn = await (await queue.registry()).read();
  return signedIn.some(({ signIn, isFresh }) => {
    if (!signIn.agents.includes(agent)) return false;
    return signIn.machineId === machineId ? signIn.pid !== process.pid && isRunning(signIn.pid) : isFresh;
  });
}
