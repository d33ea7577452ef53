import type { Severity } from '../../../domain/base/finding.ts';
import { given } from '../../../domain/base/given.ts';
import { quote } from '../../../domain/base/names.ts';
import { validate } from '../../../domain/defects/validate.ts';
import { EVERY_STATE, placeOf, requireProject } from '../../command/answers.ts';
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
    notes: input.isOn('notes') ? 'list' : 'count',
    failOn: input.isOn('strict') ? ['error', 'warning'] : ['error'],
  };
}

/** Everything that is wrong with the queue. A finding is an answer, not a failure: only the exit code tells. */
export function run(options: ValidateOptions, context: CommandContext): Promise<ValidateResult> {
  const { project, ref, format, notes, failOn } = options;
  return context.withQueue(async (queue) => {
    const reader = await queue.read(ref === undefined ? 'tip' : 'clone');
    const snapshot = await reader.snapshot({ read: EVERY_STATE }, { unreadable: 'leave', ...given({ revision: ref }) });
    requireProject(snapshot, project);
    const findings = validate(snapshot, context.clock.now(), project);
    const projects = [...snapshot.projects.values()].filter(({ name }) => project === undefined || name === project);
    const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
    return {
      ...placeOf(queue),
      tip: snapshot.tip,
      projects: projects.length,
      tasks: projects.reduce((sum, { entries }) => sum + entries.length, 0),
      errors: count('error'),
      warnings: count('warning'),
      notes: count('note'),
      passed: !findings.some(({ severity }) => failOn.includes(severity)),
      findings,
      presentation: { format, notes },
    };
  });
}

/** Accepts what can be a revision and is no option. Whether the revision exists, git will say. */
function revisionProblem(value: string): string | undefined {
  const fine = /^[^-\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$/.test(value) && value.length <= 300;
  return fine ? undefined : `--ref ${quote(value)} is not a revision`;
}
