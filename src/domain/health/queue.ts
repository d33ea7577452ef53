import { approximateDuration } from '../base/duration.ts';
import type { Advice } from '../figures/metrics-advice.ts';
import { CLOCK_SKEW_MS } from '../queue/clock-proof.ts';
import { note, ok, type Verdict, wrong } from './check.ts';
import { type Trigger, triggerOf } from './triggers.ts';

/** A file that starts something on the server when commits are pushed. */
export interface PipelineFile {
  readonly path: string;
  /** What YAML has in it; undefined: it cannot be read. */
  readonly content: unknown;
}

/**
 * Whether CI would run for commits of the queue. Services read their files in the pushed commit, so only those on the
 * queue's branch count.
 */
export function judgeCi(files: readonly PipelineFile[], branch: string, ci: 'skip' | 'run'): Verdict {
  const triggers = files.map(({ path, content }): { path: string; trigger: Trigger } => ({
    path,
    trigger: path.endsWith('.gitlab-ci.yml') || content === undefined ? 'unclear' : triggerOf(content, branch),
  }));
  const starting = triggers.filter(({ trigger }) => trigger === 'starts').map(({ path }) => path);
  const unclear = triggers.filter(({ trigger }) => trigger === 'unclear').map(({ path }) => path);
  if (starting.length + unclear.length === 0) return ok(`no workflow on ${branch} starts for a push to it`);
  if (ci === 'skip') return ok('commits of the queue tell GitHub and GitLab to start nothing (`skip_ci`)');
  const advice = `limit them to the branches that hold code, or set \`skip_ci: true\``;
  return starting.length > 0
    ? note(`starts for every commit of the queue: ${starting.join(', ')}`, advice)
    : note(`may start for every commit of the queue: ${unclear.join(', ')}`, advice);
}

/** A commit of the branch, as far as clocks go. */
export interface TimedCommit {
  /** Committer time, ms since the epoch. */
  readonly timeMs: number;
  readonly authorName: string;
}

/**
 * The clock of this machine, compared with the newest commits. One that is behind shows; one that is ahead does not,
 * since nobody need have pushed lately.
 */
export function judgeClock(commits: readonly TimedCommit[], now: number): Verdict {
  const [first, ...others] = commits;
  if (first === undefined) return ok('there is no commit to compare the clock with');
  const latest = others.reduce((later, one) => (one.timeMs > later.timeMs ? one : later), first);
  const aheadMs = latest.timeMs - now;
  return aheadMs > CLOCK_SKEW_MS
    ? wrong(
        `a commit of ${latest.authorName} is ${approximateDuration(aheadMs)} in the future of this machine's clock`,
        'one of the two clocks is wrong, and clocks decide which claims have stalled: set both by NTP',
      )
    : ok('no recent commit is in the future of this clock');
}

/** What the commits of the last day say. */
export interface Lately {
  readonly claims: number;
  readonly conflictRate: number | undefined;
  readonly failures: number;
  readonly stalls: number;
  readonly advice: readonly Advice[];
  /** Share of this clone's own pushes that were rejected lately; undefined: not known. */
  readonly ownRejections: number | undefined;
}

/** Contention, failures and stalls of the last day. */
export function judgeContention({ claims, conflictRate, failures, stalls, advice, ownRejections }: Lately): Verdict {
  const lost = conflictRate === undefined ? '' : `, ${percent(conflictRate)} of the attempts lost to others`;
  const own =
    ownRejections === undefined ? '' : `; of this clone's pushes, ${percent(ownRejections)} were rejected lately`;
  const message = `in the last day: ${counted(claims, 'claim')}${lost}, ${counted(failures, 'failure')}, ${counted(stalls, 'stall')}${own}`;
  const [first] = advice;
  if (first !== undefined) return note(message, first.message);
  return failures + stalls > claims / 4 && failures + stalls > 2
    ? note(message, '`agentq log` tells why')
    : ok(message);
}

/** What `validate` counts. */
export interface Defects {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  readonly tasks: number;
}

