import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LastRenewal } from '../domain/leases/renewal-due.ts';
import { replaceFile } from '../git/repository/kept-file.ts';

/**
 * When an agent's claims were last renewed from this working tree, in a file of its git directory, so that a hook can
 * find out without git and without a remote that there is nothing to do. A file that cannot be read or written is not a
 * failure.
 */
export class RenewalMemory {
  readonly #path: string;

  /**
   * @param gitDir git directory of the working tree
   * @param who the agent, and what tells its queue from others
   */
  constructor(gitDir: string, who: readonly string[]) {
    const key = createHash('sha256').update(JSON.stringify(who)).digest('hex').slice(0, 16);
    this.#path = join(gitDir, 'agentq', `renewed-${key}.json`);
  }

  /** @returns undefined if nothing is known */
  read(): LastRenewal | undefined {
    try {
      return parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch {
      return undefined;
    }
  }

  write(last: LastRenewal): void {
    try {
      replaceFile(this.#path, `${JSON.stringify(last)}\n`, /^renewed-.*\.json\.\d+$/);
    } catch {
      // A read-only git directory: then each call looks for itself.
    }
  }
}

/** Another version may have written the file, or somebody by hand. */
function parse(value: unknown): LastRenewal | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { at, triedAt, stalledAfterMs, held }: Partial<Record<keyof LastRenewal, unknown>> = value;
  if (typeof at !== 'number' || typeof triedAt !== 'number' || typeof stalledAfterMs !== 'number') return undefined;
  if (!Array.isArray(held)) return undefined;
  const names = held.filter((one: unknown) => typeof one === 'string');
  return { at, triedAt, stalledAfterMs, held: names };
}
