import { formatKey } from '../../../src/domain/queue/task.ts';
import { holdingsOf, whenClaimable, without } from '../branch.ts';
import type { Answer, Failed, History } from '../history.ts';

/** Words of an answer that says: what was asked for may be on the branch. */
const DOUBT = /may have landed|may have been carried out|cannot be told|Agentq-Request/;

/** An interrupted claim that could not be given back says so, and names its task. */
const KEPT = /could not be given back/;

/** A leader's look may be this much (ms) older than the call of who joins it. */
const LOOK_AGE_MS = 1_000;

export function untrueYes({ answers, commits }: History): string[] {
  return answers.flatMap(({ process, told, ids }) => {
    if (told.kind !== 'done' || told.commit === undefined) return [];
    const commit = commits.find(({ oid }) => oid === told.commit);
    if (commit === undefined) return [`${process} was told of commit ${told.commit}, which is not on the branch`];
    const { outcome } = told;
    const isOurs = commit.requests.some((request) => ids.includes(request));
    if (!isOurs) return [`${process} was told of commit ${told.commit}, which carries out nothing of its own`];
    if (outcome.kind !== 'claimed') return [];
    const task = formatKey(outcome.key);
    const index = commit.requests.indexOf(outcome.claim.claimId);
    const change = commit.changes[index];
    return change !== undefined && formatKey(change.key) === task
      ? []
      : [`${process} was told ${task}, which it has not`];
  });
}

/** Requests of the answer's process that the branch carries out and that it has not undone itself. */
function standing(answer: Answer, history: History): readonly string[] {
  const requests = history.commits.flatMap((commit) =>
    commit.requests.filter((request) => answer.ids.includes(request)),
  );
  const claims = new Map(holdingsOf(history).map((holding) => [holding.claimId, holding]));
  return [...new Set(requests)].filter((request) => {
    const holding = claims.get(request);
    if (holding?.end?.requests.some((end) => answer.ids.includes(end)) === true) return false;
    // The release of a claim of its own is the end of both.
    return ![...claims.values()].some(
      (one) => answer.ids.includes(one.claimId) && one.end?.requests.includes(request) === true,
    );
  });
}

export function untrueNo(history: History): string[] {
  return history.answers.flatMap((answer) => {
    const { told, process, command } = answer;
    if (command.kind === 'work' || command.kind === 'watch' || command.kind === 'stranger') return [];
    if (told.kind === 'done') {
      if (told.outcome.kind !== 'claimed') return [];
      const { claimId } = told.outcome.claim;
      const others = standing(answer, history).filter((request) => request !== claimId);
      return others.map((request) => `${process} was told claim ${claimId}, and ${request} is on the branch too`);
    }
    if (told.kind !== 'failed' || DOUBT.test(told.words) || KEPT.test(told.words)) return [];
    return standing(answer, history).map(
      (request) => `${process} was told ${told.code} (${told.words}), and ${request} is on the branch`,
    );
  });
}

export function failures({ answers }: History): { readonly answer: Answer; readonly told: Failed }[] {
  return answers.flatMap((answer) => (answer.told.kind === 'failed' ? [{ answer, told: answer.told }] : []));
}

export function idleDoubt(history: History): string[] {
  return failures(history).flatMap(({ answer, told }) => {
    if (!DOUBT.test(told.words)) return [];
    const { startedAt, endedAt, process } = answer;
    const isPushed = history.pushes.some(
      ({ at, what }) => at >= startedAt - LOOK_AGE_MS && at <= endedAt && (what === 'branch' || what === 'request'),
    );
    // A leader that died, or is suspended, may have pushed: who followed it cannot tell.
    const isOrphan = history.answers.some(
      (other) => other.endedAt >= startedAt && (other.told.kind === 'killed' || other.suspensions.length > 0),
    );
    // A leader on another machine that has announced a push may push after we are gone, and nobody can call it back.
    const isAnnounced = history.announced.some(
      ({ at, processes }) => at >= startedAt && at <= endedAt && processes.includes(process),
    );
    return isPushed || isOrphan || isAnnounced ? [] : [`${process} was told "${told.words}", and nothing was pushed`];
  });
}

