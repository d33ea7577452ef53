import { agentProblem } from '../../../domain/base/names.ts';
import { orAborted } from '../../../engine/work/shutdown.ts';
import type { CommandContext } from '../../command/context.ts';
import { readCapabilities } from '../../command/filter.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import { ownVersion } from '../../presence/own-presence.ts';
import type { McpOptions } from './options.ts';
import type { McpResult } from './result.ts';
import { Session } from './session.ts';

/** Most tasks that one session may hold: an agent that forgets one keeps it from all others. */
const MOST_HELD = 50;

/** Reads and checks the options of `agentq mcp`. */
export function parse(input: Input): McpOptions {
  if (input.isOn('json')) throw usage('mcp has no --json: what it writes to stdout is its protocol');
  const agent = input.text('agent', agentProblem);
  const task =
    agent !== undefined && agent === input.workers('AGENTQ_AGENT') ? input.workers('AGENTQ_TASK_ID') : undefined;
  return {
    ...(agent === undefined ? {} : { agent }),
    project: input.project(),
    can: readCapabilities(input, 'can'),
    onExit: input.word('on-exit', ['release', 'keep']) ?? 'release',
    mostHeld: input.integer('hold', 1, MOST_HELD) ?? 1,
    heartbeatMs: input.typedDuration('heartbeat'),
    names: input.isOn('force') ? 'taken-over' : 'own',
    workersTask: task === undefined ? undefined : fullName(task, input.workers('AGENTQ_PROJECT')),
  };
}

/** Serves one agent over stdin and stdout for as long as its client is there. */
export async function run(options: McpOptions, context: CommandContext): Promise<McpResult> {
  const { signal, clock, log, stdin } = context;
  const session = new Session(options, context);
  await session.begin();
  const [{ serve }, { LineTransport }] = await Promise.all([import('./serve.ts'), import('./line-transport.ts')]);
  const transport = new LineTransport(stdin.stream(), (message) => context.send(message));
  const stop = await serve({ session, transport, clock, log, version: ownVersion() });
  const why = await orAborted(transport.ended, signal).then(
    () => 'finish' as const,
    () => 'at-once' as const,
  );
  log.debug(why === 'finish' ? 'the client has disconnected' : 'told to end');
  try {
    await session.end(why);
  } finally {
    await stop();
  }
  signal.throwIfAborted();
  return { agent: session.agent };
}

function fullName(task: string, project: string | undefined): string {
  return project === undefined || task.includes('/') ? task : `${project}/${task}`;
}
