import type { ProcessSpec, WorldSpec } from '../spec.ts';
import type { Span } from './process.ts';

/** When the remote or a disk cannot be counted on, in ms from the beginning. */
export function troublesOf({ server, machines }: WorldSpec): readonly Span[] {
  const { outages = [], limited = [], silent = [], faults } = server;
  return [
    ...outages,
    ...limited,
    ...silent,
    ...(faults === undefined ? [] : [faults.within]),
    ...machines.flatMap(({ diskFull = [] }) => diskFull),
  ];
}

/** Most time (ms) that working on everything takes: one agent may do it all, and some of it twice, after a lost claim. */
export function workMs({ tasks, processes }: WorldSpec): number {
  const added = processes.filter(({ command }) => command.kind === 'add').length;
  const longest = Math.max(0, ...processes.map(({ command }) => (command.kind === 'work' ? command.runsMs : 0)));
  return 2 * (tasks + added) * longest;
}

/** Whether the process goes on until the world ends. */
export function isEndless(spec: ProcessSpec | undefined): boolean {
  return spec?.command.kind === 'watch' || spec?.command.kind === 'stranger';
}
