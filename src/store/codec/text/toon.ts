import { type DecodeOptions, decode } from '@toon-format/toon';

/**
 * Longest run of blanks in text that the library is given. It trims with a regular expression that takes quadratic
 * time, and a run of a million would take it a quarter of an hour.
 */
const LONGEST_RUN = 1000;

/** Text that must not be given to the library. */
export class BlanksError extends Error {
  /** 1-based. */
  readonly line: number;

  constructor(line: number) {
    super(`more than ${LONGEST_RUN} blanks in a row`);
    this.line = line;
  }
}

/**
 * What the TOON library decodes strictly, in time that is proportional to the text.
 * @throws ToonDecodeError if it is not TOON
 * @throws BlanksError
 */
export function decodeToon(text: string, options?: DecodeOptions): unknown {
  let run = 0;
  let line = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) line++;
    run = code === 32 || code === 9 ? run + 1 : 0;
    if (run > LONGEST_RUN) throw new BlanksError(line);
  }
  return decode(text, options);
}
