import type { RefUpdate } from '../answers/push-outcome.ts';
import { Conversation, type Reply } from '../process/conversation.ts';
import type { GitClient } from '../process/git-client.ts';
import type { ProcessLimits } from '../process/git-process.ts';

/**
 * Overrides settings of the user that would sign the push, or ask the server before it. The helper lists what can be
 * read, and fetches, by protocol 0 only: git uses it for nothing else by protocol 2.
 */
const CONFIG = ['push.gpgSign=false', 'push.negotiate=false', 'protocol.version=0'];

/** How long (ms) the helper may take to end once it was told to. */
const FAREWELL_MS = 10_000;

/** How long (ms) the helper may take for an answer for which it asks nobody. */
const LOCAL_ANSWER_MS = 30_000;

/** The refs of the server by name, or why there is no list of them. */
export type Listing =
  | { readonly kind: 'listed'; readonly refs: ReadonlyMap<string, string> }
  | { readonly kind: 'failed'; readonly ended: Reply['ended'] };

/** `done`: it is here, with its history. `locks` are files that keep its pack until somebody removes them. */
export type HelperFetch =
  | { readonly kind: 'done'; readonly locks: readonly string[] }
  | { readonly kind: 'failed'; readonly ended: Reply['ended'] };

/** What became of a push through the helper. */
export type HelperPush =
  /** Nothing was sent, and nothing will be. */
  | { readonly kind: 'not-begun'; readonly ended: Reply['ended'] }
  /** It was sent, and there is no whole answer. */
  | { readonly kind: 'broken-off'; readonly ended: Reply['ended']; readonly end: HelperEnd }
  /** `report` has a line per ref, see `helper-report.ts`. */
  | { readonly kind: 'answered'; readonly report: string };

/** How the helper ended. */
export interface HelperEnd {
  readonly exitCode: number;
  readonly stderr: string;
}

/**
 * Git's own program for http and https remotes, which `git push` and `git fetch` start (gitremote-helpers(7)). It lists
 * the refs and pushes over one connection, and has the user's credentials, proxies and `http.*` settings.
 *
 * It keeps the list that it has read until it pushes, and each update is pushed against that list: if a ref has moved
 * since, the server rejects it. So the list is the lease. Leases of the helper's own (`option cas`) are not used: it
 * never forgets one, and would hold the next push of the same ref against it.
 */
export class RemoteHelper {
  readonly #conversation: Conversation;
  #isGreeted = false;
  /** It never forgets that a push was atomic. */
  #isAtomic = false;

  /** Starts the helper. @throws Failure `interrupted` or `machine-unusable` */
  constructor(git: GitClient, remote: string, command: 'remote-http' | 'remote-https') {
    // It finds the URL by itself, so that no list of processes shows a password.
    this.#conversation = new Conversation(git, () => git.spawn([command, remote], CONFIG));
  }

  /**
   * Lists the refs that can be pushed to, or those that can be read. It keeps the last list, of one kind or of the
   * other, until it pushes. @throws Failure `interrupted`
   */
  async list(what: 'to-push' | 'to-read', limits: ProcessLimits): Promise<Listing> {
    const isFirst = !this.#isGreeted;
    this.#isGreeted = true;
    const list = what === 'to-push' ? 'list for-push\n' : 'list\n';
    const question = isFirst ? `capabilities\n${list}` : list;
    const { text, ended } = await this.#conversation.ask(question, isFirst ? areTwoBlocks : isBlock, limits);
    if (ended !== undefined) return { kind: 'failed', ended };
    const end = isFirst ? text.indexOf('\n\n') + 1 : 0;
    const refs = isFirst && !canPush(text.slice(0, end)) ? undefined : parseListing(text.slice(end));
    return refs === undefined ? { kind: 'failed', ended: undefined } : { kind: 'listed', refs };
  }

  /** Fetches a ref that it has listed `to-read`, where that list has it. @throws Failure `interrupted` */
  async fetch(ref: string, oid: string, limits: ProcessLimits): Promise<HelperFetch> {
    const silenceMs = LOCAL_ANSWER_MS;
    // Progress shows that the server is at work: silence has a time limit, a long fetch has none.
    const agreed = await this.#conversation.ask('option progress true\n', isLine, { ...limits, silenceMs });
    if (agreed.ended !== undefined || agreed.text !== 'ok\n') return { kind: 'failed', ended: agreed.ended };
    const { text, ended } = await this.#conversation.ask(`fetch ${oid} ${ref}\n\n`, isBlock, limits);
    if (ended !== undefined) return { kind: 'failed', ended };
    return { kind: 'done', locks: [...text.matchAll(/^lock (.+)$/gm)].map(([, path = '']) => path) };
  }

