/** What the files of a branch say about its tasks, read without a line of agentq's own code. */

export interface TreeTask {
  readonly project: string;
  readonly id: string;
  readonly state: 'ready' | 'claimed' | 'completed';
  readonly path: string;
  readonly text: string;
  /** Of the last `claimed_by:` line, where it is claimed. */
  readonly owner: string | undefined;
  readonly isCancelled: boolean;
}

/** The files of tasks among these, in the layout `agents`. */
export function filesOf(files: Readonly<Record<string, string>>): readonly TreeTask[] {
  return Object.entries(files).flatMap(([path, text]): TreeTask[] => {
    const [, project, folder, id] = /^\.agents\/([^/]+)\/(tasks|claimed|completed)\/([^/]+)\.toon$/.exec(path) ?? [];
    if (project === undefined || id === undefined) return [];
    const state = folder === 'tasks' ? 'ready' : folder === 'claimed' ? 'claimed' : 'completed';
    const owner = state === 'claimed' ? [...text.matchAll(/^ +claimed_by: (.+)$/gm)].at(-1)?.[1] : undefined;
    const isCancelled = state === 'ready' && /^ +status: cancelled$/m.test(text);
    return [{ project, id, state, path, text, owner, isCancelled }];
  });
}

/** Tasks that are not cancelled, and those that are completed. */
export function scopeOf(tasks: readonly TreeTask[]): { readonly scope: number; readonly done: number } {
  return {
    scope: tasks.filter(({ isCancelled }) => !isCancelled).length,
    done: tasks.filter(({ state }) => state === 'completed').length,
  };
}
