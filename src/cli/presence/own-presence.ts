import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { given } from '../../domain/base/given.ts';
import type { SignIn } from '../../domain/leases/sign-in.ts';
import type { Queue } from '../../engine/queue/queue.ts';
import { Presence } from '../../engine/registry/presence.ts';
import type { CommandContext } from '../command/context.ts';
import type { Environment } from '../output/io.ts';

declare const AGENTQ_VERSION: string;

/** What a command says of itself when it signs in. */
export type SignInOf = Pick<SignIn, 'agents' | 'command'> & {
  readonly capabilities?: readonly string[];
  readonly project?: string | undefined;
};

/** The presence of this process at the queue; it has not signed in yet. */
export function ownPresence(
  queue: Pick<Queue, 'registry'>,
  { agents, command, capabilities = [], project }: SignInOf,
  { clock, env, log }: Pick<CommandContext, 'clock' | 'env' | 'log'>,
): Presence {
  const { machine, machineId } = ownMachine(env);
  let registry: ReturnType<Queue['registry']> | undefined;
  return new Presence({
    registry() {
      registry ??= queue.registry();
      return registry;
    },
    clock,
    who: {
      agents,
      command,
      capabilities,
      machine,
      machineId,
      pid: process.pid,
      version: ownVersion(),
      ...given({ project }),
    },
    onNotice({ kind, message }) {
      if (kind === 'warning') log.warning(message);
      else log.debug(message);
    },
  });
}

/**
 * This machine, as others know it. A container that is started again has its old name, and so is not another
 * machine; virtual machines that were copied mostly have ids of their own where they have the same name.
 */
export function ownMachine({ AGENTQ_MACHINE: named = '' }: Environment): Pick<SignIn, 'machine' | 'machineId'> {
  const machine = named === '' ? hostname() : named;
  const id = named === '' ? idOfSystem() : '';
  const machineId = createHash('sha256').update(`${machine}\n${id}`).digest('hex').slice(0, 16);
  return { machine, machineId };
}

function idOfSystem(): string {
  try {
    return readFileSync('/etc/machine-id', 'latin1').trim();
  } catch {
    // macOS, and many containers.
    return '';
  }
}

/** Tests run from the sources, which have no version. */
export function ownVersion(): string {
  return typeof AGENTQ_VERSION === 'undefined' ? 'unreleased' : AGENTQ_VERSION;
}
