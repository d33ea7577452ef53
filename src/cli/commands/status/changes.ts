import type { Queue } from '../../../engine/queue/queue.ts';
import { wordsOf } from '../../../engine/work/faults.ts';
import type { CommandContext } from '../../command/context.ts';
import { countsText } from './live/counts-text.ts';
import { nextChange } from './live/next-change.ts';
import type { StatusResult } from './result.ts';

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
    tip = await nextChange(queue.tips, tip, clock, signal);
    result = await status(clock.now()).catch((error: unknown) => {
      signal.throwIfAborted();
      log.warning(`the queue could not be read: ${wordsOf(error)}`);
      return result;
    });
  }
}

function lineOf({ all }: StatusResult): string {
  const { completed, total, cancelled, percent } = all;
  const counts = countsText(all);
  return `${completed}/${total - cancelled} done (${percent}%)${counts === '' ? '' : `, ${counts}`}`;
}
