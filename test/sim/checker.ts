import { formatKey } from '../../src/domain/task.ts';
import { holdingsOf, overlap, whenClaimable, whenHeld, without } from './branch.ts';
import { AFTERWARDS, type Answer, type Failed, type History } from './history.ts';
import type { Span } from './process.ts';

/** A guarantee, and whatever in a history breaks it, a line each. */
export interface Rule {
  readonly name: RuleName;
  readonly broken: (history: History) => readonly string[];
}

export type RuleName =
  | 'conservation'
  | 'one commit per intent'
  | 'one owner'
  | 'yes is on the branch'
  | 'no is not on the branch'
  | 'doubt has a reason'
  | 'doubt names the request'
  | 'nothing claimable'
  | 'answered in time'
  | 'bounded tries'
  | 'no refs left'
  | 'nobody pays for others'
  | 'only owners lose'
  | 'living claims stay'
  | 'nobody sleeps'
  | 'pools leave nothing'
  | 'work goes on';

/** Words of an answer that says: what was asked for may be on the branch. */
const DOUBT = /may have landed|may have been carried out|cannot be told|Agentq-Request/;

/** An interrupted claim that could not be given back says so, and names its task. */
const KEPT = /could not be given back/;

/** How long (ms) after its deadline a command may still take: git is ended, and the answer made. */
const DEADLINE_SLACK_MS = 12_000;

/** The same after an interrupt: a push is seen through for 10 s, and a claim that landed is given back. */
const INTERRUPT_SLACK_MS = 25_000;

/** A pool that was told to end at once. */
const URGENT_SLACK_MS = 40_000;

/** Whoever waits looks at least every 36 s, and claims then; a leader that hangs is left after a minute. */
const WAKE_UP_MS = 110_000;

/** What one request may take: tries, publishing, taking it back. */
const PUSHES_PER_REQUEST = 45;

/** A leader's look may be so much (ms) older than the call of who joins it. */
const LOOK_AGE_MS = 1_000;

export const RULES: readonly Rule[] = [
  { name: 'conservation', broken: unconserved },
  { name: 'one commit per intent', broken: repeated },
  { name: 'one owner', broken: shared },
  { name: 'yes is on the branch', broken: untrueYes },
  { name: 'no is not on the branch', broken: untrueNo },
  { name: 'doubt has a reason', broken: idleDoubt },
  { name: 'doubt names the request', broken: namelessDoubt },
  { name: 'nothing claimable', broken: untrueNothing },
  { name: 'answered in time', broken: late },
  { name: 'bounded tries', broken: unbounded },
  { name: 'no refs left', broken: leftRefs },
  { name: 'nobody pays for others', broken: paidForOthers },
  { name: 'only owners lose', broken: wronglyLost },
  { name: 'living claims stay', broken: takenAlive },
  { name: 'nobody sleeps', broken: asleep },
  { name: 'pools leave nothing', broken: leftByPools },
  { name: 'work goes on', broken: stuck },
];

/** What of the guarantees does not hold, `rule: what happened` each. Pure. */
export function check(history: History): readonly { readonly rule: RuleName; readonly what: string }[] {
  return RULES.flatMap(({ name, broken }) => broken(history).map((what) => ({ rule: name, what })));
}

function unconserved({ commits, firstTasks }: History): string[] {
  const paths = new Map(firstTasks);
  return commits.flatMap(({ oid, changes, created }) => {
    const wrong: string[] = [];
    for (const { key, fromPath, toPath } of changes) {
      const task = formatKey(key);
      if (paths.get(task) !== fromPath) wrong.push(`${oid}: ${task} was at ${paths.get(task)}, not at ${fromPath}`);
      paths.set(task, toPath);
    }
    for (const { task, path } of created) {
      if (paths.has(task)) wrong.push(`${oid}: ${task} is made a second time`);
      paths.set(task, path);
    }
    return wrong;
  });
}

