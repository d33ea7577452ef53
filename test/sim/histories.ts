import type { ClaimedOutcome } from '../../src/domain/intents/outcome.ts';
import type { TaskState } from '../../src/domain/queue/task.ts';
import type { Answer, History, LandedCommit, Told } from './history.ts';

/** Histories by hand, for tests of the checker. */

const FOLDERS: Readonly<Record<TaskState, string>> = { ready: 'tasks', claimed: 'claimed', completed: 'completed' };

function pathOf(task: string, state: TaskState): string {
  return `.agents/auth/${FOLDERS[state]}/${task}.toon`;
}

interface Move {
  readonly task?: string;
  readonly from?: TaskState;
  readonly to?: TaskState;
  readonly agent?: string;
  readonly subject?: string;
  readonly claimable?: number;
  /** Whether it hands a claim over. */
  readonly takes?: boolean;
}

export function commit(at: number, request: string, move: Move = {}): LandedCommit {
  const {
    task = 'TASK-1',
    from = 'ready',
    to = 'claimed',
    agent = 'a1',
    subject = '',
    claimable = 1,
    takes = false,
  } = move;
  const oid = `c${at}`;
  return {
    oid,
    at,
    facts: { oid, timeMs: at, authorName: agent, subject, trailers: [] },
    requests: [request],
    changes: [
      {
        key: { project: 'auth', id: task },
        from,
        to,
        fromPath: pathOf(task, from),
        toPath: pathOf(task, to),
        edits: takes ? [{ kind: 'append-claim', claim: claimed(request).claim }] : [],
      },
    ],
    created: [],
    claimable,
  };
}

function claimed(claimId: string, task = 'TASK-1'): ClaimedOutcome {
  return {
    kind: 'claimed',
    key: { project: 'auth', id: task },
    path: pathOf(task, 'claimed'),
    priority: 1,
    claim: { claimedBy: 'a1', claimedAt: '', lastHeartbeat: '', attempt: 1, claimId },
  };
}

export function done(id: string, at: number, task?: string, kind: 'claimed' | 'completed' = 'claimed'): Told {
  const { key, path, ...claim } = claimed(id, task);
  const outcome = kind === 'claimed' ? { key, path, ...claim } : { kind, key, path, unblocked: [] };
  return { kind: 'done', outcome, commit: `c${at}` };
}

export function failed(code: Extract<Told, { kind: 'failed' }>['code'], words = ''): Told {
  return { kind: 'failed', code, words };
}

export function answer(process: string, ids: readonly string[], told: Told, more: Partial<Answer> = {}): Answer {
  return {
    process,
    command: { kind: 'claim', agent: 'a1' },
    ids,
    startedAt: 0,
    endedAt: 10_000,
    told,
    suspensions: [],
    ...more,
  };
}

export function history(fields: Partial<History>): History {
  const pushes = (fields.commits ?? []).map(({ at }) => ({ process: 'p1', at, what: 'branch' as const }));
  return {
    answers: [],
    endings: [],
    commits: [],
    firstTasks: new Map(['TASK-1', 'TASK-2'].map((id) => [`auth/${id}`, pathOf(id, 'ready')])),
    pushes,
    hangs: [],
    beats: [],
    looks: new Map(),
    refsLeft: [],
    server: { deletes: true, hides: false, neverCalm: false, trouble: [] },
    meetings: new Map(),
    announced: [],
    endedAt: 20_000,
    machines: 2,
    stalledAfterMs: 60_000,
    ...fields,
  };
}