  /** Whether it can push these as they are meant: none without the others, or each for itself. */
  canPush(updates: readonly RefUpdate[], atomic: boolean): boolean {
    return atomic || !this.#isAtomic || updates.length === 1;
  }

  /**
   * Pushes, each ref from where the last list has shown it. If the push lands, the helper can list again, and push
   * again; otherwise it ends. @throws Failure `interrupted`
   */
  async push(updates: readonly RefUpdate[], atomic: boolean, limits: ProcessLimits): Promise<HelperPush> {
    // Before anything is sent, it shows that the helper still listens.
    const options = ['option progress false\n'];
    if (atomic && !this.#isAtomic) options.push('option atomic true\n');
    this.#isAtomic ||= atomic;
    const isAnswered = (text: string) => text.split('\n').length > options.length;
    const silenceMs = LOCAL_ANSWER_MS;
    const agreed = await this.#conversation.ask(options.join(''), isAnswered, { ...limits, silenceMs });
    if (agreed.ended !== undefined || agreed.text !== 'ok\n'.repeat(options.length)) {
      this.#conversation.hangUp();
      return { kind: 'not-begun', ended: agreed.ended };
    }
    const refs = updates.map((update) => `push ${specOf(update)}\n`);
    const { text, ended } = await this.#conversation.ask(`${refs.join('')}\n`, isBlock, limits);
    if (ended === undefined) return { kind: 'answered', report: text };
    return { kind: 'broken-off', ended, end: await this.end() };
  }

  /** Ends the helper. @returns how it ended, and all that it said */
  end(): Promise<HelperEnd> {
    return this.#conversation.farewell(FAREWELL_MS, '\n');
  }

  /** Ends the helper, and does not wait for it. */
  close(): void {
    this.#conversation.hangUp('\n');
  }
}

/** A helper that may be asked for more. */
export interface Kept {
  readonly helper: RemoteHelper;
  /** What it has listed last; undefined once that was used. */
  readonly refs: ReadonlyMap<string, string> | undefined;
  /** Of this it would give the same list again, and not ask the server: after a fetch as before it, but not after a push. */
  readonly listed: 'to-push' | 'to-read' | undefined;
}

/** How long (ms) a connection is kept for what comes next. Many servers close it after 5 to 75 s. */
const KEPT_MS = 15_000;

/** Keeps one helper for a while, for whoever asks next. */
export class HelperKeeper {
  #kept: Kept | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** What is kept. It stays. */
  get kept(): Kept | undefined {
    return this.#kept;
  }

  /** The helper that waits, which is nobody else's from now on. */
  take(): Kept | undefined {
    const taken = this.#kept;
    this.#kept = undefined;
    clearTimeout(this.#timer);
    return taken;
  }

  /** Of two that are kept at once, only the later one stays. */
  keep(helper: RemoteHelper, refs: Kept['refs'], listed: Kept['listed']): void {
    this.take()?.helper.close();
    if (this.#isClosed) {
      helper.close();
      return;
    }
    this.#timer = setTimeout(() => this.take()?.helper.close(), KEPT_MS).unref();
    this.#kept = { helper, refs, listed };
  }

  /** Keeps nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.take()?.helper.close();
  }
}

/**
 * A branch only moves forward, even if a helper should ask for another list than the one we have seen. Other refs point
 * to anything.
 */
function specOf({ ref, to }: RefUpdate): string {
  if (to === undefined) return `:${ref}`;
  return ref.startsWith('refs/heads/') ? `${to}:${ref}` : `+${to}:${ref}`;
}

/** Whether it is whole: each block ends with an empty line. */
function isBlock(text: string): boolean {
  return text === '\n' || text.endsWith('\n\n');
}

function isLine(text: string): boolean {
  return text.endsWith('\n');
}

function areTwoBlocks(text: string): boolean {
  return text.endsWith('\n\n') && text.indexOf('\n\n') < text.length - 2;
}

function canPush(block: string): boolean {
  const capabilities = block.split('\n').map((line) => line.replace(/^\*/, ''));
  return capabilities.includes('push') && capabilities.includes('option');
}

/** The refs in the answer to `list`; undefined if it is not what gitremote-helpers(7) describes. */
function parseListing(block: string): ReadonlyMap<string, string> | undefined {
  const refs = new Map<string, string>();
  for (const line of block.split('\n')) {
    // `@<ref> <name>`: a symbolic ref.
    if (line === '' || line.startsWith('@')) continue;
    const [, oid, ref] = /^([0-9a-f]{40}) (\S+)$/.exec(line) ?? [];
    if (oid === undefined || ref === undefined) return undefined;
    refs.set(ref, oid);
  }
  return refs;
}