function repeated({ commits }: History): string[] {
  const seen = new Map<string, string>();
  return commits.flatMap(({ oid, requests }) =>
    requests.flatMap((request) => {
      const before = seen.get(request);
      seen.set(request, oid);
      // A commit of several tasks names its request once for each.
      return before === undefined || before === oid ? [] : [`request ${request} is in ${before} and in ${oid}`];
    }),
  );
}

function shared(history: History): string[] {
  const claims = new Map<string, string>();
  const wrong: string[] = [];
  for (const { process, told } of history.answers) {
    if (told.kind !== 'done' || told.outcome.kind !== 'claimed') continue;
    const { claimId } = told.outcome.claim;
    const other = claims.get(claimId);
    if (other !== undefined) wrong.push(`${other} and ${process} were both told claim ${claimId}`);
    claims.set(claimId, process);
  }
  const holdings = holdingsOf(history);
  for (const { task, claimId, from } of holdings) {
    const twice = holdings.filter((one) => one.task === task && one.from <= from && (one.to ?? Infinity) > from);
    if (twice.some((one) => one.claimId !== claimId)) wrong.push(`${task} is claimed by two at ${from}`);
  }
  return wrong;
}

function untrueYes({ answers, commits }: History): string[] {
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

function untrueNo(history: History): string[] {
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

function failures({ answers }: History): { readonly answer: Answer; readonly told: Failed }[] {
  return answers.flatMap((answer) => (answer.told.kind === 'failed' ? [{ answer, told: answer.told }] : []));
}

function idleDoubt(history: History): string[] {
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
    return isPushed || isOrphan ? [] : [`${process} was told "${told.words}", and nothing was pushed`];
  });
}

function namelessDoubt(history: History): string[] {
  return failures(history).flatMap(({ answer: { process, ids }, told }) =>
    DOUBT.test(told.words) && !ids.some((id) => told.words.includes(id))
      ? [`${process} was told "${told.words}", which names no request`]
      : [],
  );
}

function untrueNothing(history: History): string[] {
  const claimable = whenClaimable(history, 1);
  return failures(history).flatMap(({ answer: { process, startedAt, endedAt }, told }) => {
    if (told.code !== 'nothing-claimable') return [];
    const empty = without({ from: startedAt, to: endedAt }, claimable);
    return empty.length > 0 ? [] : [`${process} was told "${told.words}", and there was something all the time`];
  });
}

function runningMs(answer: Answer, span: Span): number {
  const idle = answer.suspensions.map((one) => overlap(one, span)).map((one) => (one ? one.to - one.from : 0));
  return span.to - span.from - idle.reduce((sum, ms) => sum + ms, 0);
}

function late(history: History): string[] {
  return history.answers.flatMap((answer) => {
    const { process, command, startedAt, endedAt, interruptedAt, urgedAt, told } = answer;
    if (told.kind === 'nothing') return [`${process} (${command.kind}) was never answered`];
    const took = (from: number): number => runningMs(answer, { from, to: endedAt });
    const wrong: string[] = [];
    const limit = limitOf(command);
    // Who is interrupted gives back what it has claimed, whatever the time.
    const slack = interruptedAt === undefined ? DEADLINE_SLACK_MS : INTERRUPT_SLACK_MS;
    if (limit !== undefined && took(startedAt) > limit + slack) {
      wrong.push(`${process} was answered after ${Math.round(took(startedAt))} ms, with a limit of ${limit}`);
    }
    if (interruptedAt !== undefined && command.kind !== 'work' && took(interruptedAt) > INTERRUPT_SLACK_MS) {
      wrong.push(`${process} ended ${Math.round(took(interruptedAt))} ms after its interrupt`);
    }
    if (urgedAt !== undefined && took(urgedAt) > URGENT_SLACK_MS) {
      wrong.push(`${process} ended ${Math.round(took(urgedAt))} ms after it was told to end at once`);
    }
    return wrong;
  });
}

function limitOf(command: Answer['command']): number | undefined {
  const timeoutMs = 'timeoutMs' in command ? command.timeoutMs : undefined;
  if (command.kind !== 'claim' || command.waitMs === undefined) return timeoutMs;
  return command.waitMs === 'ever' ? undefined : command.waitMs;
}

