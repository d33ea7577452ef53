import { authorFrom, projectProblem } from '../base/names.ts';
import { toNoteText } from '../base/note-text.ts';

/** While it lasts, nothing is claimed of a project, or of the whole queue. */
export interface Pause {
  /** Absent: all projects, on whatever branch they live. */
  readonly project?: string;
  /** ISO 8601 UTC, in whole seconds. */
  readonly at: string;
  /** An agent, or a person by name. */
  readonly by: string;
  /** One line. */
  readonly reason: string;
}

/**
 * The file next to the settings with the pauses, on the main branch: one JSON document per line, that of the whole
 * queue first. If nothing is paused, there is no such file.
 */
export const PAUSES_FILE = '.agents-core/config/pauses.jsonl';

/** Longest file that is read (characters), and longest reason: nobody pauses a thousand projects. */
const LONGEST_FILE = 500_000;
const LONGEST_REASON = 1000;

/**
 * Reads the file. A line without a project that can exist, or that is not JSON, is skipped: only whoever paused it can
 * have meant something by it. Everything else that a line lacks is made up, since a pause is meant to hold.
 */
export function parsePauses(text: string): readonly Pause[] {
  const pauses = new Map<string | undefined, Pause>();
  for (const line of text.slice(0, LONGEST_FILE).split('\n')) {
    const pause = pauseIn(line);
    if (pause !== undefined) pauses.set(pause.project, pause);
  }
  return [...pauses.values()];
}

/** The text of the file; undefined if there is nothing to pause. */
export function formatPauses(pauses: readonly Pause[]): string | undefined {
  if (pauses.length === 0) return undefined;
  const rank = ({ project }: Pause): string => project ?? '';
  const sorted = [...pauses].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  return sorted.map(({ project, at, by, reason }) => `${JSON.stringify({ project, at, by, reason })}\n`).join('');
}

/** The pause that keeps tasks of the project from being claimed: that of the whole queue first. */
export function pauseOf(pauses: readonly Pause[], project: string | undefined): Pause | undefined {
  const whole = pauses.find((pause) => pause.project === undefined);
  return whole ?? (project === undefined ? undefined : pauses.find((pause) => pause.project === project));
}

/** The pauses that keep tasks of the project from being claimed; all of them for the whole queue. */
export function pausesOf(pauses: readonly Pause[] = [], project: string | undefined): readonly Pause[] {
  return pauses.filter((pause) => project === undefined || pause.project === undefined || pause.project === project);
}

/** A pause in one line: `auth is paused by Ada Lovelace since 2026-03-01T12:00:00Z: the server is moving`. */
export function describePause({ project, at, by, reason }: Pause): string {
  return `${project ?? 'the queue'} is paused by ${by} since ${at}: ${reason}`;
}

function pauseIn(line: string): Pause | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { project, at, by, reason } = value as Readonly<Record<string, unknown>>;
  if (project !== undefined && (typeof project !== 'string' || projectProblem(project) !== undefined)) return undefined;
  return {
    ...(project === undefined ? {} : { project }),
    at: typeof at === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at) ? at : 'an unknown time',
    by: (typeof by === 'string' ? authorFrom(by) : undefined) ?? 'somebody',
    reason: (typeof reason === 'string' ? toNoteText(reason.slice(0, LONGEST_REASON)) : '') || 'no reason is given',
  };
}
