import type { Sink } from './io.ts';

/** Most lines of a footer: the height of the terminal is not known, and a footer that scrolls cannot be redrawn. */
const MOST_LINES = 20;

/** Most texts that are kept while something else has the terminal: the last ones. */
const MOST_HELD = 20;

const UP_AND_CLEAR = '\u001b[1A\u001b[2K';

/**
 * A sink with a footer that stays at the bottom while lines scroll by above it. Without a footer, and on anything but a
 * terminal, it behaves like the sink that it wraps.
 */
export class LiveSink implements Sink {
  readonly #target: Sink;
  #footer: readonly string[] = [];
  /** Takes what is written while something else has the terminal. */
  #holder: ((text: string) => void) | undefined;
  #held: string[] = [];
  /** Number of footer lines that are on the screen now. */
  #shown = 0;

  constructor(target: Sink) {
    this.#target = target;
  }

  get isTerminal(): boolean {
    return this.#target.isTerminal;
  }

  get columns(): number | undefined {
    return this.#target.columns;
  }

  drained(): Promise<void> | undefined {
    return this.#target.drained?.();
  }

  write(chunk: string | Uint8Array): void {
    if (this.#holder !== undefined && typeof chunk === 'string') {
      this.#held = [...this.#held, chunk].slice(-MOST_HELD);
      this.#holder(chunk);
      return;
    }
    if (this.#footer.length === 0 || typeof chunk !== 'string') {
      this.#target.write(chunk);
      return;
    }
    this.#draw(chunk.endsWith('\n') ? chunk : `${chunk}\n`);
  }

  /** Shows these lines at the bottom from now on. Each must fit the terminal. No lines: no footer. */
  footer(lines: readonly string[]): void {
    if (!this.isTerminal) return;
    this.#footer = lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES - 1), lines.at(-1) ?? ''] : lines;
    this.#draw('');
  }

  /** Lets something else write to the same terminal, above the footer. */
  aside(write: () => void): void {
    if (this.#shown > 0) this.#target.write(UP_AND_CLEAR.repeat(this.#shown));
    this.#shown = 0;
    write();
    if (this.#footer.length > 0) this.#draw('');
  }

  /**
   * Keeps what is written from the terminal until the returned function is called, which writes the last of it. On
   * anything but a terminal, nothing is kept back.
   * @param take is told each text
   */
  hold(take: (text: string) => void): () => void {
    if (!this.isTerminal) return () => undefined;
    this.#holder = take;
    return () => {
      this.#holder = undefined;
      for (const text of this.#held.splice(0)) this.write(text);
    };
  }

  #draw(above: string): void {
    const footer = this.#footer.map((line) => `${line}\n`).join('');
    this.#target.write(`${UP_AND_CLEAR.repeat(this.#shown)}${above}${footer}`);
    this.#shown = this.#footer.length;
  }
}
