import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/domain/base/finding.ts';
import { validate } from '../../../src/domain/defects/validate.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function found(specs: readonly TaskSpec[], project?: string): string[] {
  return validate(snapshotOf(specs), NOW, project).map(describeFinding);
}

function describeFinding({ severity, code, file, message }: Finding): string {
  return `${severity} ${code} ${file.replace('.agents/', '').replace('.toon', '')}: ${message}`;
}

function codes(specs: readonly TaskSpec[]): string[] {
  return validate(snapshotOf(specs), NOW).map(({ severity, code }) => `${severity} ${code}`);
}

describe('validate', () => {
  it('has nothing to say about a sound queue', () => {
    expect(
      found([
        { id: 'TASK-1', state: 'completed', status: 'completed' },
        { id: 'TASK-2', required: ['TASK-1 (the base)'] },
        { id: 'TASK-3', required: ['TASK-2'], status: 'blocked' },
        {
          id: 'TASK-4',
          state: 'claimed',
          claim: { claimedBy: 'agent-1', claimedAt: '2026-03-01T11:00:00Z', lastHeartbeat: '2026-03-01T11:59:00Z' },
        },
      ]),
    ).toEqual([]);
  });

  it('names both places of a task in two states', () => {
    expect(found([{ id: 'TASK-1' }, { id: 'TASK-1', state: 'completed', status: 'completed' }])).toEqual([
      'error two-states auth/tasks/TASK-1: auth/TASK-1 is in 2 places at once: .agents/auth/tasks/TASK-1.toon and .agents/auth/completed/TASK-1.toon',
    ]);
  });

  it('names both files of tasks that differ only in case, in whichever folders they are', () => {
    const line =
      'error same-but-for-case auth/completed/task-001: TASK-001 and task-001 differ only in case, and are one file on some systems: .agents/auth/completed/task-001.toon and .agents/auth/tasks/TASK-001.toon';
    const specs = [{ id: 'TASK-001' }, { id: 'task-001', state: 'completed' as const, status: 'completed' }];
    expect(found(specs)).toEqual([line]);
    expect(found([...specs, { id: 'Task-001', project: 'billing' }])).toEqual([line]);
  });

  it('names both folders of projects that differ only in case', () => {
    const specs = [
      { id: 'A', project: 'auth' },
      { id: 'A', project: 'Auth' },
      { id: 'A', project: 'billing' },
    ];
    const line =
      'error same-but-for-case Auth/tasks/: Auth and auth differ only in case, and are one folder on some systems: .agents/Auth/tasks/ and .agents/auth/tasks/';
    expect(found(specs)).toEqual([line]);
    expect(found(specs, 'auth')).toEqual([line]);
    expect(found(specs, 'billing')).toEqual([]);
  });

  it('passes on what cannot be read, and what waits for it', () => {
    expect(
      found([
        { id: 'TASK-1', unreadable: 'conflict markers' },
        { id: 'TASK-2', required: ['TASK-1'] },
      ]),
    ).toEqual([
      'error unreadable auth/tasks/TASK-1: conflict markers',
      'error never-claimable auth/tasks/TASK-2: TASK-2 can never be claimed: it waits for TASK-1, which is unreadable',
    ]);
  });

  it('finds unknown dependencies, and suggests what was meant', () => {
    const findings = validate(
      snapshotOf([{ id: 'TASK-001' }, { id: 'TASK-2', required: ['TASK-01', 'TASK-001'] }]),
      NOW,
    );
    expect(findings.map(({ code, line, hint }) => ({ code, line, hint }))).toEqual([
      { code: 'never-claimable', line: 1, hint: 'add the task, or remove the entry' },
      { code: 'unknown-dependency', line: 1, hint: 'did you mean TASK-001?' },
    ]);
  });

  it('does not let unknown dependencies of what is under way or done fail anything', () => {
    expect(
      codes([
        { id: 'TASK-1', state: 'claimed', required: ['X-1'], claim: { claimedBy: 'a' } },
        { id: 'TASK-2', state: 'completed', status: 'completed', required: ['X-1'] },
      ]),
    ).toEqual(['warning unknown-dependency', 'note unknown-dependency']);
  });

  it('keeps dependencies within a project', () => {
    expect(
      codes([
        { id: 'TASK-1', project: 'billing' },
        { id: 'TASK-2', required: ['TASK-1'] },
      ]),
    ).toEqual(['error never-claimable', 'error unknown-dependency']);
  });

  it('follows dependencies through projects, and names what is in another one', () => {
    const specs: TaskSpec[] = [
      { id: 'TASK-1', required: ['billing/TASK-1'] },
      { id: 'TASK-2', required: ['billing/TASK-2', 'auth/TASK-4'] },
      { id: 'TASK-3', required: ['web/TASK-9', 'billing/TASK-09', 'biling/TASK-1'] },
      { id: 'TASK-4', state: 'completed', status: 'completed' },
      { project: 'billing', id: 'TASK-1', required: ['web/TASK-1'] },
      { project: 'billing', id: 'TASK-2', status: 'blocked' },
      { project: 'billing', id: 'TASK-9' },
      { project: 'web', id: 'TASK-1', required: ['auth/TASK-1'] },
    ];
    const cycle = 'auth/TASK-1 -> billing/TASK-1 -> web/TASK-1 -> auth/TASK-1';
    const ofAuth = [
      `error dependency-cycle auth/tasks/TASK-1: the tasks wait for each other: ${cycle}`,
      `error never-claimable auth/tasks/TASK-1: TASK-1 can never be claimed: it waits for itself: ${cycle}`,
      'warning never-claimable auth/tasks/TASK-2: TASK-2 can never be claimed: it waits for billing/TASK-2, which has status blocked, and waits for no task',
      'error never-claimable auth/tasks/TASK-3: TASK-3 can never be claimed: it requires web/TASK-9, which does not exist',
      'error unknown-dependency auth/tasks/TASK-3: TASK-3 requires biling/TASK-1, and there is no project biling',
      'error unknown-dependency auth/tasks/TASK-3: TASK-3 requires billing/TASK-09, which project billing does not have',
      'error unknown-dependency auth/tasks/TASK-3: TASK-3 requires web/TASK-9, which project web does not have',
    ];
    expect(found(specs, 'auth').sort()).toEqual(ofAuth.sort());
    expect(found(specs, 'web')).toEqual([
      'error dependency-cycle web/tasks/TASK-1: the tasks wait for each other: web/TASK-1 -> auth/TASK-1 -> billing/TASK-1 -> web/TASK-1',
      `error never-claimable web/tasks/TASK-1: TASK-1 can never be claimed: it waits for itself: ${cycle}`,
    ]);
    const hints = validate(snapshotOf(specs), NOW).filter(({ code }) => code === 'unknown-dependency');
    expect(hints.map(({ hint }) => hint)).toEqual([
      'add the task, or remove the entry',
      'did you mean billing/TASK-9?',
      'did you mean billing/TASK-1?',
    ]);
  });

  it('prints each cycle once, as a path from its first task', () => {
    expect(
      found([
        { id: 'TASK-10', required: ['TASK-2'] },
        { id: 'TASK-2', required: ['TASK-9'] },
        { id: 'TASK-9', required: ['TASK-10'] },
        { id: 'TASK-11', required: ['TASK-9'] },
      ]),
    ).toEqual([
      'error dependency-cycle auth/tasks/TASK-2: the tasks wait for each other: TASK-2 -> TASK-9 -> TASK-10 -> TASK-2',
      'error never-claimable auth/tasks/TASK-2: TASK-2 can never be claimed: it waits for itself: TASK-2 -> TASK-9 -> TASK-10 -> TASK-2',
      'error never-claimable auth/tasks/TASK-9: TASK-9 can never be claimed: it waits for itself: TASK-2 -> TASK-9 -> TASK-10 -> TASK-2',
      'error never-claimable auth/tasks/TASK-10: TASK-10 can never be claimed: it waits for itself: TASK-2 -> TASK-9 -> TASK-10 -> TASK-2',
      'error never-claimable auth/tasks/TASK-11: TASK-11 can never be claimed: it waits for TASK-9, which waits for itself: TASK-2 -> TASK-9 -> TASK-10 -> TASK-2',
    ]);
  });

  it('only warns of a cycle that a claimed task can still open', () => {
    expect(
      codes([
        { id: 'TASK-1', state: 'claimed', claim: { claimedBy: 'a' }, required: ['TASK-2'] },
        { id: 'TASK-2', required: ['TASK-1'] },
      ]),
    ).toEqual(['warning dependency-cycle']);
  });

  it('follows a chain to its root', () => {
    expect(
      found([
        { id: 'TASK-1', required: ['GONE-1'] },
        { id: 'TASK-2', required: ['TASK-1'] },
        { id: 'TASK-3', required: ['TASK-2'] },
      ]).filter((line) => line.includes('never')),
    ).toEqual([
      'error never-claimable auth/tasks/TASK-1: TASK-1 can never be claimed: it requires GONE-1, which does not exist',
      'error never-claimable auth/tasks/TASK-2: TASK-2 can never be claimed: it waits for TASK-1, which requires GONE-1, which does not exist',
      'error never-claimable auth/tasks/TASK-3: TASK-3 can never be claimed: it waits in vain for TASK-2: TASK-1 requires GONE-1, which does not exist',
    ]);
  });

  it('warns of what only a person can free, and of what waits for it', () => {
    expect(
      found([
        { id: 'TASK-1', status: 'blocked' },
        { id: 'TASK-2', required: ['TASK-1'] },
        { id: 'TASK-3', status: 'parked' },
      ]),
    ).toEqual([
      'warning never-claimable auth/tasks/TASK-1: TASK-1 can never be claimed: it has status blocked, and waits for no task',
      'warning never-claimable auth/tasks/TASK-2: TASK-2 can never be claimed: it waits for TASK-1, which has status blocked, and waits for no task',
      'warning never-claimable auth/tasks/TASK-3: TASK-3 can never be claimed: it has status parked, which only a person changes',
    ]);
  });

  it('takes a status of another folder among ready tasks for a mistake, elsewhere for a leftover', () => {
    const specs: TaskSpec[] = [
      { id: 'TASK-1', status: 'completed' },
      { id: 'TASK-2', state: 'completed', status: 'ready' },
      { id: 'TASK-3', state: 'claimed', status: 'ready', claim: { claimedBy: 'a' } },
    ];
    expect(codes(specs)).toEqual([
      'note status-differs-from-folder',
      'error never-claimable',
      'warning status-differs-from-folder',
    ]);
  });

  it('finds claims where there should be none, and none where there should be one', () => {
    expect(
      found([
        { id: 'TASK-1', claim: { claimedBy: 'agent-7' } },
        { id: 'TASK-2', state: 'claimed' },
      ]),
    ).toEqual([
      'warning claim-without-owner auth/claimed/TASK-2: in the folder of claimed tasks without a claim: nobody can complete it or give it back',
      'warning leftover-claim auth/tasks/TASK-1: a claim of agent-7 is left over from before',
    ]);
  });

  it('finds times that cannot be', () => {
    const claim = { claimedBy: 'a', claimedAt: '2026-03-01T13:00:00Z', lastHeartbeat: '2026-03-01T12:01:00Z' };
    expect(found([{ id: 'TASK-1', state: 'claimed', claim }])).toEqual(
      [
        'warning implausible-time auth/claimed/TASK-1: last_heartbeat 2026-03-01T12:01:00Z is older than claimed_at 2026-03-01T13:00:00Z',
        'warning implausible-time auth/claimed/TASK-1: claimed_at is in the future: 2026-03-01T13:00:00Z',
      ].sort((a, b) => a.length - b.length),
    );
  });

  it('looks at one project only where one is named', () => {
    const specs: TaskSpec[] = [
      { id: 'TASK-1', required: ['TASK-1'] },
      { id: 'TASK-1', project: 'billing', status: 'completed' },
    ];
    expect(found(specs, 'billing').every((line) => line.includes('billing/'))).toBe(true);
    expect(found(specs, 'auth')).toEqual([
      'error never-claimable auth/tasks/TASK-1: TASK-1 can never be claimed: it requires itself',
    ]);
  });

  it('is done with ten thousand tasks in a chain in a moment', () => {
    const specs = Array.from({ length: 10_000 }, (_, at) => ({ id: `TASK-${at}`, required: [`TASK-${at + 1}`] }));
    const started = performance.now();
    const findings = validate(snapshotOf(specs), NOW);
    expect(findings.filter(({ code }) => code === 'never-claimable')).toHaveLength(10_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