function unbounded({ answers, pushes, looks, meetings }: History): string[] {
  return answers.flatMap((answer) => {
    const { process, ids, startedAt, endedAt } = answer;
    const seconds = (endedAt - startedAt) / 1000;
    const pushed = pushes.filter((push) => push.process === process).length;
    const met = meetings.get(process) ?? 0;
    const looked = looks.get(process) ?? 0;
    const wrong: string[] = [];
    if (pushed > PUSHES_PER_REQUEST * (2 + ids.length)) wrong.push(`${process} pushed ${pushed} times`);
    if (met > 30 + 4 * ids.length + seconds) wrong.push(`${process} came to a meeting ${met} times in ${seconds} s`);
    if (looked > 200 + 100 * ids.length + 4 * seconds) wrong.push(`${process} looked ${looked} times in ${seconds} s`);
    return wrong;
  });
}

/** One clone may find out by trying that refs cannot be deleted. */
function leftRefs({ refsLeft, server, machines }: History): string[] {
  if (server.neverCalm) return [];
  // What a server hides only its owner can take back, and nobody where the server was away just then.
  if (server.hides && server.trouble.length > 0) return [];
  const allowed = server.deletes ? 0 : machines + 1;
  return refsLeft.length <= allowed ? [] : [`${refsLeft.length} refs are left: ${refsLeft.slice(0, 3).join(', ')}`];
}

function paidForOthers(history: History): string[] {
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

function wronglyLost(history: History): string[] {
  const holdings = holdingsOf(history);
  return failures(history).flatMap(({ answer, told }) => {
    const { command, process, ids, endedAt } = answer;
    if (command.kind !== 'complete' && command.kind !== 'release' && command.kind !== 'heartbeat') return [];
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

function takenAlive(history: History): string[] {
  return holdingsOf(history).flatMap(({ task, agent, to, end, signs }) => {
    if (to === undefined || end?.facts.subject.startsWith('[ORCHESTRATOR]') !== true) return [];
    const silent = to - Math.max(...signs);
    return silent >= history.stalledAfterMs - 2_000
      ? []
      : [`${task} was taken from ${agent} ${Math.round(silent / 1000)} s after its last sign of life`];
  });
}

function asleep(history: History): string[] {
  if (history.server.neverCalm) return [];
  const claimable = whenClaimable(history, 1);
  const after = ({ from, to }: Span): Span => ({ from, to: to + WAKE_UP_MS / 2 });
  const troubled = history.server.trouble.map(after);
  const holdings = holdingsOf(history);
  return history.answers.flatMap((answer) => {
    const { process, command, startedAt, endedAt } = answer;
    const waits =
      (command.kind === 'claim' && command.waitMs !== undefined) ||
      (command.kind === 'work' && command.idle !== 'leave');
    if (!waits || (command.kind === 'work' && command.maxTasks !== undefined)) return [];
    const span = { from: startedAt, to: answer.interruptedAt ?? endedAt };
    // Nobody has told it to lose patience with its own git any sooner.
    const hangs = history.hangs.filter((hang) => hang.process === process).map(after);
    // Agents that all work on something wait for nothing.
    const own = holdings.filter(({ claimId }) => answer.ids.includes(claimId));
    const busy = command.kind === 'work' ? whenHeld(own, command.agents, history.endedAt) : [];
    const chances = claimable
      .flatMap((one) => overlap(one, span) ?? [])
      .flatMap((one) => without(one, [...troubled, ...answer.suspensions, ...hangs, ...busy]));
    const long = chances.find(({ from, to }) => to - from > WAKE_UP_MS);
    return long === undefined
      ? []
      : [`${process} slept for ${Math.round((long.to - long.from) / 1000)} s beside something to claim`];
  });
}

function leftByPools(history: History): string[] {
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
function stuck(history: History): string[] {
  if (history.server.neverCalm) return [];
  return failures(history).flatMap(({ answer: { process }, told }) =>
    AFTERWARDS.some((name) => name === process) && told.code !== 'nothing-claimable'
      ? [`${process} was told ${told.code}: ${told.words}`]
      : [],
  );
}
