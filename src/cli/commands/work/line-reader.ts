import { StringDecoder } from 'node:string_decoder';

/** Longest line: what is longer is shown in pieces. */
const LONGEST = 16_384;

/** Cuts what a command says into lines, wherever the pieces that it comes in begin and end. */
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

  /** Nothing comes any more: what has no end of line is one all the same. */
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

  /** A progress bar overwrites its line again and again: only the last state is worth a line of its own. */
  #give(line: string): void {
    const states = line.split('\r');
    this.#onLine(states.findLast((state) => state !== '') ?? '');
  }
}
