import * as z from 'zod/mini';
import type { ForeignTask, TrackerRules } from '../../../domain/moving/foreign-task.ts';
import type { SourceText } from '../checked.ts';
import { parseJson, readJson, readJsonLines } from '../json.ts';
import { exportedSchema, toForeign } from './exported-task.ts';

export const agentqRules: TrackerRules = {
  tracker: 'agentq',
  names: 'are-ids',
  parts: 'are-apart',
  twice: 'refuse',
  canonical: (name) => name,
};

/** Reads what `agentq export` wrote as JSON or JSON lines. */
export function readAgentq(source: SourceText): readonly ForeignTask[] {
  const first = source.text.trimStart().split('\n', 1)[0] ?? '';
  if (isWholeTask(first)) {
    return readJsonLines(exportedSchema, source).map(({ value, place }) => toForeign(value, place));
  }
  const { value, placeOf } = readJson(z.looseObject({ tasks: z.array(exportedSchema) }), source);
  return value.tasks.map((task, index) => toForeign(task, placeOf('tasks', index)));
}

function isWholeTask(line: string): boolean {
  try {
    const { value } = parseJson({ name: '', text: line });
    return typeof value === 'object' && value !== null && 'task' in value;
  } catch {
    return false;
  }
}
