import type { Finding } from '../../../src/domain/base/finding.ts';
import type { Task } from '../../../src/domain/queue/task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';

export const WHERE = { path: '.agents/p/tasks/T-1.toon', project: 'p', id: 'T-1' };

/** The first lines of a task that nothing is to be said about. */
export const HEAD = 'task:\n id: T-1\n project: p\n title: t\n status: ready\n';

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Reads a file that can be read. */
export function readText(text: string): { readonly task: Task; readonly findings: readonly Finding[] } {
  const reading = readTask(bytesOf(text), WHERE);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  return reading;
}
