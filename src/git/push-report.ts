import { formatDuration } from '../domain/duration.ts';
import { Failure } from '../domain/failure.ts';
import type { GitResult } from './git-error.ts';
import type { PushOutcome, RefusalReason } from './push-outcome.ts';
import { wordsOf } from './words.ts';

/** A line of `git push --porcelain`: `<flag> TAB <from>:<to> TAB <summary> [(<reason>)]`. */
interface ReportLine {
  readonly flag: string;
  /** Whether the server said so, and not git before it sent anything. */
  readonly byServer: boolean;
  /** What is in the brackets of a `!` line. */
  readonly reason: string;
}

/** Reasons of `!` lines that will be given again for the same push. */
const REFUSED: readonly (readonly [RegExp, RefusalReason])[] = [
  [/hidden ref|funny refname/, 'hidden-ref'],
  [/declined|prohibited|currently checked out|protected branch|not allowed|permission denied/i, 'declined'],
];

/** Reasons of `!` lines that mean: the ref is not what the lease says. The last three are those of git 2.50. */
const LOST_RACE =
  /fetch first|non-fast-forward|stale info|atomic push fail|failed to update ref|atomic transaction failed|cannot lock ref.*expected|incorrect old value provided|reference already exists|reference does not exist/;

/** What a server says of a ref that moved while it was being pushed to, behind `failed to update ref`. */
const MOVED =
  /but expected [0-9a-f]|reference already exists|unable to resolve reference|reference is missing but expected/;

const OVER_HTTP = /^To https?:\/\//m;

const LOCK_FILE = /Unable to create '[^\n]*\.lock': File exists/;

/** Not worth trying again: who we are, or where we push to, is wrong. */
const NO_ACCESS: readonly RegExp[] = [
  /Authentication failed/i,
  /could not read (?:Username|Password) for/,
  /terminal prompts disabled/,
  /returned error: 40[13]\b/,
  /HTTP 40[13]\b/,
  /Permission denied \(/,
  /(?:^|\s)Permission to \S+ denied to /,
  /Host key verification failed/,
  /HTTP Basic: Access denied/,
  /not allowed to (?:push|upload|download|force|delete|read)/i,
  /Write access to repository not granted/i,
  /invalid credentials/i,
];
const NO_REPOSITORY: readonly RegExp[] = [
  /does not appear to be a git repository/,
  /^(?:fatal: |ERROR: |remote: )*repository '?.*'? ?not found/im,
  /returned error: 404\b/,
  /The project you were looking for could not be found/,
  /No such remote/,
  /not a git repository/,
  /detected dubious ownership/,
  /SSL certificate problem|server certificate verification failed/i,
  /^fatal: (?:transport|protocol) '.*' (?:not allowed|is not supported)/m,
  /Unable to find remote helper/,
  // Git takes it for an option in disguise, and says so each time.
  /^fatal: strange (?:hostname|pathname|port) '.*' blocked/m,
];

/** Git did not start the push: our arguments, or what the user configured. */
const NOT_STARTED =
  /^(?:usage: |fatal: (?:invalid refspec|--mirror can't be combined|--\S+ .*(?:cannot be used|can't be combined|incompatible)|bad object |bad config|unable to parse|not a valid object)|error: (?:unknown option|src refspec|dst refspec)|fatal: .*unknown option)/m;

/** Nothing of the push got to the server: it failed on the first request. */
const NEVER_ARRIVED: readonly RegExp[] = [
  /Could not resolve (?:host|proxy)/i,
  /Name or service not known|Temporary failure in name resolution|nodename nor servname/,
  /unable to look up /,
  /unable to access '[^\n]*': (?!The requested URL returned error: 4(?!08|29))/,
  /Could not read from remote repository/,
  /unable to connect to /,
  /Connection (?:refused|timed out|reset by peer) *$/im,
  /kex_exchange_identification|ssh_exchange_identification/,
  /Network is unreachable|No route to host|Operation timed out/,
  /the remote end hung up upon initial contact/i,
  // The server read the objects and did not take them: no ref was touched.
  /^error: remote unpack failed/m,
];

/** Words that a connection broken during the push leaves: the server may have gone on without us. */
const BROKEN_OFF = /RPC failed|unexpected disconnect|hung up unexpectedly|early EOF|sideband|Broken pipe/;

/**
 * What a push came to, by exit code and report (DESIGN 4): permanent, rejected, lock, transient, unknown, in this order.
 *
 * Four refinements, each from a real server:
 * - a ref that was reported as written next to a failure may have landed, whatever else is said: unknown;
 * - `failed to update ref` is also what a server says that has a stale lock file, so the lock file's message counts more;
 * - a connection that broke after the objects were sent (`RPC failed`, also with a 5xx of a proxy) is unknown, not transient;
 * - over HTTP, curl sends a push again when a kept-alive connection is reset before an answer; if the first one landed, the
 *   server rejects the second: so a race that the server says was lost is unknown. (What git finds stale itself is certain:
 *   then nothing was sent.)
 *
 * Pure.
 */
