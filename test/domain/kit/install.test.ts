import { describe, expect, it } from 'vitest';
import { SETTINGS_FILE } from '../../../src/domain/base/settings-file.ts';
import type { Existing } from '../../../src/domain/kit/existing.ts';
import { decideInstall, type InstallRequest, locationsFor, pathsOfInterest } from '../../../src/domain/kit/install.ts';
import { LAYOUT_NAMES } from '../../../src/domain/queue/layouts.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const SCRIPT = { path: '.agents-core/scripts/x.sh', content: '#!/bin/sh\n', mode: 'executable' as const };
const SETTINGS = {
  path: SETTINGS_FILE,
  content: 'agentq:\n  # remote: origin\n  # branch: develop\n',
  mode: 'file' as const,
};

function request(parts: Partial<InstallRequest> = {}): InstallRequest {
  return {
    projects: ['auth'],
    layout: undefined,
    onDifference: 'keep',
    start: 'default-branch',
    kit: [SCRIPT],
    branch: 'develop',
    remote: undefined,
    ...parts,
  };
}

function plan(asked: InstallRequest, existing: Readonly<Record<string, Existing>> = {}) {
  return decideInstall(asked, locationsFor(asked, snapshotOf([])), (path) => existing[path] ?? { kind: 'absent' });
}

describe('locationsFor', () => {
  it('gives a new queue one project, and one that exists none', () => {
    expect(locationsFor(request({ projects: [] }), snapshotOf([])).map(({ project }) => project)).toEqual(['default']);
    expect(locationsFor(request({ projects: [] }), snapshotOf([{ id: 'TASK-1' }]))).toEqual([]);
  });

  it('puts projects into every layout there is', () => {
    for (const layout of LAYOUT_NAMES) {
      const [location] = locationsFor(request({ projects: ['default'], layout }), snapshotOf([]));
      expect(location).toMatchObject({ layout, project: 'default' });
    }
  });

  it('leaves a project where it is, whatever layout is asked for', () => {
    const snapshot = snapshotOf([{ id: 'TASK-1' }]);
    expect(locationsFor(request({ layout: 'core' }), snapshot)).toMatchObject([{ layout: 'agents' }]);
    expect(locationsFor(request({ projects: ['new'], layout: 'core' }), snapshot)).toMatchObject([{ layout: 'core' }]);
  });

  it('makes no project that differs from another only in case, and leaves one alone that has such a name', () => {
    const snapshot = snapshotOf([
      { id: 'TASK-1', project: 'Auth' },
      { id: 'TASK-1', project: 'tasks' },
    ]);
    expect(() => locationsFor(request({ projects: ['auth'] }), snapshot)).toThrow('"auth" beside "Auth"');
    expect(() => locationsFor(request({ projects: ['ui', 'UI'] }), snapshot)).toThrow('"UI" beside "ui"');
    expect(locationsFor(request({ projects: ['Auth', 'tasks'] }), snapshot)).toHaveLength(2);
  });

  it('refuses what the layout or the settings have no room for', () => {
    expect(() => locationsFor(request({ layout: 'flat' }), snapshotOf([]))).toThrow('one project, default');
    const snapshot = snapshotOf([]);
    const limited = { ...snapshot, settings: { ...snapshot.settings, layouts: ['core' as const] } };
    expect(() => locationsFor(request({ layout: 'bare' }), limited)).toThrow('do not allow the layout bare');
    expect(locationsFor(request(), limited)).toMatchObject([{ layout: 'core' }]);
  });
});

