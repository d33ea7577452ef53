import { Failure } from '../../domain/base/failure.ts';
import type { ClaimIntent } from '../../domain/intents/intent.ts';
import { priorityOf } from '../../domain/queue/ordering.ts';
import { QueueState } from '../../domain/queue/queue-state.ts';
import type { QueueSnapshot } from '../../domain/queue/snapshot.ts';
import { matches } from '../../domain/rules/filter.ts';
import { failureOf } from '../base/refusal.ts';
import { unansweredIn } from '../base/unanswered.ts';
import type { Submitted } from '../queue/submitted.ts';
import type { Choice } from './reading.ts';
import { narrowed } from './routes.ts';

/** What claims from any branch work with. */
export interface ClaimingParts {
  /** Looks at all branches once, and decides the claims on what they hold. */
  decide(intents: readonly ClaimIntent[]): Promise<Choice>;
  /** Submits the claim on a branch. */
  send(branch: string, intent: ClaimIntent): Promise<Submitted>;
  /** Races that may be lost before giving up. */
  readonly maxRetries: number;
}

/** A claim that waits for its place. */
interface Asking {
  readonly intent: ClaimIntent;
  resolve(place: Place): void;
  reject(error: unknown): void;
}

/** Where the best task is. */
interface Place {
  readonly branch: string;
  readonly project: string;
  /** The priority of the best task of other projects; undefined: there is none. */
  readonly floor: number | undefined;
}

/**
 * Claims of agents that take any project: each gets the best task of all branches. The branch that has it is asked for
 * it. If others were faster, all branches are looked at again. The claims of this process share their looks, and are
 * decided together, so that two agents do not want the same task.
 */
export class Claiming {
  readonly #parts: Omit<ClaimingParts, 'send'>;
  #asking: Asking[] = [];
  #isDeciding = false;

  constructor(parts: Omit<ClaimingParts, 'send'>) {
    this.#parts = parts;
  }

  /** @throws Failure `nothing-claimable` with what is in the way on all branches; what submitting throws */
  async claim(intent: ClaimIntent, send: ClaimingParts['send']): Promise<Submitted> {
    const { maxRetries } = this.#parts;
    let rejected = 0;
    for (let round = 0; ; round++) {
      const { branch, project, floor } = await this.#place(intent);
      try {
        const submitted = await send(branch, narrowed(intent, { project }, floor));
        rejected += submitted.rejectedPushes;
        return { ...submitted, attempts: submitted.attempts + round, rejectedPushes: rejected };
      } catch (error) {
        if (!isTaken(error) || unansweredIn(error, intent.request) !== undefined) throw error;
        if (round >= maxRetries) throw tooFast(round + 1);
      }
    }
  }

  #place(intent: ClaimIntent): Promise<Place> {
    return new Promise((resolve, reject) => {
      this.#asking.push({ intent, resolve, reject });
      if (!this.#isDeciding) void this.#decideAll();
    });
  }

  /** A claim that comes while others are being decided is decided with the next look. */
  async #decideAll(): Promise<void> {
    this.#isDeciding = true;
    // Those who ask in the same turn share the first look.
    await Promise.resolve();
    while (this.#asking.length > 0) {
      const asking = this.#asking;
      this.#asking = [];
      try {
        const choice = await this.#parts.decide(asking.map(({ intent }) => intent));
        for (const [index, one] of asking.entries()) settle(one, choice, index);
      } catch (error) {
        for (const { reject } of asking) reject(error);
      }
    }
    this.#isDeciding = false;
  }
}

function settle({ intent, resolve, reject }: Asking, { decided, snapshot, ownership }: Choice, index: number): void {
  const decision = decided.decisions[index];
  if (decision === undefined) reject(new Error('a claim was not decided'));
  else if (decision.kind === 'refused') reject(failureOf(decision.refusal));
  else if (decision.outcome.kind !== 'claimed') reject(new Error(`a claim became ${decision.outcome.kind}`));
  else {
    const { project } = decision.outcome.key;
    const floor = project === intent.prefer ? undefined : bestElsewhere(snapshot, intent, project);
    resolve({ branch: ownership.branchOf(project), project, floor });
  }
}

/** The priority of the best task that the claim could have of another project. */
function bestElsewhere(snapshot: QueueSnapshot, { filter }: ClaimIntent, project: string): number | undefined {
  for (const entry of new QueueState(snapshot).claimableInOrder()) {
    // What is paused is not among these.
    if (entry.key.project !== project && matches(entry, filter)) return priorityOf(entry);
  }
  return undefined;
}

/** Whether others were faster, or the project has moved. */
function isTaken(error: unknown): boolean {
  if (!(error instanceof Failure)) return false;
  return ['nothing-claimable', 'other-branch', 'unknown-project', 'branch-missing'].includes(error.code);
}

function tooFast(times: number): Failure {
  return new Failure('retries-exhausted', `others were faster ${times} times in a row`, {
    hint: 'nothing was changed; try again, or allow more with --max-retries',
  });
}
