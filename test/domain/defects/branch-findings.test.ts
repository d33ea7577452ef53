import { describe, expect, it } from 'vitest';
import { Ownership } from '../../../src/domain/branches/ownership.ts';
import { branchFindings } from '../../../src/domain/defects/branch-findings.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

function findings(branches: Readonly<Record<string, string>>, snapshots: Readonly<Record<string, QueueSnapshot>>) {
  const ownership = new Ownership('develop', { branches: new Map(Object.entries(branches)) });
  return branchFindings(ownership, new Map(Object.entries(snapshots))).map(
    ({ code, severity, file, message }) => `${severity} ${code} ${file}: ${message}`,
  );
}

const SETTINGS = '.agents-core/config/agentq.toon';
const web = snapshotOf([{ project: 'web', id: 'T-1' }]);
const auth = snapshotOf([{ project: 'auth-service', id: 'T-1' }]);

describe('branches in the settings', () => {
  it('that are as they should be are no finding', () => {
    expect(findings({}, { develop: web })).toEqual([]);
    expect(findings({ 'auth-service': 'develop-auth' }, { develop: web, 'develop-auth': auth })).toEqual([]);
  });

  it('of a project that no branch has are reported, with the one that was meant', () => {
    expect(
      findings({ 'auth-servce': 'develop-auth', pay: 'develop-auth' }, { develop: web, 'develop-auth': auth }),
    ).toEqual([
      `warning branch-without-project ${SETTINGS}: branches names auth-servce, and there is no such project, did you mean auth-service?`,
      `warning branch-without-project ${SETTINGS}: branches names pay, and there is no such project`,
    ]);
  });

  it('that do not exist are reported once, with the projects that nobody can claim from', () => {
    expect(findings({ web: 'x', 'auth-service': 'x' }, { develop: snapshotOf([...AUTH, ...WEB]) })).toEqual([
      `error missing-branch ${SETTINGS}: web, auth-service live on x, and there is no such branch`,
    ]);
  });

  it('that git cannot have beside the main branch are reported as such', () => {
    expect(findings({ web: 'develop/web' }, { develop: web })).toEqual([
      `error missing-branch ${SETTINGS}: branches names develop/web, and git cannot have that branch beside develop`,
    ]);
  });
});

const AUTH = [{ project: 'auth-service', id: 'T-1' }];
const WEB = [{ project: 'web', id: 'T-1' }];

describe('tasks where their project does not live', () => {
  it('are noted if they are on the main branch only; what the own branch has is a copy', () => {
    const copies = ['T-1', 'T-10', 'T-2'].map((id) => ({
      key: { project: 'auth-service', id },
      path: `.agents/auth-service/tasks/${id}.toon`,
    }));
    const own = snapshotOf([{ project: 'auth-service', id: 'T-1', state: 'completed' }]);
    const main = { ...web, copies };
    expect(findings({ 'auth-service': 'develop-auth' }, { develop: main, 'develop-auth': own })).toEqual([
      'note awaits-merge .agents/auth-service/tasks/T-2.toon: auth-service/T-2 is only on develop, and auth-service lives on develop-auth',
      'note awaits-merge .agents/auth-service/tasks/T-10.toon: auth-service/T-10 is only on develop, and auth-service lives on develop-auth',
    ]);
    expect(findings({ 'auth-service': 'develop-auth' }, { develop: main })).toEqual([
      `error missing-branch ${SETTINGS}: auth-service lives on develop-auth, and there is no such branch`,
    ]);
  });
});