describe('planInstall', () => {
  it('creates what is missing, scripts executable', () => {
    const { writes, created } = plan(request());
    expect(writes).toContainEqual({ path: SCRIPT.path, content: SCRIPT.content, executable: true });
    expect(created).toEqual([
      SCRIPT.path,
      '.agents/auth/tasks/.gitkeep',
      '.agents/auth/claimed/.gitkeep',
      '.agents/auth/completed/.gitkeep',
    ]);
  });

  it('has nothing to do where everything is there', () => {
    const asked = request();
    const existing: Record<string, Existing> = {
      [SCRIPT.path]: { kind: 'file', content: SCRIPT.content, mode: 'executable' },
    };
    for (const path of pathsOfInterest(asked, locationsFor(asked, snapshotOf([]))))
      existing[path] ??= { kind: 'folder' };
    expect(plan(asked, existing)).toMatchObject({ writes: [], created: [], kept: [], overwritten: [] });
  });

  it('keeps a file that differs, also by its mode alone, and overwrites it only when told', () => {
    const different: Existing[] = [
      { kind: 'file', content: 'mine', mode: 'executable' },
      { kind: 'file', content: SCRIPT.content, mode: 'file' },
      { kind: 'other' },
    ];
    for (const there of different) {
      expect(plan(request(), { [SCRIPT.path]: there })).toMatchObject({ kept: [SCRIPT.path], overwritten: [] });
      const forced = plan(request({ onDifference: 'overwrite' }), { [SCRIPT.path]: there });
      expect(forced).toMatchObject({ kept: [], overwritten: [SCRIPT.path] });
    }
    const folder = plan(request({ onDifference: 'overwrite' }), { [SCRIPT.path]: { kind: 'folder' } });
    expect(folder.kept).toEqual([SCRIPT.path]);
  });

  it('replaces no file by a folder', () => {
    expect(() => plan(request(), { [SCRIPT.path]: { kind: 'obstructed', by: '.agents-core' } })).toThrow(
      '.agents-core is not a folder',
    );
  });

  it('writes down where the queue is when agentq would look elsewhere', () => {
    const settings = (parts: Partial<InstallRequest>) =>
      plan(request({ kit: [SETTINGS], ...parts })).writes.find(({ path }) => path === SETTINGS_FILE)?.content;
    expect(settings({})).toBe(SETTINGS.content);
    expect(settings({ branch: 'queue', remote: 'origin' })).toBe('agentq:\n  # remote: origin\n  branch: queue\n');
    expect(settings({ branch: '2024', remote: 'up' })).toBe('agentq:\n  remote: up\n  branch: "2024"\n');
    expect(settings({ branch: '$&' })).toBe('agentq:\n  # remote: origin\n  branch: "$&"\n');
  });

  it('gives a new queue heartbeats as refs, and calls neither kind a difference afterwards', () => {
    const content = 'agentq:\n  # heartbeat: commit\n';
    const asked = request({ kit: [{ ...SETTINGS, content }] });
    const made = decideInstall(asked, [], () => ({ kind: 'absent' }), 'new').writes[0]?.content;
    expect(made).toBe('agentq:\n  heartbeat: ref\n');
    expect(plan(asked).writes.find(({ path }) => path === SETTINGS_FILE)?.content).toBe(content);
    for (const there of [content, made ?? '']) {
      const existing: Existing = { kind: 'file', content: there, mode: 'file' };
      expect(decideInstall(asked, [], () => existing)).toMatchObject({ writes: [], kept: [] });
    }
  });

  it('updates what an earlier init wrote and nobody has changed', () => {
    const there = (content: string, by?: 'init'): Existing => ({
      kind: 'file',
      content,
      mode: 'executable',
      ...(by && { by }),
    });
    const ours = plan(request(), { [SCRIPT.path]: there('earlier', 'init') });
    expect(ours).toMatchObject({ updated: [SCRIPT.path], kept: [], overwritten: [] });
    expect(ours.writes[0]).toMatchObject({ path: SCRIPT.path, content: SCRIPT.content });
    expect(plan(request(), { [SCRIPT.path]: there('theirs') })).toMatchObject({ updated: [], kept: [SCRIPT.path] });
    // Settings say what they said: where the queue is, how it renews, and that commits are signed.
    const content = `${SETTINGS.content}  # heartbeat: commit\n  # sign: false\n`;
    const settings = (before: string, signing: 'on' | 'off', age: 'new' | 'existing') =>
      decideInstall(
        request({ kit: [{ ...SETTINGS, content }], remote: 'fork', signing }),
        [],
        () => ({ kind: 'file', content: before, mode: 'file', by: 'init' }),
        age,
      ).writes[0]?.content;
    const before = 'agentq:\n  remote: up\n  heartbeat: ref\n  sign: true\n';
    expect(settings(before, 'on', 'new')).toBe(
      'agentq:\n  remote: up\n  # branch: develop\n  heartbeat: ref\n  sign: true\n',
    );
    expect(settings('agentq:\n', 'off', 'existing')).toBe(content);
  });

  it('writes the branch into scripts and workflows, unless a shell could take it for more', () => {
    const naming = (branch: string) =>
      `branch=\${AGENTQ_BRANCH:-${branch}}\nAGENTQ_BRANCH: ${branch}\nbranches: [${branch}]\n# developers\n`;
    const content = naming('develop');
    const at = (branch: string) => plan(request({ branch, kit: [{ ...SCRIPT, content }] })).writes[0]?.content;
    expect(at('queue/v2')).toBe(naming('queue/v2'));
    expect(at('$(reboot)')).toBe(content);
  });

  it('replaces, unasked, what an earlier kit let a registry decide', () => {
    const blob = '3966d14d9c88ccba17facd4c91a4d3b136509664';
    const there = (blob: string): Existing => ({ kind: 'file', content: 'earlier', mode: 'executable', blob });
    expect(plan(request(), { [SCRIPT.path]: there(blob) })).toMatchObject({ overwritten: [SCRIPT.path], kept: [] });
    expect(plan(request(), { [SCRIPT.path]: there('0'.repeat(40)) })).toMatchObject({ kept: [SCRIPT.path] });
  });
});
