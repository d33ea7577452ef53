import { emitKeypressEvents } from 'node:readline';

/** A key, by its name (`up`, `return`, `escape`) or, for what is typed, its text. */
export interface Key {
  readonly name: string;
  /** What it types; empty for keys that type nothing. */
  readonly text: string;
}

/** The whole terminal, for a command that draws and redraws it. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Replaces what is shown. Each line must fit the width, and there are at most `rows` of them. */
  draw(lines: readonly string[]): void;
  /** Gives the terminal back as it was before. */
  close(): void;
}

export interface ScreenEvents {
  onKey(key: Key): void;
  /** The terminal has another size, or is ours again after the process was stopped (Ctrl-Z): draw. */
  onRedraw(): void;
}

/** Enters the alternate screen, without a cursor and without wrapping. The other one leaves it. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J\u001b[H';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';

const CLEAR = '\u001b[2J\u001b[H';

/** Opens a screen. */
export type OpenScreen = (events: ScreenEvents) => Promise<Screen>;

/**
 * How to open the terminal of the process; undefined if stdin or stdout is not a terminal. The library that draws is
 * loaded then.
 */
export function screenOf(process: NodeJS.Process): OpenScreen | undefined {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return undefined;
  return async (events) => {
    const { createLogUpdate } = await import('log-update');
    return new TerminalScreen(process, events, () => createLogUpdate(process.stdout, { showCursor: true }));
  };
}

type Update = (text: string) => void;

class TerminalScreen implements Screen {
  readonly #process: NodeJS.Process;
  readonly #events: ScreenEvents;
  readonly #fresh: () => Update;
  #update: Update;
  #isOurs = false;

  constructor(process: NodeJS.Process, events: ScreenEvents, fresh: () => Update) {
    this.#process = process;
    this.#events = events;
    this.#fresh = fresh;
    this.#update = fresh();
    emitKeypressEvents(process.stdin);
    process.stdin.on('keypress', this.#onKeypress);
    process.stdout.on('resize', this.#onResize);
    process.on('SIGTSTP', this.#stop);
    process.on('SIGCONT', this.#resume);
    // However this process ends: a terminal without a cursor would be useless afterwards.
    process.once('exit', this.#leave);
    this.#enter();
  }

  get columns(): number {
    return Math.max(1, this.#process.stdout.columns || 80);
  }

  get rows(): number {
    // What draws ends each picture with a new line: in the last row, that would scroll the first one away.
    return Math.max(1, (this.#process.stdout.rows || 24) - 1);
  }

  draw(lines: readonly string[]): void {
    if (this.#isOurs) this.#update(lines.join('\n'));
  }

  close(): void {
    const { stdin, stdout } = this.#process;
    this.#leave();
    stdin.off('keypress', this.#onKeypress);
    stdin.pause();
    stdout.off('resize', this.#onResize);
    this.#process.off('SIGTSTP', this.#stop);
    this.#process.off('SIGCONT', this.#resume);
    this.#process.off('exit', this.#leave);
  }

  #enter(): void {
    this.#process.stdout.write(ENTER);
    this.#process.stdin.setRawMode(true);
    this.#process.stdin.resume();
    this.#isOurs = true;
  }

  readonly #leave = (): void => {
    if (!this.#isOurs) return;
    this.#isOurs = false;
    this.#process.stdin.setRawMode(false);
    this.#process.stdout.write(LEAVE);
  };

  readonly #onResize = (): void => {
    this.#process.stdout.write(CLEAR);
    this.#update = this.#fresh();
    this.#events.onRedraw();
  };

  /** For Ctrl-Z, which is only a key in this mode, and for the signal: the shell has the terminal meanwhile. */
  readonly #stop = (): void => {
    this.#leave();
    this.#process.kill(this.#process.pid, 'SIGSTOP');
  };

  readonly #resume = (): void => {
    if (this.#isOurs) return;
    this.#enter();
    this.#update = this.#fresh();
    this.#events.onRedraw();
  };

  readonly #onKeypress = (
    text: string | undefined,
    key: { readonly name?: string; readonly ctrl?: boolean; readonly meta?: boolean } = {},
  ): void => {
    if (key.ctrl === true && key.name === 'z') this.#stop();
    // As if the terminal had sent it: the command ends as it does in every other mode.
    else if (key.ctrl === true && key.name === 'c') this.#process.kill(this.#process.pid, 'SIGINT');
    // Escape twice, quickly, is one key with this mark.
    else if (key.ctrl !== true && (key.meta !== true || key.name === 'escape')) {
      const typed = text !== undefined && /^[^\u0000-\u001f\u007f-\u009f]+$/.test(text) ? text : '';
      this.#events.onKey({ name: key.name ?? typed, text: typed });
    }
  };
}
