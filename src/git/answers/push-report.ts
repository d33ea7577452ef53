import type { GitResult } from '../process/git-error.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { shortLines, wordsOf } from '../process/words.ts';
import type { PushOutcome, RefusalReason } from './push-outcome.ts';
import { isRateLimited, isServerDamaged, refusalIn } from './remote-words.ts';

/** What a push reports about one ref. */
export interface ReportLine {
  /** As in `git push --porcelain`: `!` rejected, `=` up to date, any other flag written. */
  readonly flag: string;
  /** Full name of the ref on the remote. */
  readonly ref: string;
  /** Whether the line comes from the server, not from git before it sent anything. */
  readonly byServer: boolean;
  /** Why it was rejected; empty if nobody says why. */
  readonly reason: string;
}

/** All that is known about the end of a push. */
export interface PushReport {
  readonly exitCode: number;
  readonly lines: readonly ReportLine[];
  readonly stderr: string;
  /** Whether it went over HTTP, so that curl may have sent it twice. */
  readonly isOverHttp: boolean;
}

/** Reasons of `!` lines that the same push will get again, whatever else is said. */
const REFUSED: readonly (readonly [RegExp, RefusalReason])[] = [
  [/hidden ref|funny refname/, 'hidden-ref'],
  [/declined|prohibited|currently checked out|protected branch|not allowed|permission denied/i, 'declined'],
];

/** Reasons of `!` lines that mean: the ref is not at what the lease expects. From git up to 2.50, GitLab and JGit. */
const LOST_RACE =
  /fetch first|non-fast-forward|stale info|atomic push fail|failed to update ref|transaction (?:failed|aborted)|cannot lock ref.{0,1000}expected|incorrect old value provided|reference already exists|reference does not exist|lock failure|failed to lock|LOCK_FAILURE/;

/** Reasons of `!` lines that say nothing about the next push; the other lines may. */
const UNCLEAR =
  /^$|unpacker error|failed to report status|internal (?:server )?error|time[d-]? ?out|temporar|try again|retry|unavailable|overload|maintenance|\bbusy\b|cannot lock ref|Unable to create/i;

/** What a server says, after `failed to update ref`, about a ref that moved during the push. */
const MOVED =
  /but expected [0-9a-f]|reference already exists|unable to resolve reference|reference is missing but expected/;

const OVER_HTTP = /^To https?:\/\//m;

const LOCK_FILE = /Unable to create '[^\n]{0,4096}\.lock': File exists/;

/** Git did not start the push, because of our arguments or of the user's configuration. */
const NOT_STARTED =
  /^(?:usage: |fatal: (?:invalid refspec|--mirror can't be combined|--\S+ .*(?:cannot be used|can't be combined|incompatible)|bad config|unable to parse|not a valid object)|error: (?:unknown option|src refspec|dst refspec)|fatal: .*unknown option)/m;

/** Nothing of the push reached the server: it failed on the first request. */
const NEVER_ARRIVED: readonly RegExp[] = [
  /Could not resolve (?:host|proxy)/i,
  /Name or service not known|Temporary failure in name resolution|nodename nor servname/,
  /unable to look up /,
  /unable to access '[^\n]{0,4096}': (?!The requested URL returned error: 4(?!08|29))/,
  /Could not read from remote repository/,
  /unable to connect to /,
  /Connection (?:refused|timed out|reset by peer) *$/im,
  /kex_exchange_identification|ssh_exchange_identification/,
  /Network is unreachable|No route to host|Operation timed out/,
  /the remote end hung up upon initial contact/i,
  // The server read the objects and did not accept them: no ref was touched.
  /^error: remote unpack failed/m,
];

/** What git itself says about a server that ends the connection before it has said anything. */
const NOTHING_SAID =
  /^(?:fatal: Could not read from remote repository\.|Please make sure you have the correct access rights|and the repository exists\.|fatal: the remote end hung up upon initial contact|)$/i;

function saysNothing(stderr: string): boolean {
  return stderr.split('\n').every((line) => NOTHING_SAID.test(line.trim()));
}

const ENDED = /^git was ended by SIGKILL$/m;

/** Words after a connection that broke during the push: the server may have gone on without us. */
const BROKEN_OFF = /RPC failed|unexpected disconnect|hung up unexpectedly|early EOF|sideband|Broken pipe/;

/**
 * The outcome of a push, from its exit code and its report (DESIGN 4). The classes are tried in this order: permanent,
 * rejected, lock, transient, unknown.
 *
 * Refinements, each seen on a real server:
 * - a ref reported as written next to a failure may have landed, whatever else is said: unknown;
 * - if git could not read or send something here, the problem is local, although the server then calls the push broken;
 * - a server that may not write its files says so before `failed to update ref`, the words of a lost race;
 * - `[remote rejected] (reason)` is a refusal by the server, unless the reason is known to be a race, or unclear;
 * - a server with a stale lock file also says `failed to update ref`, so the message about the lock file counts more;
 * - a connection that broke after the objects were sent (`RPC failed`, also with a 5xx of a proxy) is unknown, not
 *   transient; but a proxy that rejects the size (413) or the rate (429) has passed nothing on;
 * - JGit's daemon ends a push that it may not take without a word: that is transient, and who tries again counts it;
 * - over HTTP, curl sends a push again if a kept-alive connection is reset before an answer. If the first one landed,
 *   the server rejects the second, so a lost race reported by the server is unknown. (If git itself finds the lease
 *   stale, the rejection is certain: nothing was sent.)
 *
 * Pure.
 */
