import type { Finding, Severity } from '../../../domain/base/finding.ts';
import { EXIT_CODES } from '../../output/exit-codes.ts';
import type { Rendering } from '../../output/rendering.ts';
import { sanitizeLine } from '../../output/sanitize.ts';
import type { Style } from '../../output/style.ts';
import type { ValidateResult } from './result.ts';

/** The report of `validate`: one line per finding, grouped by file, then a line with the totals. */
export function render(result: ValidateResult, { style }: Rendering): string {
  const { format, notes } = result.presentation;
  const isShown = ({ severity }: Finding): boolean => notes === 'list' || severity !== 'note';
  const line = format === 'github' ? annotation : (finding: Finding) => reportLine(finding, style);
  return `${[...result.findings.filter(isShown).map(line), summary(result, style)].join('\n')}\n`;
}

function reportLine({ branch, file, line, severity, code, message, hint }: Finding, style: Style): string {
  const path = branch === undefined ? file : `${branch}:${file}`;
  const place = sanitizeLine(line === undefined ? path : `${path}:${line}`);
  const words = sanitizeLine(hint === undefined ? message : `${message} (${hint})`);
  return `${place}: ${coloured(severity, style)} ${code}: ${words}`;
}

function coloured(severity: Severity, style: Style): string {
  if (severity === 'note') return severity;
  return severity === 'error' ? style.red(severity) : style.yellow(severity);
}

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/** A workflow command: GitHub Actions shows it next to the line of the file. */
function annotation({ file, line, severity, code, message, hint }: Finding): string {
  const properties = [
    `file=${escapeProperty(sanitizeLine(file))}`,
    ...(line === undefined ? [] : [`line=${line}`]),
    `title=${escapeProperty(code)}`,
  ];
  const words = sanitizeLine(hint === undefined ? message : `${message} (${hint})`);
  return `::${COMMANDS[severity]} ${properties.join(',')}::${escapeData(words)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function summary(
  { findings, errors, warnings, notes, tasks, completedUnread, projects, presentation }: ValidateResult,
  style: Style,
): string {
  const where = `${counted(tasks, 'task')} of ${counted(projects, 'project')}`;
  const unread = completedUnread === 0 ? '' : `; ${completedUnread} completed, not read (--all reads them)`;
  if (findings.length === 0) return `${style.green('nothing to fix')} in ${where}${unread}`;
  const counts = [
    ...(errors > 0 ? [style.red(counted(errors, 'error'))] : []),
    ...(warnings > 0 ? [style.yellow(counted(warnings, 'warning'))] : []),
    ...(notes > 0 ? [counted(notes, 'note')] : []),
  ];
  const isHidden = notes > 0 && presentation.notes === 'count';
  return `${counts.join(', ')} in ${where}${unread}${isHidden ? ' (--notes lists the notes)' : ''}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A finding is an answer, not a failure: only the exit code tells scripts. */
export function exitCode({ passed }: ValidateResult): number {
  return passed ? 0 : EXIT_CODES['task-invalid'];
}
