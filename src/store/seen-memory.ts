import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../git/repository/kept-file.ts';

/** What is older (ms) belongs to a claim that has ended. */
const KEPT_MS = 8 * 86_400_000;

/**
 * What the owner of a claim has been told about its task, in a file of the clone's git directory, so that the next
 * heartbeat can say what has changed since. A file that cannot be read or written is not a failure.
 */
export class SeenMemory {
  readonly #folder: string;
  readonly #path: string;

  /** @param claimId as the branch has it, where anybody may have written it */
  constructor(gitDir: string, claimId: string) {
    this.#folder = join(gitDir, 'agentq');
    const name = createHash('sha256').update(claimId).digest('hex').slice(0, 16);
    this.#path = join(this.#folder, `seen-${name}.json`);
  }

  /** @returns undefined if nothing is known */
  read(): Readonly<Record<string, string>> | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      if (typeof value !== 'object' || value === null) return undefined;
      return Object.fromEntries(Object.entries(value).filter((entry) => typeof entry[1] === 'string'));
    } catch {
      return undefined;
    }
  }

  write(content: Readonly<Record<string, string>>): void {
    try {
      replaceFile(this.#path, `${JSON.stringify(content)}\n`, /^seen-.*\.json\.\d+$/);
    } catch {
      // A read-only git directory: then each heartbeat compares with the claim.
    }
  }

  /** Removes what is known of claims that ended long ago. @param now ms since the epoch */
  forgetOld(now: number): void {
    try {
      for (const name of readdirSync(this.#folder)) {
        const path = join(this.#folder, name);
        if (/^seen-[0-9a-f]{16}\.json$/.test(name) && statSync(path).mtimeMs < now - KEPT_MS)
          rmSync(path, { force: true });
      }
    } catch {
      // There is none, or another process removes the same.
    }
  }
}
