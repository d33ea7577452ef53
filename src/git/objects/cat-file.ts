import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Failure } from '../../domain/base/failure.ts';
import { Words } from '../process/collected.ts';
import { type GitClient, throwIfAborted } from '../process/git-client.ts';
import { closed, endOnAbort, lastWords } from '../process/git-process.ts';
import { localTrouble } from '../process/local-trouble.ts';
import { wordsOf } from '../process/words.ts';
import { tooOld } from '../repository/repository.ts';

/** The only object that is asked for by name; all others are asked for by id. */
export const HEAD = 'HEAD^{commit}';

interface Header {
  readonly oid: string;
  readonly type: string;
  readonly size: number;
}

interface Answer {
  readonly oid: string;
  /** undefined: there is no such object. */
  readonly header: Header | undefined;
  readonly body?: Buffer;
}

interface Question {
  readonly command: 'info' | 'contents';
  readonly oids: readonly string[];
  readonly answers: Answer[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A running `cat-file`. It can be started before anything is known about the repository. */
export interface CatFile {
  ask(command: 'info' | 'contents', oids: readonly string[]): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

/**
 * Starts a `cat-file` at once. If somebody else ends it, another one takes its place: systemd signals every process of a
 * service, and what has been finished by then must still be said.
 */
export function startCatFile(git: GitClient): CatFile {
  return outlivingSignals(git, begin(git));
}

/** The same, started by the first question: for callers that may not need it. */
export function catFileOnDemand(git: GitClient): CatFile {
  return outlivingSignals(git, undefined);
}

/** Most times that one question is asked again: whoever kills four in a row wants none to run. */
const MOST_AGAIN = 3;

interface OneCatFile extends CatFile {
  hasEnded(): boolean;
}

function outlivingSignals(git: GitClient, first: OneCatFile | undefined): CatFile {
  let current = first;
  let isClosed = false;
  return {
    async ask(command, oids) {
      for (let again = 0; ; again++) {
        if (isClosed) throw new Failure('internal', 'the object reader is closed');
        current ??= begin(git);
        const asked = current;
        try {
          return await asked.ask(command, oids);
        } catch (error) {
          // Where memory ran out, this question has its answer, and the next one may be luckier.
          if (asked.hasEnded() && current === asked) current = undefined;
          const wasKilled = error instanceof Failure && error.details.killed === true;
          if (!wasKilled || again === MOST_AGAIN) throw error;
        }
      }
    },
    async close() {
      isClosed = true;
      await current?.close();
    },
  };
}

/**
 * Starts `cat-file --batch-command --buffer` once. Answers come in order; a `flush` ends each question. Since stdout is
 * always read, git never waits for us while we wait for it. What git has not read yet of a long list waits in the
 * stream's buffer.
 */
function begin(git: GitClient): OneCatFile {
  throwIfAborted(git.signal);
  const child = git.spawn(['cat-file', '--batch-command', '--buffer']);
  const questions: Question[] = [];
  const stderr = new Words(64 * 1024);
  let gone: unknown;
  const unlink = endOnAbort(git.signal, child);
  closed(child).then(
    (code) =>
      end(code === USAGE_ERROR ? tooOld('git is too old: it has no `cat-file --batch-command`') : whyItEnded(code)),
    (error: unknown) => end(error),
  );
  function whyItEnded(code: number): Failure {
    const said = `${stderr.text()}${lastWords(child, undefined)}`;
    const how = child.signalCode ?? code;
    const killed = child.signalCode === null ? {} : { details: { killed: true } };
    return localTrouble(said) ?? new Failure('internal', `git cat-file ended (${how}): ${wordsOf(said)}`, killed);
  }

  function end(reason: unknown): void {
    unlink();
    gone ??= reason;
    for (const question of questions.splice(0)) question.reject(abortedOr(gone));
  }
  function abortedOr(reason: unknown): unknown {
    try {
      throwIfAborted(git.signal);
      return reason;
    } catch (interrupted) {
      return interrupted;
    }
  }

  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.stdin.on('error', () => {});
  readAnswers(child, questions);

  return {
    ask(command, oids) {
      if (oids.length === 0) return Promise.resolve([]);
      if (gone !== undefined) return Promise.reject(abortedOr(gone));
      const bad = oids.find((oid) => oid !== HEAD && !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(oid));
      if (bad !== undefined)
        return Promise.reject(new Failure('internal', `${JSON.stringify(bad)} is not an object id`));
      return new Promise((resolve, reject) => {
        questions.push({ command, oids, answers: [], resolve, reject });
        child.stdin.write(`${oids.map((oid) => `${command} ${oid}\n`).join('')}flush\n`);
      });
    },
    hasEnded: () => gone !== undefined,
    async close() {
      gone ??= new Failure('internal', 'the object reader is closed');
      child.stdin.end();
      // Otherwise the abort that ends a command would search the table of all processes for children of this one.
      unlink();
      // The process only reads, so there is no need to wait for its end: 2 ms, and more on a busy machine.
      child.kill('SIGTERM');
    },
  };
}

/** Git's exit code for an option that it does not know. */
const USAGE_ERROR = 129;

/** Reads `<oid> <type> <size> LF` and, for `contents`, `<bytes> LF` from the stream. */
function readAnswers(child: ChildProcessWithoutNullStreams, questions: Question[]): void {
  let line = '';
  let header: Header | undefined;
  let body: Buffer | undefined;
  let filled = 0;

  function answer(entry: Omit<Answer, 'oid'>): void {
    const question = questions[0];
    if (question === undefined) return;
    question.answers.push({ oid: question.oids[question.answers.length] ?? '', ...entry });
    if (question.answers.length < question.oids.length) return;
    questions.shift();
    question.resolve(question.answers);
  }

  child.stdout.on('data', (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length) {
      if (body !== undefined) {
        const taken = chunk.copy(body, filled, at);
        filled += taken;
        at += taken;
        if (filled < body.length) continue;
        // The last byte is the newline that follows the object.
        answer({ header, body: body.subarray(0, -1) });
        body = undefined;
        continue;
      }
      const end = chunk.indexOf(0x0a, at);
      line += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
      if (end < 0) return;
      at = end + 1;
      const [oid = '', type, size] = line.split(' ');
      line = '';
      header = type !== undefined && size !== undefined ? { oid, type, size: Number(size) } : undefined;
      if (header === undefined || questions[0]?.command === 'info') {
        answer({ header });
      } else {
        body = Buffer.allocUnsafeSlow(header.size + 1);
        filled = 0;
      }
    }
  });
}
