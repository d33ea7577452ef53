import type { FailureCode } from '../../../src/domain/base/failure.ts';
import { holdingsOf } from '../branch.ts';
import { AFTERWARDS, type History } from '../history.ts';
import { failures } from './answers.ts';

/** How a command ends that has no time left to tidy up. */
const CUT_OFF: ReadonlySet<string> = new Set<FailureCode>(['timed-out', 'interrupted']);

/** One clone may find out by trying that refs cannot be deleted. */
export function leftRefs({ answers, refsLeft, server, machines }: History): string[] {
  if (server.neverCalm) return [];
  // What a server hides only its owner can take back, and nobody where the server was away just then.
  if (server.hides && server.trouble.length > 0) return [];
  const allowed = server.deletes ? 0 : machines + 1;
  // What a server hides only its owner can take back: one that is killed, or out of time, leaves it.
  const cut = answers.filter(
    ({ told }) => told.kind === 'killed' || (told.kind === 'failed' && CUT_OFF.has(told.code)),
  );
  return refsLeft.length <= allowed + (server.hides ? cut.length : 0)
    ? []
    : [`${refsLeft.length} refs are left: ${refsLeft.slice(0, 3).join(', ')}`];
}

export function leftByPools(history: History): string[] {
  return history.answers.flatMap(({ process, told, ids, endedAt }) => {
    if (told.kind !== 'pool') return [];
    const said = `${told.unsettled} ${told.failure ?? ''}`;
    return holdingsOf(history)
      .filter(({ claimId, to }) => ids.includes(claimId) && (to === undefined || to > endedAt))
      .filter(({ task, claimId }) => !said.includes(task) && !said.includes(claimId))
      .map(({ task, claimId }) => `${process} ended, and ${task} stays claimed by ${claimId}`);
  });
}

/** When everything is over, whoever comes can claim, or is told that there is nothing. */
export function stuck(history: History): string[] {
  if (history.server.neverCalm) return [];
  return failures(history).flatMap(({ answer: { process }, told }) =>
    AFTERWARDS.some((name) => name === process) && told.code !== 'nothing-claimable'
      ? [`${process} was told ${told.code}: ${told.words}`]
      : [],
  );
}
