import type { RefUpdate } from '../answers/push-outcome.ts';
import { Conversation, type Reply } from '../process/conversation.ts';
import type { GitClient } from '../process/git-client.ts';
import type { ProcessLimits } from '../process/git-process.ts';

/** Overrides settings of the user that would sign the push, or ask the server before it. */
const CONFIG = ['push.gpgSign=false', 'push.negotiate=false'];

/** How long (ms) the helper may take to end once it has answered the push. */
const FAREWELL_MS = 10_000;

/** How long (ms) the helper may take for an answer for which it asks nobody. */
const LOCAL_ANSWER_MS = 30_000;

/** The refs of the server by name, or why there is no list of them. */
export type Listing =
  | { readonly kind: 'listed'; readonly refs: ReadonlyMap<string, string> }
  | { readonly kind: 'failed'; readonly ended: Reply['ended'] };

/** What became of a push through the helper. */
export type HelperPush =
  /** Nothing was sent, and nothing will be. */
  | { readonly kind: 'not-begun'; readonly ended: Reply['ended'] }
  /** It was sent, and there is no whole answer. */
  | { readonly kind: 'broken-off'; readonly ended: Reply['ended']; readonly end: HelperEnd }
  /** `report` has a line per ref, see `helper-report.ts`; `end` is known only after a push that failed. */
  | { readonly kind: 'answered'; readonly report: string; readonly end: Promise<HelperEnd> };

/** How the helper ended. */
export interface HelperEnd {
  readonly exitCode: number;
  readonly stderr: string;
}

/**
 * Git's own program for http and https remotes, which `git push` and `git fetch` start (gitremote-helpers(7)). It lists
 * the refs and pushes over one connection, and has the user's credentials, proxies and `http.*` settings.
 *
 * One helper lists once and pushes once. It never forgets a lease or that a push was atomic, so that a second push of a
 * ref would be held against the lease of the first. The push is compared with the list that was read: the helper does
 * not ask again, and the server rejects a ref that has moved since.
 */
export class RemoteHelper {
  readonly #conversation: Conversation;

  /** Starts the helper. @throws Failure `interrupted` or `machine-unusable` */
  constructor(git: GitClient, remote: string, command: 'remote-http' | 'remote-https') {
    // It finds the URL by itself, so that no list of processes shows a password.
    this.#conversation = new Conversation(git, [command, remote], CONFIG);
  }

  /** Lists the refs that can be pushed to. @throws Failure `interrupted` */
  async list(limits: ProcessLimits): Promise<Listing> {
    // Two blocks, each of which ends with an empty line.
    const isWhole = (text: string) => text.endsWith('\n\n') && text.indexOf('\n\n') < text.length - 2;
    const { text, ended } = await this.#conversation.ask('capabilities\nlist for-push\n', isWhole, limits);
    if (ended !== undefined) return { kind: 'failed', ended };
    const refs = parseListing(text);
    return refs === undefined ? { kind: 'failed', ended: undefined } : { kind: 'listed', refs };
  }

  /** Pushes; each update is leased. @throws Failure `interrupted` */
  async push(updates: readonly RefUpdate[], atomic: boolean, limits: ProcessLimits): Promise<HelperPush> {
    const options = updates.map(({ ref, expected }) => `option cas ${ref}:${expected ?? ''}\n`);
    if (atomic) options.push('option atomic true\n');
    const isAnswered = (text: string) => text.split('\n').length > options.length;
    const silenceMs = LOCAL_ANSWER_MS;
    const agreed = await this.#conversation.ask(options.join(''), isAnswered, { ...limits, silenceMs });
    if (agreed.ended !== undefined || agreed.text !== 'ok\n'.repeat(options.length)) {
      this.#conversation.hangUp();
      return { kind: 'not-begun', ended: agreed.ended };
    }
    const refs = updates.map(({ ref, to }) => `push ${to ?? ''}:${ref}\n`);
    const isWhole = (text: string) => text === '\n' || text.endsWith('\n\n');
    // The first empty line begins the push, the second one ends the helper after it.
    const { text, ended } = await this.#conversation.ask(`${refs.join('')}\n\n`, isWhole, limits);
    if (ended === undefined) return { kind: 'answered', report: text, end: this.#farewell() };
    return { kind: 'broken-off', ended, end: await this.#farewell() };
  }

  /** Ends the helper after a list that failed. @returns what it said */
  async lastWords(): Promise<string> {
    return (await this.#farewell()).stderr;
  }

  /** Ends the helper, and does not wait for it. */
  close(): void {
    this.#conversation.hangUp();
  }

  #farewell(): Promise<HelperEnd> {
    return this.#conversation.farewell(FAREWELL_MS);
  }
}

/** The refs in the answer to `capabilities` and `list`; undefined if it is not what gitremote-helpers(7) describes. */
function parseListing(text: string): ReadonlyMap<string, string> | undefined {
  const end = text.indexOf('\n\n');
  const capabilities = text
    .slice(0, end)
    .split('\n')
    .map((line) => line.replace(/^\*/, ''));
  if (!capabilities.includes('push') || !capabilities.includes('option')) return undefined;
  const refs = new Map<string, string>();
  for (const line of text.slice(end + 2).split('\n')) {
    // `@<ref> <name>`: a symbolic ref.
    if (line === '' || line.startsWith('@')) continue;
    const [, oid, ref] = /^([0-9a-f]{40}) (\S+)$/.exec(line) ?? [];
    if (oid === undefined || ref === undefined) return undefined;
    refs.set(ref, oid);
  }
  return refs;
}
