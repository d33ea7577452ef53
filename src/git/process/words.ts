/** Lines that git prints around a remote's answer, and that are useless to a user. */
const NOISE = [
  /^hint:/,
  /^To \S+/,
  /^Pushing to /,
  /^Everything up-to-date$/,
  /^error: failed to push some refs to /,
  /^Please make sure you have the correct access rights$/,
  /^and the repository exists\.$/,
  /^(?:Enumerating|Counting|Compressing|Writing|Delta compression|Total|Receiving|Resolving|Unpacking|Checking|Updating|Filtering) .*(?:objects?|deltas?|threads?|\d)/,
  // The advice under "Unable to create '...lock'" is for an administrator of the server.
  /^Another git process seems to be running in this repository/,
  // Of several refs that may be in the clone, not all need be.
  /^warning: ignoring --negotiation-tip=/,
  /^an editor opened by 'git commit'/,
  /^are terminated then try again/,
  /^may have crashed in this repository earlier:/,
  /^remove the file manually to continue\./,
  /^Killed$/,
  /^\s*$/,
];

/**
 * The lines of a message that are safe to show: without escape sequences, control characters, a leading `remote:` and
 * passwords in URLs.
 */
export function plainLines(message: string): string[] {
  return message
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-_]/g, '')
    .split(/[\r\n]+/)
    .map((line) =>
      line
        .replace(/^remote: ?/, '')
        .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
        .replace(/\t/g, ' ')
        .replace(/\b(https?:\/\/)[^\s/@]+@/g, '$1')
        .trimEnd(),
    )
    .filter((line) => !NOISE.some((noise) => noise.test(line)));
}

/** Longest part of a line (characters) to search for known words. */
const LONGEST_LINE = 1000;

/**
 * The lines of a message, each cut to a thousand characters; carriage returns end lines too. A server may print a line
 * of any length, and a regular expression may start at each of its places.
 */
export function shortLines(message: string): string[] {
  return message.split(/\r\n|\r|\n/).map((line) => (line.length > LONGEST_LINE ? line.slice(0, LONGEST_LINE) : line));
}

/** The words of the remote on one line: at most five of its lines, and 600 characters. */
export function wordsOf(...messages: readonly string[]): string {
  const lines = messages.flatMap(plainLines);
  // "the remote end hung up" is useful only if nothing else was said.
  const telling = lines.filter((line) => !/^(?:fatal: |error: )?(?:the|The) remote end hung up/.test(line));
  const shown = [...new Set((telling.length > 0 ? telling : lines).map((line) => line.trim()))].slice(0, 5).join('; ');
  return shown.length > 600 ? `${shown.slice(0, 597)}...` : shown;
}
