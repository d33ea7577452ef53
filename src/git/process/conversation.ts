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

interface Question {
  readonly answer: Answer;
  readonly isWhole: (text: string) => boolean;
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
  constructor(git: GitClient, args: readonly string[], config: readonly string[]) {
    throwIfAborted(git.signal);
    this.#git = git;
    const child = git.spawn(args, config);
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

  /**
   * Asks, and reads until the answer is whole. If a limit is exceeded, it first waits for the end of the process.
   * @throws Failure `interrupted`, or `git-unusable` and the like if the process could not be started
   */
  async ask(input: string, isWhole: (text: string) => boolean, limits: ProcessLimits): Promise<Reply> {
    if (this.#hasExited || this.#ended !== undefined) return { text: '', ended: this.#ended ?? 'exited' };
    const answer = new Answer(limits.mostBytes ?? MOST_BYTES);
    const { silenceMs } = limits;
    const silence = silenceMs === undefined ? undefined : setTimeout(() => this.#end('silent'), silenceMs);
    const untell = onAbort(limits.signal, () => this.#end('told'));
    try {
      const ended = await new Promise<Reply['ended']>((resolve, reject) => {
        this.#question = { answer, isWhole, silence, resolve, reject };
        this.#child.stdin.write(input);
      });
      if (ended !== undefined) throwIfAborted(this.#git.signal);
      return { text: answer.bytes().toString('utf8'), ended };
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
    if (!question.answer.add(chunk)) {
      this.#end('full');
      return;
    }
    // Every answer ends with a line: the text is put together only there.
    if (chunk.at(-1) === LINE_FEED && question.isWhole(question.answer.bytes().toString('utf8'))) {
      question.resolve(undefined);
    }
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
