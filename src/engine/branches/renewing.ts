import type { HeartbeatIntent } from '../../domain/intents/intent.ts';
import type { SubmitOptions } from '../queue/queue.ts';
import type { Renewal } from '../queue/renewal.ts';
import type { Submitted } from '../queue/submitted.ts';
import { concernsOthers } from './branch-map.ts';
import type { BranchQueues } from './queues.ts';

/**
 * Renews claims on several branches: those of one branch together. What turns out to live elsewhere, or names no
 * project, is renewed by itself.
 * @param alone routes one heartbeat
 * @returns one answer per intent, in their order
 */
export async function renewEverywhere(
  queues: BranchQueues,
  intents: readonly HeartbeatIntent[],
  options: SubmitOptions | undefined,
  alone: (intent: HeartbeatIntent) => Promise<Submitted>,
): Promise<readonly Renewal[]> {
  const groups = new Map<string, HeartbeatIntent[]>();
  const answers = new Map<HeartbeatIntent, Renewal>();
  for (const intent of intents) {
    const { project } = intent.task;
    if (project === undefined) continue;
    const branch = queues.map.ownership.branchOf(project);
    groups.set(branch, [...(groups.get(branch) ?? []), intent]);
  }
  await Promise.all(
    [...groups].map(async ([branch, group]) => {
      const renewals = await queues.of(branch).renew(group, options);
      for (const [index, renewal] of renewals.entries()) {
        const intent = group[index];
        const isElsewhere = renewal.kind === 'failed' && concernsOthers(renewal.error);
        if (intent !== undefined && !isElsewhere) answers.set(intent, renewal);
      }
    }),
  );
  await Promise.all(
    intents
      .filter((intent) => !answers.has(intent))
      .map(async (intent) => answers.set(intent, await answerOf(alone(intent)))),
  );
  return intents.map((intent) => answers.get(intent) ?? { kind: 'failed', error: new Error('no answer') });
}

function answerOf(submitting: Promise<Submitted>): Promise<Renewal> {
  return submitting.then(
    (submitted): Renewal => ({ kind: 'renewed', submitted }),
    (error: unknown): Renewal => ({ kind: 'failed', error }),
  );
}
