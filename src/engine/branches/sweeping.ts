import { Failure } from '../../domain/base/failure.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { Outcome } from '../../domain/intents/outcome.ts';
import type { Submitted } from '../queue/submitted.ts';
import { requestOn, type SweepingIntent } from './routes.ts';

/**
 * Carries out an intent about all projects on each branch, one after the other, and answers for all. Each part has a
 * request of its own that follows from the first, so that the intent can be submitted again.
 * @param branches the main one first; one that does not exist is left out
 * @throws Failure of a part; it says on which branches the intent was carried out before
 */
export async function onEach(
  intent: SweepingIntent,
  branches: readonly string[],
  send: (branch: string, part: Intent) => Promise<Submitted>,
): Promise<Submitted> {
  const done: { readonly branch: string; readonly submitted: Submitted }[] = [];
  for (const [index, branch] of branches.entries()) {
    const request = index === 0 ? intent.request : requestOn(branch, intent.request);
    try {
      done.push({ branch, submitted: await send(branch, { ...intent, request, here: true }) });
    } catch (error) {
      if (index > 0 && error instanceof Failure && error.code === 'branch-missing') continue;
      throw error instanceof Failure ? afterSome(error, intent, branch, done) : error;
    }
  }
  return joined(done.map(({ submitted }) => submitted));
}

/** The failure of one branch when others are done: what is done must be said, and that the same again does the rest. */
function afterSome(
  { code, message, hint, details }: Failure,
  { request }: SweepingIntent,
  branch: string,
  done: readonly { readonly branch: string }[],
): Failure {
  const names = done.map((one) => one.branch).join(', ');
  const where = done.length === 0 ? `on ${branch}` : `on ${branch}; done on ${names}`;
  const again = `run the same again with --request ${request}`;
  return new Failure(code, `${message} (${where})`, {
    details: { ...details, branch, done: done.map((one) => one.branch) },
    hint: hint === undefined ? again : `${hint}; ${again}`,
  });
}

/** One answer for all branches. */
export function joined(all: readonly Submitted[]): Submitted {
  const [first] = all;
  if (first === undefined) throw new Error('an intent was carried out nowhere');
  return {
    ...first,
    outcome: all.map(({ outcome }) => outcome).reduce(together),
    commit: all.find(({ commit }) => commit !== undefined)?.commit,
    attempts: Math.max(...all.map(({ attempts }) => attempts)),
    rejectedPushes: all.reduce((sum, one) => sum + one.rejectedPushes, 0),
    elapsedMs: all.reduce((sum, one) => sum + one.elapsedMs, 0),
  };
}

function together(one: Outcome, other: Outcome): Outcome {
  if (one.kind === 'unblocked' && other.kind === 'unblocked') {
    return { ...one, tasks: [...one.tasks, ...other.tasks] };
  }
  if (one.kind === 'released-stalled' && other.kind === 'released-stalled') {
    return { ...one, tasks: [...one.tasks, ...other.tasks] };
  }
  throw new Error(`${one.kind} and ${other.kind} are no one answer`);
}
