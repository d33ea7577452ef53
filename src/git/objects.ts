import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Failure } from '../domain/failure.ts';
import { type GitClient, throwIfAborted } from './git-client.ts';
import { closed, endOnAbort } from './git-process.ts';
import { promisorOf } from './promisor.ts';
import { type Repository, tooOld } from './repository.ts';
import { parseTree } from './tree.ts';
import type { Ending } from './upstream.ts';
import { wordsOf } from './words.ts';

export interface TreeEntry {
  /** `100644`, `100755`, `120000` (symbolic link), `40000` (folder), `160000` (submodule). */
  readonly mode: string;
  /** Decoded as UTF-8; bytes that are not become U+FFFD, which no name of a queue has. */
  readonly name: string;
  readonly oid: string;
}

export type BlobReading =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'too-large'; readonly size: number }
  | { readonly kind: 'missing' };

/**
 * Reads objects through one `cat-file` process. What is missing in a partial clone is fetched, which a signal ends. Requests are answered in order
 * and may overlap.
 */
export interface ObjectReader {
  /** Whether the commit is here; never fetches. */
  exists(oid: string): Promise<boolean>;
  /** The commit that HEAD of this worktree is at now; undefined where it has none yet. */
  head(): Promise<string | undefined>;
  /** Parents of each commit, in the order asked; undefined for one that is not here. Never fetches. */
  parents(oids: readonly string[]): Promise<readonly (readonly string[] | undefined)[]>;
  /** Root tree of a commit. @throws Failure `internal` where it is missing or no commit. */
  commitTree(oid: string): Promise<string>;
  /**
   * Entries of each tree, in the order asked. In a partial clone, missing ones are fetched in one batch.
   * @throws Failure `internal` where one is missing or no tree; what a fetch throws.
   */
  readTrees(oids: readonly string[], ending?: Ending): Promise<readonly (readonly TreeEntry[])[]>;
  /** A tree object's bytes. @throws as {@link readTrees} */
  rawTree(oid: string): Promise<Buffer>;
  /** Content of each blob, in the order asked; those over `maxBytes` (default 4 MiB) are not read. */
  readBlobs(
    oids: readonly string[],
    options?: { readonly maxBytes?: number | undefined } & Ending,
  ): Promise<readonly BlobReading[]>;
  /** Ends the process. Safe to call twice. */
  close(): Promise<void>;
}

/** A task file is some kilobytes; one of 200 MB is somebody's mistake and must not end up in memory. */
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** The newest trees are kept: a claim reads five, and each is a few kilobytes. */
const RECENT_TREES = 32;
const RECENT_BYTES = 256 * 1024;

/**
 * Reads through the process that is given, or starts one at once. Objects that are fetched later are found: git looks for
 * new packs before it calls an object missing.
 */
export function openObjects(
  repository: Repository,
  batch: ObjectBatch = startObjectBatch(repository.git),
): ObjectReader {
  const promisor = repository.partial ? promisorOf(repository) : undefined;

  /** A change of the tree begins with folders that have been read just now. */
  const recent = new Map<string, Buffer>();
  async function trees(oids: readonly string[], signal?: AbortSignal): Promise<Buffer[]> {
    await promisor?.ensure(oids, signal);
    const bodies = await contents(oids, 'tree');
    for (const [index, body] of bodies.entries()) if (body.length <= RECENT_BYTES) recent.set(oids[index] ?? '', body);
    for (const oid of recent.keys()) {
      if (recent.size <= RECENT_TREES) break;
      recent.delete(oid);
    }
    return bodies;
  }

  async function contents(oids: readonly string[], type: string): Promise<Buffer[]> {
    const answers = await batch.ask('contents', oids);
    return answers.map(({ oid, header, body }) => {
      if (header?.type === type && body !== undefined) return body;
      throw new Failure(
        'internal',
        `${oid} is ${header === undefined ? 'missing' : `a ${header.type}`}, not a ${type}`,
        header === undefined ? { details: { missing: oid } } : {},
      );
    });
  }

  return {
    async exists(oid) {
      if (promisor !== undefined) return (await promisor.absent([oid])).length === 0;
      const [answer] = await batch.ask('info', [oid]);
      return answer?.header !== undefined;
    },
    async head() {
      const [answer] = await batch.ask('info', [HEAD]);
      return answer?.header?.oid;
    },
    async parents(oids) {
      const answers = await batch.ask('contents', oids);
      return answers.map(({ header, body }) => {
        if (header?.type !== 'commit' || body === undefined) return undefined;
        const [head = ''] = body.toString('latin1').split('\n\n', 1);
        return head.split('\n').flatMap((line) => (line.startsWith('parent ') ? [line.slice(7)] : []));
      });
    },
    async commitTree(oid) {
      const [body] = await contents([oid], 'commit');
      const tree = /^tree ([0-9a-f]+)\n/.exec(body?.toString('latin1') ?? '')?.[1];
      if (tree === undefined) throw new Failure('internal', `commit ${oid} has no tree`);
      return tree;
    },
    async readTrees(oids, { signal } = {}) {
      const idBytes = repository.zeroId.length / 2;
      return (await trees(oids, signal)).map((body) => parseTree(body, idBytes));
    },
    async rawTree(oid) {
      const [body = Buffer.alloc(0)] = recent.has(oid) ? [recent.get(oid)] : await trees([oid]);
      return body;
    },
    async readBlobs(oids, { maxBytes = DEFAULT_MAX_BYTES, signal } = {}) {
      await promisor?.ensure(oids, signal);
      // Sizes first: `contents` can't be told to stop half-way.
      const infos = await batch.ask('info', oids);
      const fits = infos.filter(({ header }) => header?.type === 'blob' && header.size <= maxBytes);
      const bodies = (
        await batch.ask(
          'contents',
          fits.map(({ oid }) => oid),
        )
      ).values();
      return infos.map(({ header }): BlobReading => {
        if (header?.type !== 'blob') return { kind: 'missing' };
        if (header.size > maxBytes) return { kind: 'too-large', size: header.size };
        const body = bodies.next().value?.body;
        return body === undefined ? { kind: 'missing' } : { kind: 'content', bytes: body };
      });
    },
    close: batch.close,
  };
}