/** The summary of `agentq validate`. */
export function judgeDefects({ errors, warnings, notes, tasks }: Defects): Verdict {
  const found = [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
    ...(notes > 0 ? [counted(notes, 'note')] : []),
  ].join(', ');
  const where = counted(tasks, 'task');
  if (errors > 0) return wrong(`${found} in ${where}`, '`agentq validate` names them');
  if (warnings > 0) return note(`${found} in ${where}`, '`agentq validate` names them');
  return ok(found === '' ? `nothing to fix in ${where}` : `nothing to fix in ${where} (${found})`);
}

/** Kinds of refs under `refs/agentq/`, in words for people. */
export type OldKind = 'request' | 'answer' | 'heartbeat' | 'sign-in' | 'probe';

/** A ref that nobody needs any more. */
export interface OldRef {
  readonly ref: string;
  /** What it points at: it is removed only if it still does. */
  readonly oid: string;
  readonly kind: OldKind;
}

/** Refs of processes that are long gone. @param all how many refs there are under `refs/agentq/` */
export function judgeOldRefs(old: readonly OldRef[], all: number): Verdict {
  if (old.length === 0)
    return ok(all === 0 ? 'no refs under refs/agentq/' : `${counted(all, 'ref')} under refs/agentq/, none old`);
  const kinds = [...new Set(old.map(({ kind }) => kind))].map((kind) =>
    counted(old.filter((one) => one.kind === kind).length, kind),
  );
  return note(
    `refs of processes that are long gone: ${kinds.join(', ')}`,
    'they slow down every look; `agentq doctor --fix` removes them',
  );
}

/** A push to the branch that the server refused. */
export interface RefusedPush {
  readonly agoMs: number;
  /** The server's. */
  readonly words: string;
}

/** What is known about pushes to the branch without making one. */
export interface ProtectionFacts {
  /** The last push of this clone to the branch, if the server refused it. */
  readonly refused: RefusedPush | undefined;
  readonly branch: string;
  /** The host of the remote's URL; undefined: a folder of this machine, or unknown. */
  readonly host: string | undefined;
  /**
   * How long ago (ms) the newest commit of the queue was made that this clone's user committed; undefined: none is
   * known.
   */
  readonly ownPushMs: number | undefined;
  /** The same of anybody. */
  readonly anyPushMs: number | undefined;
}

/** By host: where a protected branch is opened for agents. */
const OPENING: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\.)github\./, 'let the account, app or deploy key of the agents bypass the rule'],
  [/(?:^|\.)gitlab\./, 'add the role, user or deploy key of the agents to "Allowed to push and merge"'],
  [/(?:^|\.)(?:dev\.azure\.com|visualstudio\.com)$/, 'give the agents "Bypass policies when pushing" on the branch'],
  [/(?:^|\.)bitbucket\./, 'give the user of the agents write access to the branch'],
  [/(?:^|\.)(?:gitea|forgejo|codeberg)\./, 'put the user of the agents on the push allow list of the branch'],
];

/** Whether the branch takes pushes: a dry run asks neither hooks nor rules, so only what has landed proves it. */
export function judgeProtection({ branch, host, ownPushMs, anyPushMs, refused }: ProtectionFacts): Verdict {
  const advice = host === undefined ? undefined : OPENING.find(([pattern]) => pattern.test(host))?.[1];
  if (refused !== undefined) {
    return wrong(
      `the server refused the last push of this clone to ${branch}, ${approximateDuration(refused.agoMs)} ago: ${refused.words}`,
      `${advice ?? 'ask for permission'}, or give the queue a branch of its own (docs/servers.md); the next push that lands ends this`,
    );
  }
  if (ownPushMs !== undefined) {
    return ok(`${branch} took a commit of this user ${approximateDuration(ownPushMs)} ago`);
  }
  const others = anyPushMs === undefined ? '' : `; one of somebody else landed ${approximateDuration(anyPushMs)} ago`;
  const open = `no recent commit of the queue is by this user${others}: whether ${branch} is protected shows with the first push`;
  return advice === undefined
    ? ok(open)
    : note(open, `if it is refused: ${advice}, or give the queue a branch of its own`);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
