import { formatDuration } from '../../domain/base/duration.ts';
import { Failure } from '../../domain/base/failure.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { shortLines, wordsOf } from '../process/words.ts';
import { REFUSAL_HINTS } from './push-outcome.ts';
import { isRateLimited, isServerDamaged, refusalIn } from './remote-words.ts';

/**
 * What a failed `ls-remote` or `fetch` means. `remote-unreachable` is worth retrying; `remote-refused`,
 * `remote-damaged` and problems of this machine or this clone are not. Pure.
 */
export function classifyRead(message: string, remote: string): Failure {
  const stderr = shortLines(message).join('\n');
  const words = wordsOf(stderr) || 'no answer';
  if (isServerDamaged(stderr)) return damagedRemote(remote, words);
  const trouble = localTrouble(stderr);
  if (trouble !== undefined) return trouble;
  const reason = refusalIn(stderr, false);
  if (reason !== undefined) {
    const message = reason === 'authentication' ? `no permission to read ${remote}` : `remote ${remote}`;
    const hint = reason === 'no-repository' ? `check \`git remote get-url ${remote}\`` : REFUSAL_HINTS[reason];
    return new Failure('remote-refused', `${message}: ${words}`, { hint, details: { words, reason } });
  }
  const isLimited = isRateLimited(stderr);
  return new Failure('remote-unreachable', `remote ${remote} cannot be reached: ${words}`, {
    ...(isLimited ? { hint: 'the server limits the rate of requests: use fewer agents, or longer pauses' } : {}),
    details: { words, ...(isLimited ? { reason: 'rate-limited' } : {}) },
  });
}

/** The failure for a remote whose repository lacks objects, or has damaged ones. */
export function damagedRemote(remote: string, words: string): Failure {
  return new Failure('remote-damaged', `the repository on ${remote} is damaged: ${words}`, {
    hint: REFUSAL_HINTS.damaged,
    details: { words },
  });
}

/** The failure for a remote that has said nothing for `silenceMs`. */
export function unanswered(remote: string, silenceMs: number): Failure {
  const words = noAnswer(silenceMs);
  return new Failure('remote-unreachable', `remote ${remote} cannot be reached: ${words}`, { details: { words } });
}

/** The words for a silence of `silenceMs`. */
export function noAnswer(silenceMs: number): string {
  return `no answer for ${formatDuration(silenceMs)}`;
}