export function classifyPush(result: GitResult): PushOutcome {
  const { exitCode, stderr } = result;
  const lines = parseReport(result.stdout);
  const words = pushWords(lines, stderr) || `git push exited with ${exitCode}`;
  const written = lines.some(({ flag }) => ' +-*'.includes(flag));
  const refused = lines.filter(({ flag }) => flag === '!');
  const upToDate = lines.some(({ flag }) => flag === '=');

  if (exitCode === 0 && refused.length === 0 && written && !upToDate) return { kind: 'landed' };
  // "Up to date" proves that the ref has this value, not that this push gave it to it (DESIGN 5).
  if (exitCode === 0 || written || upToDate) return { kind: 'unknown', words };

  const refusal = refusalOf(refused, stderr);
  if (refusal !== undefined) return { kind: 'refused', reason: refusal, words };
  const locked = LOCK_FILE.test(stderr) && !MOVED.test(stderr);
  const lost = locked ? [] : refused.filter(({ reason }) => LOST_RACE.test(reason));
  if (lost.length > 0) {
    const resent = OVER_HTTP.test(result.stdout) && lost.some(({ byServer }) => byServer);
    return resent ? { kind: 'unknown', words, likely: 'rejected' } : { kind: 'rejected', words };
  }
  if (locked) return { kind: 'locked', words };
  const broken = BROKEN_OFF.test(stderr) && !/unable to access|Could not read from remote repository/.test(stderr);
  if (!broken && NEVER_ARRIVED.some((pattern) => pattern.test(stderr))) return { kind: 'transient', words };
  return { kind: 'unknown', words };
}

/** What a failed `ls-remote` or `fetch` means: worth retrying (`remote-unreachable`) or not (`remote-refused`). Pure. */
export function classifyRead(stderr: string, remote: string): Failure {
  const words = wordsOf(stderr) || 'no answer';
  if (NO_REPOSITORY.some((pattern) => pattern.test(stderr))) {
    return new Failure('remote-refused', `remote ${remote}: ${words}`, {
      hint: `check \`git remote get-url ${remote}\``,
      details: { words },
    });
  }
  if (NO_ACCESS.some((pattern) => pattern.test(stderr))) {
    return new Failure('remote-refused', `no permission to read ${remote}: ${words}`, {
      hint: 'check the credentials; agentq never asks for a password',
      details: { words },
    });
  }
  return new Failure('remote-unreachable', `remote ${remote} cannot be reached: ${words}`, { details: { words } });
}

/** The failure of a remote that has said nothing for so long (ms). */
export function unanswered(remote: string, silenceMs: number): Failure {
  const words = noAnswer(silenceMs);
  return new Failure('remote-unreachable', `remote ${remote} cannot be reached: ${words}`, { details: { words } });
}

/** The words for a silence of so long (ms). */
export function noAnswer(silenceMs: number): string {
  return `no answer for ${formatDuration(silenceMs)}`;
}

/** What a failed `update-ref --stdin` on this repository came to. Pure. */
export function classifyUpdate(stderr: string): PushOutcome {
  const words = wordsOf(stderr) || 'git update-ref failed';
  if (MOVED.test(stderr)) return { kind: 'rejected', words };
  if (LOCK_FILE.test(stderr)) return { kind: 'locked', words };
  if (/Permission denied|Read-only file system/.test(stderr)) return { kind: 'refused', reason: 'declined', words };
  if (
    /^fatal: (?:invalid|.*: invalid|.*unknown command|.*not a valid|trying to write|cannot update ref)/m.test(stderr)
  ) {
    return { kind: 'refused', reason: 'usage', words };
  }
  return { kind: 'unknown', words };
}

function refusalOf(refused: readonly ReportLine[], stderr: string): RefusalReason | undefined {
  for (const [pattern, reason] of REFUSED) if (refused.some((line) => pattern.test(line.reason))) return reason;
  if (/does not support --atomic/.test(stderr)) return 'no-atomic';
  // `refs/heads/develop` stands in the way of `refs/heads/develop/x`.
  if (/' exists; cannot create '/.test(stderr)) return 'declined';
  if (NO_ACCESS.some((pattern) => pattern.test(stderr))) return 'authentication';
  if (NO_REPOSITORY.some((pattern) => pattern.test(stderr))) return 'declined';
  if (NOT_STARTED.test(stderr)) return 'usage';
  return undefined;
}

function parseReport(stdout: string): ReportLine[] {
  const lines: ReportLine[] = [];
  for (const line of stdout.split('\n')) {
    const match = /^([ +\-*!=])\t[^\t]*\t(.*)$/.exec(line);
    if (match === null) continue;
    const [, flag = '', summary = ''] = match;
    lines.push({ flag, byServer: summary.startsWith('[remote '), reason: /\((.*)\)\s*$/.exec(summary)?.[1] ?? '' });
  }
  return lines;
}

/** What the remote said; where it said nothing, the reason git gives. */
function pushWords(lines: readonly ReportLine[], stderr: string): string {
  const reasons = lines.filter(({ flag, reason }) => flag === '!' && reason !== '').map(({ reason }) => reason);
  const said = wordsOf(stderr);
  const reason = wordsOf([...new Set(reasons)].filter((text) => !said.includes(text)).join(', '));
  if (said === '' || reason === '') return said || reason;
  return `${said} (${reason})`;
}
