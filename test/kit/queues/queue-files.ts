import type { Files, GitSandbox } from '../scene/git-sandbox.ts';

/** A task file as agents write it by hand; what is not given is what a claimable task has. */
export function taskText(id: string, fields: { readonly status?: string; readonly priority?: number } = {}): string {
  const { status = 'ready', priority = 5 } = fields;
  return `task:\n id: ${id}\n title: Title of ${id}\n type: backend\n priority: ${priority}\n status: ${status}\ndescription:\n summary: What ${id} is about, status: blocked or not\nacceptance_criteria[2]:\n It works\n It is tested\n`;
}

/** Ready tasks TASK-1 to TASK-n of a project, in the `agents` layout. */
export function readyTasks(count: number, project = 'auth'): Files {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => `TASK-${index + 1}`).map((id) => [
      readyPath(id, project),
      taskText(id),
    ]),
  );
}

export function readyPath(id: string, project = 'auth'): string {
  return `.agents/${project}/tasks/${id}.toon`;
}

export function claimedPath(id: string, project = 'auth'): string {
  return `.agents/${project}/claimed/${id}.toon`;
}

/** A file that belongs to the user, and nothing to do with the queue. */
export const USER_FILES: Files = { 'src/code.ts': 'export const answer = 42;\n', 'README.md': '# Project\n' };

/** Settings for pools without combining: with the default of 250 ms, 20 agents sleep most of their time. */
export const EAGER_SETTINGS: Files = { '.agents-core/config/agentq.toon': 'agentq:\n  backoff_base: 10ms\n' };

/** A queue of this many ready tasks, with files of the user's next to it. */
export function queueFiles(tasks: number): Files {
  return { ...readyTasks(tasks), ...USER_FILES, ...EAGER_SETTINGS };
}

/** A bare remote with this many ready tasks on `develop`. @returns its name in the sandbox. */
export function queueRemote(
  box: GitSandbox,
  tasks: number,
  options: { readonly name?: string; readonly format?: 'sha1' | 'sha256' } = {},
): Promise<string> {
  return box.bareRemote(queueFiles(tasks), options);
}
