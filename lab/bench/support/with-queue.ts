import { Readable } from 'node:stream';
import { givenConfig, resolveConfig } from '../../../src/cli/command/config.ts';
import { createContext } from '../../../src/cli/command/context.ts';
import { Input } from '../../../src/cli/command/input.ts';
import { systemClock } from '../../../src/cli/command/system.ts';
import type { Environment, Io } from '../../../src/cli/output/io.ts';
import { createLog } from '../../../src/cli/output/log.ts';
import { PLAIN } from '../../../src/cli/output/style.ts';
import type { Queue } from '../../../src/engine/queue/queue.ts';

/** Opens the queue of a clone as a command would, but silently, and closes it again. */
export async function withQueue<T>(dir: string, env: Environment, use: (queue: Queue) => Promise<T>): Promise<T> {
  const silent = { write: () => {}, isTerminal: false, columns: undefined };
  const io: Io = {
    stdin: { isTerminal: false, read: async () => new Uint8Array(), stream: () => Readable.from([]) },
    stdout: silent,
    stderr: silent,
    cwd: dir,
    signal: new AbortController().signal,
  };
  const input = new Input({ command: 'claim', args: {}, flags: { C: dir } }, {});
  const config = await resolveConfig(givenConfig(input, dir));
  const log = createLog({
    stderr: silent,
    clock: systemClock,
    agent: 'bench',
    level: 'error',
    format: 'text',
    style: PLAIN,
  });
  const { context, close } = createContext({ config, log, io, env, answer: 'json', style: PLAIN });
  try {
    return await context.withQueue(use);
  } finally {
    await close();
  }
}
