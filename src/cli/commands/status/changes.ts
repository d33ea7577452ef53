import type { Queue } from '../../../engine/queue/queue.ts';
import type { CommandContext } from '../../command/context.ts';
import type { StatusResult } from './result.ts';

/** As {@link Live} does: a busy branch moves many times a second. */
const LEAST_PAUSE_MS = 1_000;
const READ_AGAIN_MS = 30_000;

/**
 * Without a terminal: one line, or with `--json` one document, for each change of the figures, until nobody reads.
 * @param status reads the queue
 * @throws Failure `interrupted`, or of the remote if the first read fails; later ones are tried again, with a warning
 */
export async function tellChanges(
  queue: Queue,
  context: CommandContext,
  status: (now: number) => Promise<StatusResult>,
): Promise<void> {
  const { clock, signal, log } = context;
  let told: string | undefined;
  let result = await status(clock.now());
  let tip = await queue.tips.look(signal);
  for (;;) {
    const line = lineOf(result);
    if (line !== told && !(await context.tell(`${result.time}  ${line}`, result))) return;
    told = line;
    await clock.sleep(LEAST_PAUSE_MS, signal);
    const again = AbortSignal.any([signal, AbortSignal.timeout(READ_AGAIN_MS)]);
    try {
      tip = await queue.tips.changed(tip, again);
    } catch (error) {
      signal.throwIfAborted();
      if (!again.aborted) throw error;
    }
    result = await status(clock.now()).catch((error: unknown) => {
      signal.throwIfAborted();
      log.warning(`the queue could not be read: ${error instanceof Error ? error.message : String(error)}`);
      return result;
    });
  }
}

function lineOf({ all }: StatusResult): string {
  const {
    completed,
    total,
    cancelled,
    percent,
    ready,
    waiting,
    held,
    due,
    asking,
    blocked,
    inProgress,
    review,
    stalled,
  } = all;
  const parts: readonly (readonly [number, string])[] = [
    [ready, 'ready'],
    [waiting + held + due, 'waiting'],
    [asking, 'asking'],
    [blocked, 'blocked'],
    [inProgress, 'in progress'],
    [review, 'in review'],
    [stalled, 'stalled'],
  ];
  const counts = parts.flatMap(([count, what]) => (count === 0 ? [] : [`, ${count} ${what}`]));
  return `${completed}/${total - cancelled} done (${percent}%)${counts.join('')}`;
}
