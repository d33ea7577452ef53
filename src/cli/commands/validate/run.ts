import type { Finding, Severity } from '../../../domain/base/finding.ts';
import { given } from '../../../domain/base/given.ts';
import { quote } from '../../../domain/base/names.ts';
import { branchFindings } from '../../../domain/defects/branch-findings.ts';
import { projectAt, validate } from '../../../domain/defects/validate.ts';
import { baseFindings } from '../../../engine/queue/base-findings.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { ReadQueue } from '../../../engine/queue/reader.ts';
import { EVERY_STATE, OPEN_STATES, placeOf, requireProject, tipsOf } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { usage } from '../../command/usage.ts';
import type { ValidateResult } from './result.ts';

/** Options of `agentq validate`. */
export interface ValidateOptions extends CommonOptions {
  readonly project: string | undefined;
  readonly ref: string | undefined;
  readonly format: 'text' | 'github';
  /** Which task files are read. Of other tasks, only the names are. */
  readonly read: 'open-tasks' | 'all-tasks';
  readonly notes: 'list' | 'count';
  /** Severities that fail the command. */
  readonly failOn: readonly Severity[];
}

/** Reads and checks the options of `agentq validate`. */
export function parse(input: Input): ValidateOptions {
  const format = input.word('format', ['text', 'github']);
  if (format === 'github' && input.isOn('json')) throw usage('--json and --format github exclude each other');
  return {
    project: input.project(),
    ref: input.text('ref', revisionProblem),
    format: format ?? 'text',
    read: input.isOn('all') ? 'all-tasks' : 'open-tasks',
    notes: input.isOn('notes') ? 'list' : 'count',
    failOn: input.isOn('strict') ? ['error', 'warning'] : ['error'],
  };
}

/** Everything that is wrong with the queue. A finding is an answer, not a failure: only the exit code tells. */
export function run(options: ValidateOptions, context: CommandContext): Promise<ValidateResult> {
  return context.withQueue((queue) => validateQueue(queue, options, context));
}

/** The same for a queue that is open. @throws Failure if it cannot be read */
export async function validateQueue(
  queue: Queue,
  options: ValidateOptions,
  context: Pick<CommandContext, 'clock'>,
): Promise<ValidateResult> {
  const { project, ref, format, read, notes, failOn } = options;
  // What an open task waits for may be a share of a batch, of which all members are read.
  const scope =
    read === 'all-tasks'
      ? { read: EVERY_STATE, copies: 'named' as const }
      : { copies: 'named' as const, read: OPEN_STATES, batches: 'where-named' as const };
  const reader = await queue.read(ref === undefined ? 'tip' : 'clone');
  const snapshot = await reader.snapshot(scope, { unreadable: 'leave', ...given({ revision: ref }) });
  requireProject(snapshot, project);
  const ofBase =
    project === undefined ? await baseFindings(snapshot.settings, queue.place, async () => reader.code) : [];
  const findings = [...ofBase, ...everyFinding(snapshot, context.clock.now(), project)];
  const projects = [...snapshot.projects.values()].filter(({ name }) => project === undefined || name === project);
  const entries = projects.flatMap((one) => one.entries);
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    ...placeOf(queue),
    tip: snapshot.tip,
    ...tipsOf(snapshot),
    projects: projects.length,
    tasks: entries.length,
    completedUnread: entries.filter(({ reading }) => reading.kind === 'unread').length,
    errors: count('error'),
    warnings: count('warning'),
    notes: count('note'),
    passed: !findings.some(({ severity }) => failOn.includes(severity)),
    findings,
    presentation: { format, notes },
  };
}

/** The findings of all branches. One about a file says on which, unless that is the main one. */
function everyFinding(snapshot: ReadQueue, now: number, project: string | undefined): readonly Finding[] {
  const findings = validate(snapshot, now, project);
  const { branches } = snapshot;
  if (branches === undefined) return findings;
  const { ownership, snapshots } = branches;
  const placed = findings.map((finding): Finding => {
    const owner = projectAt(snapshot, finding.file);
    const branch = owner === undefined ? ownership.main : ownership.branchOf(owner);
    return branch === ownership.main ? finding : { ...finding, branch };
  });
  return project === undefined ? [...branchFindings(ownership, snapshots), ...placed] : placed;
}

/** Accepts what can be a revision and is not an option. Whether the revision exists, git will say. */
function revisionProblem(value: string): string | undefined {
  const fine = /^[^-\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$/.test(value) && value.length <= 300;
  return fine ? undefined : `--ref ${quote(value)} is not a revision`;
}
