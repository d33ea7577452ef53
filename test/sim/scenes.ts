import type { Command, ProcessSpec, ScriptedFault, ServerSpec, WorldSpec } from './spec.ts';

type Claim = Extract<Command, { kind: 'claim' }>;

/** A claim; by itself it has no limit and waits for nothing. */
export function claim(agent: string, options: Partial<Claim> = {}): Claim {
  return { kind: 'claim', agent, ...options };
}

/** A process on the first machine that starts then. */
export function at(
  startMs: number,
  name: string,
  command: Command,
  more: Partial<Omit<ProcessSpec, 'name' | 'command' | 'startMs'>> = {},
): ProcessSpec {
  return { name, startMs, command, machine: 0, ...more };
}

/** The same process on another machine. */
export function on(machine: number, process: ProcessSpec): ProcessSpec {
  return { ...process, machine };
}

/** As many machines as the processes need, four tasks, 20 ms to the server and back. */
export function world(
  processes: readonly ProcessSpec[],
  server: ServerSpec = {},
  more: Partial<Omit<WorldSpec, 'processes' | 'server'>> = {},
): WorldSpec {
  const machines = Array.from({ length: 1 + Math.max(...processes.map(({ machine }) => machine)) }, () => ({}));
  return { seed: 1, tasks: 4, machines, latencyMs: 20, processes, server, ...more };
}

/** A server with faults at certain pushes. */
export function script(...scripted: readonly ScriptedFault[]): ServerSpec {
  return { scripted };
}
