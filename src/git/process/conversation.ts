import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Answer, Words } from './collected.ts';
import { type GitClient, throwIfAborted } from './git-client.ts';
import { closed, endOnAbort, endProcess, lastWords, type ProcessLimits, type ProcessResult } from './git-process.ts';
import { onAbort } from './on-abort.ts';

/** The answer to one question. */
export interface Reply {
  readonly text: string;
  /** Why there is no more of it: `exited` if the process ended by itself. undefined: this is all of it. */
  readonly ended: ProcessResult['ended'] | 'exited';
}

/** Most bytes of a reply. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Takes in a piece of an answer, and says whether that was the last one, or one too many. */
export type Take = (chunk: Buffer) => 'more' | 'whole' | 'full';

interface Question {
  readonly take: Take;
  readonly silence: NodeJS.Timeout | undefined;
  readonly resolve: (ended: Reply['ended']) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A git process that is asked one question after another over its pipes. It is killed, with all that it started, when
 * the client's signal is aborted, or when a question's limits are exceeded.
 */
export class Conversation {
  readonly #git: GitClient;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #stderr = new Words();
  readonly #exit: Promise<number>;
  readonly #unlink: () => void;
  #question: Question | undefined;
  #ended: ProcessResult['ended'];
  #hasExited = false;

  /** Starts the process. @throws Failure `interrupted` or `machine-unusable` */
  constructor(git: GitClient, start: () => ChildProcessWithoutNullStreams) {
    throwIfAborted(git.signal);
    this.#git = git;
    const child = start();
    this.#child = child;
    child.stdin.on('error', () => {});
    child.stderr.on('data', (chunk: Buffer) => {
      this.#question?.silence?.refresh();
      this.#stderr.add(chunk);
    });
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#unlink = endOnAbort(git.signal, child);
    this.#exit = closed(child);
    this.#exit.then(
      () => this.#noteExit((question) => question.resolve(this.#ended ?? 'exited')),
      (error: unknown) => this.#noteExit((question) => question.reject(error)),
    );
  }

  /** Whether the process has ended, or is being ended. */
  get hasEnded(): boolean {
    return this.#hasExited || this.#ended !== undefined;
  }

  /**
   * Asks, and reads until the answer is whole. If a limit is exceeded, it first waits for the end of the process.
   * @throws Failure `interrupted`, or `git-unusable` and the like if the process could not be started
   */
  async ask(input: string, isWhole: (text: string) => boolean, limits: ProcessLimits): Promise<Reply> {
    const answer = new Answer(limits.mostBytes ?? MOST_BYTES);
    const take: Take = (chunk) => {
      if (!answer.add(chunk)) return 'full';
      // Every answer ends with a line: the text is put together only there.
      return chunk.at(-1) === LINE_FEED && isWhole(answer.bytes().toString('utf8')) ? 'whole' : 'more';
    };
    const ended = await this.converse([input], take, limits);
    return { text: answer.bytes().toString('utf8'), ended };
  }

  /**
   * As {@link ask}, for answers that are not text.
   * @param input written in order
   * @returns why the answer is not whole; undefined: it is
   */
  async converse(input: readonly (string | Uint8Array)[], take: Take, limits: ProcessLimits): Promise<Reply['ended']> {
    if (this.hasEnded) return this.#ended ?? 'exited';
    const { silenceMs } = limits;
    const silence = silenceMs === undefined ? undefined : setTimeout(() => this.#end('silent'), silenceMs);
    const untell = onAbort(limits.signal, () => this.#end('told'));
    try {
      const ended = await new Promise<Reply['ended']>((resolve, reject) => {
        this.#question = { take, silence, resolve, reject };
        // Turns many small pieces into one write.
        this.#child.stdin.cork();
        for (const piece of input) this.#child.stdin.write(piece);
        this.#child.stdin.uncork();
      });
      if (ended !== undefined) throwIfAborted(this.#git.signal);
      return ended;
    } finally {
      this.#question = undefined;
      clearTimeout(silence);
      untell();
    }
  }

  /**
   * Lets the process end by itself, by closing its input. Does not wait for it.
   * @param lastLine said before that
   */
  hangUp(lastLine = ''): void {
    this.#child.stdin.end(lastLine);
    this.#unlink();
  }

  /**
   * Closes the input and waits for the end of the process, at most `limitMs`.
   * @param lastLine said before that
   * @returns its exit code, and all that it said on stderr
   */
  async farewell(limitMs: number, lastLine = ''): Promise<{ readonly exitCode: number; readonly stderr: string }> {
    this.#child.stdin.end(lastLine);
    const timer = setTimeout(() => this.#end('silent'), limitMs);
    const exitCode = await this.#exit.finally(() => clearTimeout(timer));
    return { exitCode, stderr: `${this.#stderr.text()}${lastWords(this.#child, this.#ended)}` };
  }

  #read(chunk: Buffer): void {
    const question = this.#question;
    if (question === undefined || this.#ended !== undefined) return;
    question.silence?.refresh();
    const taken = question.take(chunk);
    if (taken === 'full') this.#end('full');
    else if (taken === 'whole') question.resolve(undefined);
  }

  #end(why: ProcessResult['ended']): void {
    if (this.#ended !== undefined || this.#hasExited) return;
    this.#ended = why;
    endProcess(this.#child);
  }

  #noteExit(tell: (question: Question) => void): void {
    this.#hasExited = true;
    this.#unlink();
    if (this.#question !== undefined) tell(this.#question);
  }
}

const LINE_FEED = 0x0a;
