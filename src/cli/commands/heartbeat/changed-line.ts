import { formatKey, type TaskKey } from '../../../domain/queue/task.ts';

/** What an agent must know whose task others have changed. */
export function changedLine(key: TaskKey, changed: readonly string[]): string {
  const name = formatKey(key);
  return `${name} has changed: ${changed.join(', ')} (\`agentq show ${name}\`)`;
}
