import { given } from '../../domain/base/given.ts';
import { expectOutcome, type OutcomeOf } from '../../domain/intents/expect-outcome.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { Outcome } from '../../domain/intents/outcome.ts';
import type { FollowNotice, Queue } from '../../engine/queue/queue.ts';
import type { Submitted } from '../../engine/queue/submitted.ts';
import { type Place, placeOf } from './answers.ts';
import type { CommandContext } from './context.ts';

/** What a command asks of the queue, and what it says about the answer. */
export interface Errand<Kind extends Outcome['kind']> {
  readonly intent: (request: string) => Intent;
  /**
   * The request that the user names; undefined: a new one. A named request is looked up first: a user who was told that
   * a push may have landed must be able to ask without doing the same thing twice.
   */
  readonly request: string | undefined;
  /** Whether it is only decided and changes nothing. Absent: false. */
  readonly isDryRun?: boolean;
  /** Submits the intent, for commands that do more than submit it once. */
  readonly submit?: (() => Promise<Submitted>) | undefined;
  /** What the intent becomes when it is carried out. */
  readonly becomes: Kind;
  /** Says on stderr what became of it. */
  tell(outcome: OutcomeOf<Kind>, submitted: Submitted): void;
}

/** An errand that was carried out, with the parts that the results of all commands share. */
export interface CarriedOut<Kind extends Outcome['kind']> {
  readonly outcome: OutcomeOf<Kind>;
  readonly submitted: Submitted;
  readonly where: CommittedPlace;
  readonly how: Effort;
}

export interface CommittedPlace extends Place {
  /** null if nothing had to change, and for a dry run. */
  readonly commit: string | null;
}

export interface Effort {
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Only on a dry run, which changed nothing. */
  readonly dryRun?: true;
}

/**
 * Carries out an errand: submits the intent, lets the command say what became of it, and lets the checkout follow.
 * @throws Failure if the intent was refused or could not be carried out
 */
export async function carryOut<Kind extends Outcome['kind']>(
  queue: Queue,
  context: CommandContext,
  errand: Errand<Kind>,
): Promise<CarriedOut<Kind>> {
  const { isDryRun = false } = errand;
  const submitted = await (isDryRun
    ? (await queue.read()).rehearse(errand.intent(context.random.id()))
    : submit(queue, context, errand));
  const outcome = expectOutcome(submitted.outcome, errand.becomes);
  errand.tell(outcome, submitted);
  const { commit, commits, attempts, elapsedMs } = submitted;
  const all = commits?.map((one) => one.commit) ?? (commit === undefined ? [] : [commit]);
  if (all.length > 0) await followCheckout(queue, context, ...all);
  return {
    outcome,
    submitted,
    where: { ...placeOf(queue), ...given({ branch: submitted.branch }), commit: commit ?? null },
    how: { attempts, elapsedMs, ...given({ dryRun: isDryRun ? (true as const) : undefined }) },
  };
}

/** Lets the checkout follow what was pushed, if the user wants that. Says why if it did not. */
export async function followCheckout(
  queue: Queue,
  context: CommandContext,
  ...commits: readonly string[]
): Promise<FollowNotice> {
  const notice = await queue.follow(commits);
  if (notice.kind === 'skipped' && notice.reason !== undefined) {
    context.log.info(`the checkout was not updated: ${notice.reason}`);
  }
  return notice;
}

function submit(
  queue: Queue,
  context: CommandContext,
  { intent, request, submit }: Pick<Errand<Outcome['kind']>, 'intent' | 'request' | 'submit'>,
): Promise<Submitted> {
  if (submit !== undefined) return submit();
  if (request === undefined) return queue.submit(intent(context.random.id()));
  return queue.submit(intent(request), { again: true });
}
