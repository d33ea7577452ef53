import type { RefusalReason } from './push-outcome.ts';

/** Refusals that a remote's words reveal: it will refuse the same again. */
export type RemoteRefusal = Extract<
  RefusalReason,
  'authentication' | 'certificate' | 'no-repository' | 'too-large' | 'declined'
>;

/** Not worth trying again: the credentials are wrong, or may not do this. From git, ssh, curl and the hosts. */
const NO_ACCESS: readonly RegExp[] = [
  /Authentication failed/i,
  /could not read (?:Username|Password) for/,
  /terminal prompts disabled/,
  /returned error: 40[137]\b/,
  /HTTP (?:code )?40[137]\b/,
  /Permission denied \(/,
  /Too many authentication failures/,
  /(?:^|\s)Permission to \S+ denied to /,
  /(?:^|\s)Permission to \S+ denied\b/,
  /Host key verification failed/,
  /HTTP Basic: Access denied/,
  /not allowed to (?:push|upload|download|force|delete|read)/i,
  /Write access to repository not granted/i,
  /invalid credentials/i,
  // ssh cannot talk to this server, or rejects its own settings.
  /no matching (?:host key type|key exchange method|cipher|MAC) found/,
  /^(?:\S+: line \d+: )?Bad (?:configuration option|owner or permissions on )/m,
  // gitolite
  /\bDENIED by \S/,
  /^(?:remote: )?FATAL: [RWCDM+]+ .*\bDENIED\b/m,
];

/** What hosts say instead of serving us. Used only without any other answer, since a banner may say anything. */
const SPOKEN_REFUSAL: readonly RegExp[] = [
  /\bread[- ]only\b|\barchived\b/i,
  /\byou (?:are not|aren't|can(?:no|')t|do not|don't|may not|need|must|have no)\b/i,
  /\b(?:access|permission) (?:is |was )?denied\b|\bunauthori[sz]ed\b|\bnot authori[sz]ed\b|\bforbidden\b|\bnot permitted\b/i,
  /\bdoes(?:n't| not) have (?:\w+ )?(?:access|permission)/i,
  /\b(?:account|key|token|password)\b.*\b(?:expired|suspended|blocked|disabled|revoked|deactivated|no longer)\b/i,
  /\b(?:prohibited|not (?:currently )?available|not enabled|disabled)\b/i,
  // Azure DevOps numbers its messages: TF401027 no permission, TF401019 no such repository, VS403463 a policy.
  /\b(?:TF|VS)\d{5,6}:/,
  /command not found|unrecognized command/i,
];

/** What GitHub and others say over ssh instead of an answer. */
const SPOKEN_ERROR = /^(?:remote: )*(?:ERROR|FATAL): /m;

/** Words of a server that will recover after a while. */
const PASSING =
  /internal (?:server )?error|time[d-]? ?out|temporar|try again|retry|unavailable|overload|maintenance|too many (?:requests|connections)|rate limit|\bbusy\b|high load/i;

const NO_REPOSITORY: readonly RegExp[] = [
  /does not appear to be a git repository/,
  /^(?:fatal: |ERROR: |remote: )*repository '?.*'? ?not found/im,
  /returned error: (?:404|410)\b/,
  /HTTP (?:404|410)\b/,
  /The project you were looking for could not be found/,
  /\b(?:project|repository)\b.* (?:was )?not found\b|\bno such (?:project|repository)\b/i,
  /No such remote/,
  /not a git repository/,
  /detected dubious ownership/,
  /^fatal: (?:transport|protocol) '.*' (?:not allowed|is not supported)/m,
  /Unable to find remote helper/,
  // Git takes it for an option in disguise, every time.
  /^fatal: strange (?:hostname|pathname|port) '.*' blocked/m,
];

const CERTIFICATE = /SSL certificate problem|server certificate verification failed|SSL: no alternative certificate/i;

/** The server, or a proxy, does not accept a body of this size; or the pack is larger than the server allows. */
const TOO_LARGE = /(?:returned error: |HTTP )413\b|pack exceeds maximum allowed size|Request Entity Too Large/i;

const RATE_LIMITED = /(?:returned error: |HTTP )429\b|rate limit|too many requests/i;

/** The server may not write its files, or a name is too long for them. The next time will be the same. */
const CANNOT_WRITE =
  /^(?:remote: )+(?:error|fatal): .*(?:insufficient permission|Permission denied|Operation not permitted|Read-only file system|File name too long|Not a directory|Is a directory)/m;

/** The server checks objects, and rejects one. */
const BAD_OBJECT = /^(?:remote: )+(?:error|fatal): (?:fsck error|object [0-9a-f]+: (?!missing))/m;

/** Git's words for objects that are missing or damaged. */
const DAMAGE =
  'bad (?:tree )?object|missing (?:blob|tree|commit|object)|unable to read|Could not read|unable to unpack|inflate: data stream|(?:loose|packed) object .* is corrupt|object file .* is empty|not a valid object|Failed to traverse|unable to parse|packfile .* (?:cannot be accessed|does not match)|index file .* is too small|hash mismatch';
const SERVER_DAMAGED: readonly RegExp[] = [
  new RegExp(`^(?:remote: )+(?:error|fatal): (?:${DAMAGE})`, 'm'),
  /^error: remote unpack failed: .*(?:missing|bad object|corrupt|unable to read|did not send all)/m,
  /possible repository corruption on the remote side/,
  /^(?:error|fatal): (?:refs\/\S+|HEAD) does not point to a valid object/m,
  /^warning: ignoring (?:broken|dangling) (?:ref|symref)/m,
];

/**
 * Why the remote refuses, if its words, or those of ssh and curl, plainly say so. Pure.
 * @param isAnswered whether it has answered a push, ref by ref: then its other words may be about anything
 */
export function refusalIn(stderr: string, isAnswered: boolean): RemoteRefusal | undefined {
  if (CANNOT_WRITE.test(stderr) || BAD_OBJECT.test(stderr)) return 'declined';
  if (isAnswered) return TOO_LARGE.test(stderr) ? 'too-large' : undefined;
  if (CERTIFICATE.test(stderr)) return 'certificate';
  if (NO_ACCESS.some((pattern) => pattern.test(stderr))) return 'authentication';
  if (NO_REPOSITORY.some((pattern) => pattern.test(stderr))) return 'no-repository';
  if (TOO_LARGE.test(stderr)) return 'too-large';
  const said = spokenByRemote(stderr);
  if (said === '' || PASSING.test(said)) return undefined;
  const isRefusal = SPOKEN_ERROR.test(said) || SPOKEN_REFUSAL.some((pattern) => pattern.test(said));
  return isRefusal ? 'declined' : undefined;
}

/** Whether the server says that it was asked too often. Pure. */
export function isRateLimited(stderr: string): boolean {
  return RATE_LIMITED.test(stderr);
}

/** Whether the repository on the server lacks objects, or has damaged ones. Pure. */
export function isServerDamaged(stderr: string): boolean {
  return SERVER_DAMAGED.some((pattern) => pattern.test(stderr));
}

/** Lines from the server, not from git, ssh or curl on our side; only if the server did not serve us. */
function spokenByRemote(stderr: string): string {
  if (!/Could not read from remote repository|unable to access|^fatal: remote error/m.test(stderr)) return '';
  return stderr
    .split(/[\r\n]+/)
    .filter((line) => !OUR_SIDE.test(line))
    .join('\n');
}

const OUR_SIDE =
  /^(?:fatal: (?!remote error)|error: |hint:|warning: |To |Please make sure|and the repository exists|ssh: |kex_|client_loop|Connection |Received |Disconnected |Timeout|ssh_|packet_write|Warning: |debug\d: |\*+|Welcome)/;
