import { given } from '../../../domain/base/given.ts';
import { type ExportedTask, exportedTask } from '../../../domain/moving/exported-task.ts';
import { compareNatural, compareText } from '../../../domain/queue/ordering.ts';
import { QueueState } from '../../../domain/queue/queue-state.ts';
import { EXPORT_FORMATS, type ExportFormat, writeExport } from '../../../store/moving/to/write-export.ts';
import { EVERY_STATE, placeOf, requireProject, tipsOf, warnUnreadable } from '../../command/answers.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import type { ExportResult } from './result.ts';

/** Options of `agentq export`. */
export interface ExportOptions extends CommonOptions {
  readonly project: string | undefined;
  readonly format: ExportFormat;
}

/** Reads and checks the options of `agentq export`. */
export function parse(input: Input): ExportOptions {
  return { project: input.project(), format: input.word('format', EXPORT_FORMATS) ?? 'json' };
}

/** Every task at the tip of the queue, in the format. */
export function run({ project, format }: ExportOptions, context: CommandContext): Promise<ExportResult> {
  return context.withQueue(async (queue) => {
    const reader = await queue.read();
    const snapshot = await reader.snapshot({ read: EVERY_STATE, renewals: 'read' }, given({ project }));
    requireProject(snapshot, project);
    const state = new QueueState(snapshot);
    const tasks: ExportedTask[] = [];
    for (const entries of state.all()) {
      for (const entry of entries) {
        if (project !== undefined && entry.key.project !== project) continue;
        warnUnreadable(context, entry);
        if (entry.reading.kind === 'read') tasks.push(exportedTask(state, entry, entry.reading.task));
      }
    }
    tasks.sort((a, b) => compareText(a.project, b.project) || compareNatural(a.task, b.task));
    const text = context.answer === 'json' ? '' : await writeExport(format, tasks, context.clock.now());
    return { ...placeOf(queue), tip: snapshot.tip, ...tipsOf(snapshot), tasks, presentation: { text } };
  });
}