/** The only name that is asked for; everything else has an id. */
const HEAD = 'HEAD^{commit}';

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

/** A running `cat-file`, which can be started before anything is known of the repository. */
export interface ObjectBatch {
  ask(command: 'info' | 'contents', oids: readonly string[]): Promise<readonly Answer[]>;
  close(): Promise<void>;
}

/**
 * `cat-file --batch-command --buffer`: answers come in order, a `flush` ends each question. Since stdout is always read,
 * git never waits for us while we wait for it; what it has not taken yet of a long list waits in the stream's buffer.
 */
export function startObjectBatch(git: GitClient): ObjectBatch {
  throwIfAborted(git.signal);
  const child = git.spawn(['cat-file', '--batch-command', '--buffer']);
  const questions: Question[] = [];
  let stderr = '';
  let gone: unknown;
  const unlink = endOnAbort(git.signal, child);
  closed(child).then(
    (code) =>
      end(
        code === USAGE_ERROR
          ? tooOld('git is too old: it has no `cat-file --batch-command`')
          : new Failure('internal', `git cat-file ended (${code}): ${wordsOf(stderr)}`),
      ),
    (error: unknown) => end(error),
  );

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

  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  child.stdin.on('error', () => {});
  readAnswers(child, questions);

  return {
    ask(command, oids) {
      if (oids.length === 0) return Promise.resolve([]);
      if (gone !== undefined) return Promise.reject(abortedOr(gone));
      const bad = oids.find((oid) => oid !== HEAD && !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(oid));
      if (bad !== undefined) return Promise.reject(new Failure('internal', `${JSON.stringify(bad)} is no object id`));
      return new Promise((resolve, reject) => {
        questions.push({ command, oids, answers: [], resolve, reject });
        child.stdin.write(`${oids.map((oid) => `${command} ${oid}\n`).join('')}flush\n`);
      });
    },
    async close() {
      gone ??= new Failure('internal', 'the object reader is closed');
      child.stdin.end();
      // Else the abort that ends a command would look for what it has started, through the table of all processes.
      unlink();
      // It only reads: nobody needs to wait for its end, which takes 2 ms, and more on a busy machine.
      child.kill('SIGTERM');
    },
  };
}

/** The same, started by the first question: for those who may well do without it. */
export function objectBatchOnDemand(git: GitClient): ObjectBatch {
  let started: ObjectBatch | undefined;
  let isClosed = false;
  return {
    async ask(command, oids) {
      if (isClosed) throw new Failure('internal', 'the object reader is closed');
      started ??= startObjectBatch(git);
      return started.ask(command, oids);
    },
    async close() {
      isClosed = true;
      await started?.close();
    },
  };
}

/** Git's exit code for an option that it does not know. */
const USAGE_ERROR = 129;

/** Takes `<oid> <type> <size> LF` and, for `contents`, `<bytes> LF` off the stream. */
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
        // Its last byte is the newline that follows the object.
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
