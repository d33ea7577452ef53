import type { CommitSpec, TreeChange } from '../../src/git/objects/commit-spec.ts';

/** A commit as agents make them, with these changes. */
export function commitOf(changes: readonly TreeChange[], more: Partial<CommitSpec> = {}): CommitSpec {
  return {
    message: 'Subject\n\nKey: value\n',
    author: { name: 'agent-1', email: 'agent-1@agentq.invalid' },
    committer: { name: 'Test User', email: 'user@example.com' },
    timeSeconds: 1_750_000_000,
    changes,
    ...more,
  };
}

export function written(path: string, text: string): TreeChange {
  return { path, mode: '100644', content: Buffer.from(text) };
}
