import { StringDecoder } from 'node:string_decoder';

/** Longest line (characters); a longer one is shown in pieces. */
const LONGEST = 16_384;

/** Splits the output of a command into lines, wherever its chunks begin and end. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Uint8Array): void {
    this.#take(this.#decoder.write(Buffer.from(chunk)));
  }

  /** Ends the output: a last line without a line end counts too. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== '') this.#give(this.#rest);
    this.#rest = '';
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#give(line);
    while (this.#rest.length > LONGEST) {
      this.#give(this.#rest.slice(0, LONGEST));
      this.#rest = this.#rest.slice(LONGEST);
    }
  }

  /** A progress bar overwrites its line again and again: only its last state is worth a line. */
  #give(line: string): void {
    const states = line.split('\r');
    this.#onLine(states.findLast((state) => state !== '') ?? '');
  }
}
