import { CHECK_IDS } from '../../../domain/health/check.ts';
import { EXIT_CODES } from '../../output/exit-codes.ts';
import type { Rendering } from '../../output/rendering.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import type { Style } from '../../output/style.ts';
import type { CheckView, DoctorResult } from './result.ts';

const ID_WIDTH = Math.max(...CHECK_IDS.map((id) => id.length));

/** One line for each check, what to do below it, and the counts. Checks that were not done for one reason share a line. */
export function render(result: DoctorResult, { style }: Rendering): string {
  const lines = result.checks.filter(({ done }) => done).flatMap((check) => linesOf(check, style));
  const reasons = new Map<string, string[]>();
  for (const { id, done, message } of result.checks) {
    if (!done) reasons.set(message, [...(reasons.get(message) ?? []), id]);
  }
  const undone = [...reasons].map(([message, ids]) => line('note', '', `${ids.join(', ')} ${message}`, style));
  return `${[...lines, ...undone, summary(result, style)].join('\n')}\n`;
}

function linesOf({ id, level, message, advice, fixed }: CheckView, style: Style): readonly string[] {
  const below = ' '.repeat('wrong'.length + 2 + ID_WIDTH + 2);
  return [
    line(level, id, message, style),
    ...(advice === null ? [] : [`${below}${sanitizeLine(advice)}`]),
    ...fixed.map((name) => `${below}removed ${sanitizeLine(name)}`),
  ];
}

function line(level: CheckView['level'], id: string, message: string, style: Style): string {
  return `${coloured(level, style)}  ${id.padEnd(ID_WIDTH)}  ${sanitizeLine(message)}`;
}

function coloured(level: CheckView['level'], style: Style): string {
  const word = level.padEnd('wrong'.length);
  return level === 'ok' ? style.green(word) : level === 'note' ? style.yellow(word) : style.red(word);
}

function summary({ ok, notes, wrong }: DoctorResult, style: Style): string {
  const counts = [...(notes > 0 ? [`${notes} ${notes === 1 ? 'note' : 'notes'}`] : []), `${ok} ok`].join(', ');
  return wrong === 0 ? `${style.green('nothing is wrong')}: ${counts}` : `${style.red(`${wrong} wrong`)}, ${counts}`;
}

/** What is wrong is an answer, not a failure: only the exit code tells scripts. */
export function exitCode({ passed }: DoctorResult): number {
  return passed ? 0 : EXIT_CODES['machine-unusable'];
}
