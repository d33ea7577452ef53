import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What is remembered of a remote, and since when (ms since the epoch). */
interface Inabilities {
  readonly publishing?: number;
  readonly atomic?: number;
}

/** A server may have been changed or its hooks mended: what it could not do is tried again after a day. */
const REMEMBERED_MS = 24 * 3_600_000;

/**
 * What a remote has shown that it cannot do, in a file of the repository's git directory. A file that cannot be read or
 * written is no failure: then each process finds out for itself.
 */
export class RemoteAbilitiesFile {
  readonly #folder: string;
  readonly #key: string;
  readonly #now: () => number;
  #known: Promise<Inabilities> | undefined;

  /**
   * @param commonDir git directory that all worktrees share
   * @param key stands for the remote, its URL included
   */
  constructor(commonDir: string, key: string, now: () => number) {
    this.#folder = join(commonDir, 'agentq');
    this.#key = key.replace(/[^A-Za-z0-9_-]/g, '_');
    this.#now = now;
  }

  async canPublish(): Promise<boolean> {
    return this.#isPossible((await this.#read()).publishing);
  }

  async canPushAtomically(): Promise<boolean> {
    return this.#isPossible((await this.#read()).atomic);
  }

  rememberNoPublishing(): Promise<void> {
    return this.#remember({ publishing: this.#now() });
  }

  rememberNoAtomic(): Promise<void> {
    return this.#remember({ atomic: this.#now() });
  }

  #isPossible(since: number | undefined): boolean {
    return since === undefined || this.#now() > since + REMEMBERED_MS;
  }

  get #path(): string {
    return join(this.#folder, `remote-${this.#key}.json`);
  }

  #read(): Promise<Inabilities> {
    this.#known ??= readFile(this.#path, 'utf8').then(
      (text) => parse(text),
      () => ({}),
    );
    return this.#known;
  }

  async #remember(inability: Inabilities): Promise<void> {
    const known = { ...(await this.#read()), ...inability };
    this.#known = Promise.resolve(known);
    try {
      await mkdir(this.#folder, { recursive: true });
      // Written aside and renamed: others read it at any moment.
      const draft = `${this.#path}.${process.pid}`;
      await writeFile(draft, `${JSON.stringify(known)}\n`);
      await rename(draft, this.#path);
    } catch {
      // A read-only git directory: known to this process alone.
    }
  }
}

function parse(text: string): Inabilities {
  try {
    const value = JSON.parse(text) as { publishing?: unknown; atomic?: unknown } | null;
    return {
      ...(typeof value?.publishing === 'number' ? { publishing: value.publishing } : {}),
      ...(typeof value?.atomic === 'number' ? { atomic: value.atomic } : {}),
    };
  } catch {
    return {};
  }
}
