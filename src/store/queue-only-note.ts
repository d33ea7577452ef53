import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What a clone has learnt of a branch: that it holds a queue and no code. A file in the git directory says so, since
 * processes that start no git want to know it. It is a courtesy: if it cannot be read or written, a message is said more.
 */
export class QueueOnlyNote {
  readonly #path: string;

  /** @param commonDir git directory that all worktrees share */
  constructor(commonDir: string, branch: string) {
    this.#path = join(commonDir, 'agentq', 'queue-only', encodeURIComponent(branch));
  }

  isThere(): boolean {
    return existsSync(this.#path);
  }

  write(): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(this.#path, '');
    } catch {
      // The next command finds it out again.
    }
  }
}