export function namelessDoubt(history: History): string[] {
  return failures(history).flatMap(({ answer: { process, ids }, told }) =>
    DOUBT.test(told.words) && !ids.some((id) => told.words.includes(id))
      ? [`${process} was told "${told.words}", which names no request`]
      : [],
  );
}

export function untrueNothing(history: History): string[] {
  const claimable = whenClaimable(history, 1);
  return failures(history).flatMap(({ answer: { process, startedAt, endedAt }, told }) => {
    if (told.code !== 'nothing-claimable') return [];
    const empty = without({ from: startedAt, to: endedAt }, claimable);
    return empty.length > 0 ? [] : [`${process} was told "${told.words}", and there was something all the time`];
  });
}

export function paidForOthers(history: History): string[] {
  return failures(history).flatMap(({ answer, told }) => {
    const { process, command, interruptedAt, urgedAt, startedAt, endedAt } = answer;
    const says = `${process} was told ${told.code}: ${told.words}`;
    switch (told.code) {
      case 'no-failure':
      case 'internal':
        return [says];
      case 'interrupted':
        return (interruptedAt ?? urgedAt) === undefined ? [says] : [];
      case 'timed-out': {
        const timeoutMs = 'timeoutMs' in command ? command.timeoutMs : undefined;
        const waitMs = 'waitMs' in command ? command.waitMs : undefined;
        // It stops an eighth before the end, at most 2 s, to look up what became of a push.
        const isFair = (ms: number | 'ever' | undefined): boolean =>
          typeof ms === 'number' && endedAt - startedAt >= ms - Math.min(2_000, Math.max(50, ms / 8)) - 20;
        return isFair(timeoutMs) || isFair(waitMs) ? [] : [says];
      }
      default:
        return [];
    }
  });
}

export function wronglyLost(history: History): string[] {
  const holdings = holdingsOf(history);
  return failures(history).flatMap(({ answer, told }) => {
    const { command, process, ids, endedAt } = answer;
    if (!('claim' in command)) return [];
    if (told.code !== 'not-owner' && told.code !== 'claim-lost' && told.code !== 'unknown-task') return [];
    const claim = history.answers.find((one) => one.process === command.claim)?.told;
    if (claim?.kind !== 'done' || claim.outcome.kind !== 'claimed') return [];
    const { claimId } = claim.outcome.claim;
    const holding = holdings.find((one) => one.claimId === claimId);
    const isOver = holding?.to !== undefined && holding.to <= endedAt;
    const byItself = holding?.end?.requests.some((request) => ids.includes(request)) === true;
    return isOver && !byItself ? [] : [`${process} was told ${told.code}: ${told.words}`];
  });
}

/** Whoever lost a claim, to whomever, changes nothing by it any more, and is told no success. */
export function intruding(history: History): string[] {
  const holdings = holdingsOf(history);
  return history.answers.flatMap(({ process, command, told, ids }) => {
    if (told.kind !== 'done' || told.commit === undefined || !('claim' in command)) return [];
    if (['note', 'edit', 'answer', 'take'].includes(command.kind)) return [];
    const claim = history.answers.find((one) => one.process === command.claim)?.told;
    if (claim?.kind !== 'done' || claim.outcome.kind !== 'claimed') return [];
    const { claimId } = claim.outcome.claim;
    const end = holdings.find((one) => one.claimId === claimId)?.end;
    if (end === undefined || end.requests.some((request) => ids.includes(request))) return [];
    const order = history.commits.map(({ oid }) => oid);
    return order.indexOf(told.commit) < order.indexOf(end.oid)
      ? []
      : [`${process} was told ${told.outcome.kind} by ${told.commit}, and ${claimId} had ended with ${end.oid}`];
  });
}
