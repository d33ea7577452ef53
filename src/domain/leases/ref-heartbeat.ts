import { agentProblem, projectProblem, taskIdProblem } from '../base/names.ts';
import { formatKey, type TaskKey } from '../queue/task.ts';
import { parseTime } from './staleness.ts';

/**
 * Where agents renew their claims in pools with `heartbeat = ref`; `git branch` and a normal clone never see these
 * refs. Older versions had one ref per agent directly below; those are still read.
 */
export const HEARTBEATS: string = 'refs/agentq/heartbeats/';

/** States that an agent was still working on a task at a certain time. */
export interface Beat {
  readonly agent: string;
  readonly task: TaskKey;
  /** Absent if an older script made the claim. */
  readonly claimId?: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Most lines of a heartbeat that are read: enough for a pool in one process. */
const MOST_LINES = 5_000;

/**
 * The blob that the refs of these claims point at, one for all of them: a line
 * `<time> <agent> <project>/<task> <claim id>` for each. It names the claim and not only the agent: an agent that was
 * killed and started again must not keep its old claim alive.
 */
export function formatBeats(beats: readonly Beat[]): string {
  return beats.map(({ at, agent, task, claimId = '-' }) => `${at} ${agent} ${formatKey(task)} ${claimId}\n`).join('');
}

/** Reads the blob of a heartbeat ref. Anybody who can push can write one, so other lines are skipped. */
export function parseBeats(text: string): Beat[] {
  const beats: Beat[] = [];
  for (const line of text.split('\n', MOST_LINES)) {
    const [at = '', agent = '', task = '', claimId = '', more] = line.split(' ');
    const [project = '', id = '', deeper] = task.split('/');
    if (more !== undefined || deeper !== undefined || !/^[\w-]{1,100}$/.test(claimId)) continue;
    if (parseTime(at) === undefined || agentProblem(agent) || projectProblem(project) || taskIdProblem(id)) continue;
    beats.push({ at, agent, task: { project, id }, ...(claimId === '-' ? {} : { claimId }) });
  }
  return beats;
}

/** When each claim was last renewed (ms since the epoch), by {@link claimName}. */
export function newestBeats(beats: Iterable<Beat>): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { agent, task, claimId, at } of beats) {
    const name = claimName(agent, task, claimId);
    newest.set(name, Math.max(newest.get(name) ?? 0, parseTime(at) ?? 0));
  }
  return newest;
}

/** Names one claim among all. */
export function claimName(agent: string, task: TaskKey, claimId: string | undefined): string {
  return `${agent} ${formatKey(task)} ${claimId ?? '-'}`;
}
