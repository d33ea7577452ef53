import { setMaxListeners } from 'node:events';
import { systemClock } from '../../../src/cli/command/system.ts';
import { CriticalSection } from '../../../src/engine/base/critical-section.ts';
import { startDeadline } from '../../../src/engine/base/deadline.ts';
import type { Pending } from '../../../src/engine/base/engine.ts';
import { Combiner, type CombinerOptions } from '../../../src/engine/combining/combiner.ts';
import type { CarryOut } from '../../../src/engine/combining/leader.ts';
import { transact } from '../../../src/engine/transaction/transaction.ts';
import type { Answer } from '../../../src/engine/wire/ticket.ts';
import { meetIn } from '../processes/meeting.ts';
import { FileRemote } from '../remotes/file-remote.ts';
import { FileStore } from '../remotes/file-store.ts';
import { type Scene, scene } from '../scene/scene.ts';
import { TestClock } from './test-clock.ts';
import { claimOf, testEngine } from './test-engine.ts';

/** A signal that is never aborted. */
export const never: AbortSignal = new AbortController().signal;
// Many submits of one process share it here, which real processes do not.
setMaxListeners(0, never);

/** Combiners of several "processes" in this one, at a real socket, on a simulated remote with five tasks. */
export class Combining implements AsyncDisposable {
  readonly box: Scene;
  readonly remote: FileRemote = FileRemote.withTasks(5);

  private constructor(box: Scene) {
    this.box = box;
  }

  static async create(): Promise<Combining> {
    return new Combining(await scene());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.box[Symbol.asyncDispose]();
  }

  /** One more process, that carries out as they all do unless it is told otherwise. */
  combiner(parts: Partial<CombinerOptions> = {}): Combiner {
    const clock = new TestClock();
    const signal = parts.signal ?? never;
    const engine = testEngine(new FileStore(this.remote), { clock });
    return new Combiner({
      meet: meetIn(this.box.root),
      carryOut: (intake, batchSignal) => transact({ ...engine, signal: batchSignal }, intake),
      lookUp: async () => undefined,
      // A leader that says that it lives must not say so in no time.
      clock: systemClock,
      signal,
      critical: new CriticalSection(signal, clock),
      onEvent: () => undefined,
      ...parts,
    });
  }

  /** Carries out on the remote, and does nothing else. */
  readonly plain: CarryOut = (intake, signal) => {
    return transact({ ...testEngine(new FileStore(this.remote)), signal }, intake);
  };
}

/** A claim that waits to be carried out. */
export function pending(agent: string, base?: string): Pending {
  return { intent: claimOf(agent), base };
}

/** As a caller submits that gives up with the signal, and hears nothing else. */
export async function submitTo(one: Combiner, asked: Pending, stop: AbortSignal): Promise<Answer> {
  const unlimited = startDeadline(systemClock, { tooLate: () => new Error('there is no limit') });
  const submission = await one.submit(asked, { ...unlimited, stop }, () => undefined);
  if (submission.kind === 'failed') throw submission.error;
  return submission.answer;
}
