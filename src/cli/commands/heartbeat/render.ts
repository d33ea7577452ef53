import { sanitizeLine } from '../../output/sanitize.ts';
import { taskLines } from '../../output/task-lines.ts';
import { changedLine } from './changed-line.ts';
import type { HeartbeatResult, MineResult } from './result.ts';

/** One line with each task; for a hook, only what the agent must know. */
export function render(renewed: HeartbeatResult | MineResult): string {
  if (!('renewed' in renewed)) return taskLines([renewed]);
  if (renewed.presentation.as === 'lines') return taskLines(renewed.renewed);
  const edited = renewed.renewed.filter(({ changed }) => changed.length > 0);
  const news = [
    ...renewed.lost.map(({ message }) => message),
    ...edited.map(({ project, task, changed }) => changedLine({ project, id: task }, changed)),
  ];
  if (news.length === 0) return '';
  const additionalContext = news.map((message) => `agentq: ${sanitizeLine(message)}.`).join('\n');
  return `${JSON.stringify({ hookSpecificOutput: { hookEventName: 'PostToolUse', additionalContext } })}\n`;
}
