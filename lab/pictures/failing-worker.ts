import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningAgentq } from '../../test/kit/processes/run-agentq.ts';

/** How often (ms) it is looked whether the command has begun. */
const LOOK_MS = 20;

/**
 * `agentq work` with a command that fails when it is told to: failures are counted for commands only, and a task is not
 * given back by its worker before that.
 */
export class FailingWorker {
  readonly #folder: string;
  readonly #running: RunningAgentq;

  /** @param folder an empty one, for this worker alone */
  constructor(
    folder: string,
    start: (args: readonly string[], env: Readonly<Record<string, string>>) => RunningAgentq,
    agent: string,
  ) {
    this.#folder = folder;
    // The last line of its output is the reason.
    const command = `touch '${folder}/begun'; until [ -e '${folder}/why' ]; do sleep 0.05; done; cat '${folder}/why'; exit 1`;
    const args = ['work', agent, '--once', '--no-stdin', '--last-words', '1', '--', 'sh', '-c', command];
    this.#running = start(args, { XDG_RUNTIME_DIR: folder, SAMPLE_CLOCK: `${folder}/clock` });
  }

  /** Waits until the command runs. Answers whether there was a task for it. */
  async hasBegun(): Promise<boolean> {
    let hasEnded = false;
    void this.#running.done.then(() => (hasEnded = true));
    while (!existsSync(`${this.#folder}/begun`)) {
      if (hasEnded) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  /** Lets it fail at this time (ms since the epoch), and waits for its end. @throws if it ended in another way */
  async fail(at: number, why: string): Promise<void> {
    writeFileSync(`${this.#folder}/clock`, String(at));
    writeFileSync(`${this.#folder}/why`, `${why}\n`);
    const { code, stderr } = await this.#running.done;
    if (code !== 6) throw new Error(`agentq work ended with ${code}: ${stderr}`);
  }
}