export function classifyReport(report: PushReport): PushOutcome {
  const { exitCode, lines, isOverHttp } = report;
  const stderr = shortLines(report.stderr).join('\n');
  const words = pushWords(lines, stderr) || `git push exited with ${exitCode}`;
  const written = lines.some(({ flag }) => ' +-*'.includes(flag));
  const refused = lines.filter(({ flag }) => flag === '!');
  const upToDate = lines.some(({ flag }) => flag === '=');

  if (exitCode === 0 && refused.length === 0 && written && !upToDate) return { kind: 'landed' };
  // "Up to date" proves that the ref has this value, not that this push set it (DESIGN 5).
  if (exitCode === 0 || written || upToDate) return { kind: 'unknown', words };

  const damaged = isServerDamaged(stderr) || refused.some(({ reason }) => reason === 'missing necessary objects');
  if (damaged) return { kind: 'refused', reason: 'damaged', words };
  // A git that was killed cannot say how far it got.
  const trouble = ENDED.test(stderr) ? undefined : localTrouble(stderr);
  if (trouble !== undefined) return { kind: 'local', failure: trouble, words };
  const refusal = refusalOf(refused, stderr);
  if (refusal !== undefined) return { kind: 'refused', words, ...refusal };
  const locked = LOCK_FILE.test(stderr) && !MOVED.test(stderr);
  const lost = locked ? [] : refused.filter(({ reason }) => LOST_RACE.test(reason));
  if (lost.length > 0) {
    const resent = isOverHttp && lost.some(({ byServer }) => byServer);
    return resent ? { kind: 'unknown', words, likely: 'rejected' } : { kind: 'rejected', words };
  }
  if (locked) return { kind: 'locked', words };
  if (refused.length === 0 && isRateLimited(stderr)) return { kind: 'transient', reason: 'rate-limited', words };
  const broken = BROKEN_OFF.test(stderr) && !/unable to access|Could not read from remote repository/.test(stderr);
  if (!broken && NEVER_ARRIVED.some((pattern) => pattern.test(stderr))) {
    const isWordless = refused.length === 0 && saysNothing(stderr);
    return isWordless ? { kind: 'transient', reason: 'wordless', words } : { kind: 'transient', words };
  }
  return { kind: 'unknown', words };
}

/** The outcome of `git push --porcelain`. Pure. */
export function classifyPush({ exitCode, stdout, stderr }: GitResult): PushOutcome {
  return classifyReport({ exitCode, lines: parseReport(stdout), stderr, isOverHttp: OVER_HTTP.test(stdout) });
}

/** The outcome of a failed `update-ref --stdin` on this repository. Pure. */
export function classifyUpdate(stderr: string): PushOutcome {
  const words = wordsOf(stderr) || 'git update-ref failed';
  if (MOVED.test(stderr)) return { kind: 'rejected', words };
  if (LOCK_FILE.test(stderr)) return { kind: 'locked', words };
  const trouble = localTrouble(stderr);
  if (trouble !== undefined) return { kind: 'local', failure: trouble, words };
  if (
    /^fatal: (?:invalid|.*: invalid|.*unknown command|.*not a valid|trying to write|cannot update ref)/m.test(stderr)
  ) {
    return { kind: 'refused', reason: 'usage', words };
  }
  return { kind: 'unknown', words };
}

interface Refused {
  readonly reason: RefusalReason;
  readonly refs?: readonly string[];
}

function refusalOf(refused: readonly ReportLine[], stderr: string): Refused | undefined {
  for (const [pattern, reason] of REFUSED) {
    const matching = refused.filter((line) => pattern.test(line.reason));
    if (matching.length > 0) return { reason, refs: matching.map(({ ref }) => ref) };
  }
  if (/does not support --atomic/.test(stderr)) return { reason: 'no-atomic' };
  // `refs/heads/develop` is in the way of `refs/heads/develop/x`.
  if (/' exists; cannot create '/.test(stderr)) return { reason: 'declined', refs: refused.map(({ ref }) => ref) };
  const reason = refusalIn(stderr, refused.length > 0);
  if (reason !== undefined) return { reason };
  if (NOT_STARTED.test(stderr)) return { reason: 'usage' };
  const unlisted = refused.filter(
    (line) => line.byServer && !LOST_RACE.test(line.reason) && !UNCLEAR.test(line.reason),
  );
  return unlisted.length > 0 ? { reason: 'declined', refs: unlisted.map(({ ref }) => ref) } : undefined;
}

/** Lines of `git push --porcelain`: `<flag> TAB <from>:<to> TAB <summary> [(<reason>)]`. */
function parseReport(stdout: string): ReportLine[] {
  const lines: ReportLine[] = [];
  for (const line of shortLines(stdout)) {
    const match = /^([ +\-*!=])\t([^\t]*)\t(.*)$/.exec(line);
    if (match === null) continue;
    const [, flag = '', refs = '', summary = ''] = match;
    const byServer = summary.startsWith('[remote rejected]');
    const open = summary.indexOf('(');
    const close = summary.lastIndexOf(')');
    const reason = open >= 0 && close > open ? summary.slice(open + 1, close) : '';
    lines.push({ flag, ref: refs.slice(refs.indexOf(':') + 1), byServer, reason });
  }
  return lines;
}

/** The words of the remote; if it said nothing, the reason that git gives. */
function pushWords(lines: readonly ReportLine[], stderr: string): string {
  const reasons = lines.filter(({ flag, reason }) => flag === '!' && reason !== '').map(({ reason }) => reason);
  const said = wordsOf(stderr);
  const reason = wordsOf([...new Set(reasons)].filter((text) => !said.includes(text)).join(', '));
  if (said === '' || reason === '') return said || reason;
  return `${said} (${reason})`;
}
