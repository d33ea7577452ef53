import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const READY = '.agents/auth/tasks';
const SOUND = { [`${READY}/TASK-1.toon`]: plainTask('TASK-1') };

async function queueOf(box: Scene, files: Readonly<Record<string, string>>) {
  const remote = await box.bareRemote(files);
  const clone = await box.clone(remote, 'clone');
  const validate = (...args: string[]) => box.agentq(clone, 'validate', ...args);
  return { remote, clone, validate };
}

describe('validate', () => {
  it('reports file, line, severity, code, message and hint, and exits with 5 for errors', async () => {
    await using box = await scene();
    const { validate } = await queueOf(box, {
      ...SOUND,
      [`${READY}/TASK-2.toon`]: plainTask('TASK-2', { required: ['TASK-3'] }),
      [`${READY}/TASK-3.toon`]: plainTask('TASK-3', { required: ['TASK-2'] }),
      [`${READY}/TASK-4.toon`]: plainTask('TASK-5').replace('priority: 5', 'priority: high'),
      [`${READY}/TASK-6.toon`]: '<<<<<<< ours\ntask:\n=======\n',
      [`${READY}/not a task.toon`]: 'x',
      '.agents/auth/completed/TASK-1.toon': plainTask('TASK-1'),
    });
    const { code, stdout, stderr } = await validate('--all');
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' (')[0])).toEqual([
      `${READY}/TASK-1.toon: error two-states: auth/TASK-1 is in 2 places at once: ${READY}/TASK-1.toon and .agents/auth/completed/TASK-1.toon`,
      `${READY}/TASK-2.toon:8: error dependency-cycle: the tasks wait for each other: TASK-2 -> TASK-3 -> TASK-2`,
      `${READY}/TASK-2.toon:8: error never-claimable: TASK-2 can never be claimed: it waits for itself: TASK-2 -> TASK-3 -> TASK-2`,
      `${READY}/TASK-3.toon:8: error never-claimable: TASK-3 can never be claimed: it waits for itself: TASK-2 -> TASK-3 -> TASK-2`,
      `${READY}/TASK-4.toon:2: warning id-mismatch: task.id is "TASK-5", the file's name "TASK-4"`,
      `${READY}/TASK-4.toon:5: warning invalid-priority: priority "high" is not a number`,
      expect.stringMatching(/TASK-6\.toon:1: error unreadable: /),
      `${READY}/not a task.toon: warning foreign-file: the name "not a task.toon" is not a task id, so this file is left alone`,
      '5 errors, 3 warnings, 1 note in 6 tasks of 1 project',
    ]);
    expect((await validate('--all', '--notes')).stdout).toContain(
      '.agents/auth/completed/TASK-1.toon:6: note status-differs-from-folder: status is ready, the folder says completed',
    );
    // Without reading what is completed, everything but that note.
    const quick = (await validate('--notes')).stdout.trimEnd().split('\n');
    expect(quick.slice(0, -1)).toEqual(lines.slice(0, -1));
    expect(quick.at(-1)).toBe('5 errors, 3 warnings in 6 tasks of 1 project; 1 completed, not read (--all reads them)');
  });

  it('finds what harms open tasks without reading completed ones, but for the members of a batch', async () => {
    await using box = await scene();
    const held = plainTask('TASK-3').replace('status: ready', 'status: pending\n  hold_until: 80% of base');
    const { validate } = await queueOf(box, {
      '.agents/auth/completed/TASK-1.toon': '<<<<<<< ours',
      '.agents/auth/completed/TASK-2.toon': plainTask('TASK-2').replace(
        'status: ready',
        'status: ready\n  batch: base',
      ),
      [`${READY}/TASK-4.toon`]: plainTask('TASK-4', { required: ['TASK-1'] }),
    });
    const sound = 'nothing to fix in 3 tasks of 1 project; 2 completed, not read (--all reads them)\n';
    expect(await validate()).toMatchObject({ code: 0, stdout: sound });
    expect(JSON.parse((await validate('--json')).stdout)).toMatchObject({ passed: true, completedUnread: 2 });
    expect(await validate('--all')).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('TASK-1.toon:1: error unreadable'),
    });
    await box.commitTo('remote.git', 'refs/heads/develop', { [`${READY}/TASK-3.toon`]: held });
    expect(JSON.parse((await validate('--json')).stdout)).toMatchObject({ completedUnread: 0 });
    expect((await validate()).stdout).not.toContain('no task is of that batch');
  });

  it('lets warnings pass, unless --strict is given', async () => {
    await using box = await scene();
    const { validate } = await queueOf(box, { [`${READY}/TASK-1.toon`]: plainTask('TASK-2') });
    expect(await validate()).toMatchObject({ code: 0 });
    expect(await validate('--strict')).toMatchObject({ code: 5 });
    const { code, stdout } = await validate('--strict', '--json');
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      branch: 'develop',
      passed: false,
      errors: 0,
      warnings: 1,
      tasks: 1,
      findings: [{ code: 'id-mismatch', severity: 'warning', file: `${READY}/TASK-1.toon`, line: 2 }],
    });
  });

  it('looks at the branch, the project or the commit that is named', async () => {
    await using box = await scene();
    const { remote, clone, validate } = await queueOf(box, {
      ...SOUND,
      'state/billing/tasks/TASK-1.toon': plainTask('TASK-1', { required: ['TASK-9'] }),
    });
    expect(await validate('auth')).toMatchObject({ code: 0, stdout: 'nothing to fix in 1 task of 1 project\n' });
    expect(await validate('billing', 'develop')).toMatchObject({ code: 5 });
    expect(await validate('nothing')).toMatchObject({ code: 64, stdout: '' });
    expect(await validate('', 'nowhere')).toMatchObject({ code: 5, stdout: '' });
    await box.commitTo(remote, 'refs/heads/develop', { 'state/billing/tasks/TASK-1.toon': null });
    expect(await validate()).toMatchObject({ code: 0 });
    // The clone has not seen that commit, and no remote is asked.
    await box.git(clone, 'remote', 'set-url', 'origin', 'file:///nowhere');
    expect(await validate('--ref', 'HEAD')).toMatchObject({ code: 5 });
    expect(await validate('--ref', 'HEAD~99')).toMatchObject({ code: 64, stdout: '' });
    expect(await validate('--ref', '--all')).toMatchObject({ code: 64, stdout: '' });
  });

  it('writes annotations that nothing in a queue can break out of', async () => {
    await using box = await scene();
    const project = 'a,b:c%'.replace(/[,:%]/g, '.');
    const { validate } = await queueOf(box, {
      [`.agents/${project}/tasks/TASK-1.toon`]: plainTask('TASK-1', { required: ['TASK-9%0A::error::x\u001b[31m'] }),
      [`.agents/${project}/tasks/,:%0A.toon`]: 'x',
    });
    const { code, stdout } = await validate('--format', 'github', '--notes');
    expect(code).toBe(5);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^\d+ errors?, /);
    for (const line of lines.slice(0, -1)) {
      expect(line).toMatch(/^::(error|warning|notice) file=[^:,]+,(line=\d+,)?title=[a-z-]+::[^\u0000-\u001f]*$/);
    }
    expect(stdout).toContain('%2C%3A%250A.toon');
    expect(await validate('--format', 'github', '--json')).toMatchObject({ code: 64 });
    expect(await validate('--format', 'xml')).toMatchObject({ code: 64 });
  });

  it('finds what is wrong with real tasks, and reads every one of them', async () => {
    await using box = await scene();
    const corpus = new URL('../../fixtures/dialect/', import.meta.url);
    const names = readdirSync(corpus).filter((name) => name.endsWith('.toon'));
    const files = names.map((name) => [
      `.agents/dating-platform/tasks/${name}`,
      readFileSync(new URL(name, corpus), 'utf8'),
    ]);
    const { validate } = await queueOf(box, Object.fromEntries(files));
    const report = JSON.parse((await validate('--json')).stdout);
    expect(report.tasks).toBe(names.length);
    const codes = report.findings.map(({ code }: { code: string }) => code);
    expect(codes).not.toContain('unreadable');
    expect(codes).toEqual(
      expect.arrayContaining(['unknown-dependency', 'never-claimable', 'leftover-claim', 'count-mismatch']),
    );
  });
});
