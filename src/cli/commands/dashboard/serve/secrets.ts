import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../../domain/base/clock.ts';

/** For how long (ms) the URL for the browser that is opened can be used, once. */
const ONCE_MS = 60_000;

/**
 * What opens a page that may act. The token is in the URL that is printed, and is exchanged for a session, which is in a
 * cookie. Every user of the machine can read the command line with which a browser is opened: what is in that URL works
 * once, and not for long.
 */
export class Secrets {
  readonly token: string = secret();
  readonly session: string = secret();
  readonly #clock: Pick<Clock, 'now'>;
  #once: { readonly text: string; readonly until: number } | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** A token that works once. */
  makeOnce(): string {
    const text = secret();
    this.#once = { text, until: this.#clock.now() + ONCE_MS };
    return text;
  }

  /** Whether it opens the page. */
  accepts(token: string): boolean {
    const once = this.#once;
    if (once !== undefined && isSame(token, once.text)) {
      this.#once = undefined;
      return this.#clock.now() <= once.until;
    }
    return isSame(token, this.token);
  }

  /** Whether it is the session of a page that was opened. */
  isSession(text: string | undefined): boolean {
    return text !== undefined && isSame(text, this.session);
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, right: string): boolean {
  return timingSafeEqual(digest(given), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
