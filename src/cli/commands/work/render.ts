import { describeLeft, type NothingClaimable } from '../../../domain/base/claimable.ts';
import { EXIT_CODES } from '../../output/exit-codes.ts';
import type { WorkedTask, WorkResult } from './result.ts';

/** Most tasks that the last line names. */
const MOST_NAMED = 5;

/** Nothing: each task was printed when it was done. */
export function render(): string {
  return '';
}

/** A lost claim is not a failure, unless there was nothing else to do. */
export function exitCode({ failed, deferred, lost, completed, inReview, once }: WorkResult): number {
  if (failed > 0 || deferred > 0) return EXIT_CODES['command-failed'];
  return lost > 0 && (once || completed + inReview === 0) ? EXIT_CODES['claim-lost'] : 0;
}

/**
 * How a pool ended, in one line: what was done, what was not, what is left and what that waits for.
 * @param why the answer to the last claim; undefined if the pool ended for another reason
 */
export function describeEnding(result: WorkResult, code: number, why: NothingClaimable | undefined): string {
  const { completed, inReview, asked, failed, lost, givenBack } = result;
  const counts = [
    `${completed} completed`,
    ...rest(inReview, 'in review'),
    ...rest(asked, 'asked about'),
    `${failed} failed`,
    ...rest(lost, 'lost'),
    ...rest(givenBack, 'given back'),
  ];
  const undone = notDone(result.tasks);
  const named = undone.slice(0, MOST_NAMED).map(({ project, task, reason }) => `${project}/${task} ${reason}`);
  const more = undone.length > MOST_NAMED ? [`and ${undone.length - MOST_NAMED} more`] : [];
  const parts = [counts.join(', '), ...(named.length === 0 ? [] : [[...named, ...more].join(', ')])];
  return `ended with exit code ${code}: ${[...parts, ...(why === undefined ? [] : [describeLeft(why)])].join('; ')}`;
}

function rest(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}

/** Tasks that no agent of this process has completed, each with what became of the last try. */
function notDone(tasks: readonly WorkedTask[]): WorkedTask[] {
  const last = new Map<string, WorkedTask>();
  for (const task of tasks) last.set(`${task.project}/${task.task}`, task);
  return [...last.values()].filter(({ outcome, reason }) => reason !== null && outcome !== 'review');
}
