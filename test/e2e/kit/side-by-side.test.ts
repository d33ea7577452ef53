import { describe, expect, it } from 'vitest';
import { plainTask, runOldAgent } from '../../kit/processes/old-agents.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { sized } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Agents on the older scripts and agents on agentq, on one branch at the same time (CONTRACT 7.5). */

const FOLDER = '.agents/auth';

async function queueOf(box: Scene, tasks: Readonly<Record<string, string>>) {
  const files = Object.entries(tasks).map(([id, text]) => [`${FOLDER}/tasks/${id}.toon`, text]);
  const remote = await box.bareRemote(Object.fromEntries(files));
  const [old, clone] = await Promise.all([box.clone(remote, 'old'), box.clone(remote, 'new')]);
  const agentq = (...args: string[]) => box.agentq(clone, ...args);
  const older = (...args: string[]) => runOldAgent(box, old, ...args);
  const file = async (state: string, id: string) =>
    (await box.files(remote, 'develop'))[`${FOLDER}/${state}/${id}.toon`];
  return { remote, agentq, older, file };
}

/** A word that one part of a test gives and another waits for. */
function signalled(): { give(): void; readonly given: Promise<void> } {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give: () => give(), given };
}

describe('old and new agents together', () => {
  it('drain one queue at the same time, and no task ever has two owners', async () => {
    await using box = await scene();
    const ids = Array.from({ length: sized(10, 7) }, (_, at) => `TASK-${at + 1}`);
    const tasks = ids.map((id, at) => [
      id,
      plainTask(id, { priority: at % 4, required: at >= 5 ? [`TASK-${at - 4}`] : [] }),
    ]);
    const { remote, agentq } = await queueOf(box, Object.fromEntries(tasks));
    const owned: { readonly agent: string; readonly task: string }[] = [];
    const isDone = async () => {
      const completed = await box.git(remote, 'ls-tree', '--name-only', 'develop', `${FOLDER}/completed/`);
      return completed.split('\n').filter(Boolean).length === ids.length;
    };

    // Nobody really works here: whoever has a task waits for the other kind to have one, or one kind might do it all.
    const [old, young] = [signalled(), signalled()];
    const oldAgent = async (number: number): Promise<void> => {
      const agent = `old-${number}`;
      const clone = await box.clone(remote, agent);
      while (!(await isDone())) {
        const claimed = await runOldAgent(box, clone, 'claim', agent);
        if (claimed.exitCode !== 0) continue;
        const task = claimed.stdout.trim();
        owned.push({ agent, task });
        old.give();
        await young.given;
        // A time-out under contention is no loss of the task: the older scripts were simply called again.
        while ((await runOldAgent(box, clone, 'heartbeat', task, agent)).exitCode === 2);
        while ((await runOldAgent(box, clone, 'complete', task, agent)).exitCode === 2);
      }
    };
    const newAgent = async (number: number): Promise<void> => {
      const agent = `new-${number}`;
      while (!(await isDone())) {
        const claimed = await agentq('claim', agent);
        if (claimed.code !== 0) continue;
        const task = claimed.stdout.trim();
        owned.push({ agent, task });
        young.give();
        await old.given;
        for (const command of ['heartbeat', 'complete']) {
          const run = await agentq(command, task, agent);
          expect(run, run.stderr).toMatchObject({ code: 0 });
        }
      }
    };
    await Promise.all([oldAgent(1), oldAgent(2), newAgent(1), newAgent(2)]);

    expect(owned.map(({ task }) => task).sort()).toEqual(ids.map((id) => `auth/${id}`).sort());
    expect(new Set(owned.map(({ agent }) => agent.slice(0, 3)))).toEqual(new Set(['old', 'new']));
    const audit = await auditQueue(box.path(remote));
    expect(audit.violations).toEqual([]);
    const claims = audit.moves.filter(({ from, to }) => from === 'ready' && to === 'claimed');
    expect(claims.map(({ task, owner }) => ({ agent: owner, task }))).toEqual(expect.arrayContaining(owned));
    expect(claims).toHaveLength(ids.length);
    expect([...audit.tip.values()]).toEqual(ids.map(() => 'completed'));
  });

  it('carry on what the other kind claimed, where the agent is the same', async () => {
    await using box = await scene();
    const text = plainTask('TASK-1');
    const { agentq, older, file } = await queueOf(box, { 'TASK-1': text, 'TASK-2': plainTask('TASK-2') });

    // Claimed by the one, renewed and given back by the other: the very bytes are there again.
    expect(await older('claim', 'a1')).toMatchObject({ exitCode: 0, stdout: 'auth/TASK-1\n' });
    expect(await agentq('heartbeat', 'TASK-1', 'a1')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
    expect(await agentq('release', 'TASK-1', 'a1')).toMatchObject({ code: 0 });
    expect(await file('tasks', 'TASK-1')).toBe(text);
    expect(await agentq('claim', 'a1')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
    expect(await older('heartbeat', 'TASK-1', 'a1')).toMatchObject({ exitCode: 0 });
    expect(await older('release', 'TASK-1', 'a1')).toMatchObject({ exitCode: 0 });
    expect((await file('tasks', 'TASK-1'))?.trimEnd()).toBe(text.trimEnd());

    // Claimed by the one, completed by the other.
    expect(await agentq('claim', 'a1')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
    expect(await older('complete', 'TASK-1', 'a1', 'https://example.com/pull/1')).toMatchObject({ exitCode: 0 });
    expect(await older('claim', 'a1')).toMatchObject({ exitCode: 0, stdout: 'auth/TASK-2\n' });
    expect(await agentq('complete', 'TASK-2', 'a1')).toMatchObject({ code: 0, stdout: 'auth/TASK-2\n' });
    const listed = await agentq('list', '--completed', '--json');
    expect(JSON.parse(listed.stdout).tasks).toMatchObject([
      { task: 'TASK-1', owner: 'a1' },
      { task: 'TASK-2', owner: 'a1' },
    ]);
    expect(await agentq('claim', 'a2')).toMatchObject({ code: 1 });
    expect(await older('claim', 'a2')).toMatchObject({ exitCode: 1 });
  });

  it('refuse what belongs to another agent, whichever kind asks', async () => {
    await using box = await scene();
    const { agentq, older, remote } = await queueOf(box, {
      'TASK-1': plainTask('TASK-1'),
      'TASK-2': plainTask('TASK-2'),
    });
    await older('claim', 'a1');
    await agentq('claim', 'b1');
    const tip = await box.tip(remote);
    for (const command of ['heartbeat', 'complete', 'release']) {
      expect(await agentq(command, 'TASK-1', 'b1')).toMatchObject({ code: 3, stdout: '' });
      expect(await older(command, 'TASK-2', 'a1')).toMatchObject({ exitCode: 3, stdout: '' });
    }
    expect(await box.tip(remote)).toBe(tip);
  });

  it('release what the other kind left behind', async () => {
    await using box = await scene();
    const texts = { 'TASK-1': plainTask('TASK-1'), 'TASK-2': plainTask('TASK-2') };
    const { agentq, older, remote, file } = await queueOf(box, texts);
    const goSilent = async (id: string) => {
      const text = (await file('claimed', id)) ?? '';
      const silent = text.replace(/last_heartbeat: .*/, 'last_heartbeat: 2025-01-01T00:00:00Z');
      await box.commitTo(remote, 'refs/heads/develop', { [`${FOLDER}/claimed/${id}.toon`]: silent });
    };
    await older('claim', 'a1');
    await agentq('claim', 'b1');
    await goSilent('TASK-1');
    expect(await agentq('release-stalled')).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
    expect(await file('tasks', 'TASK-1')).toBe(texts['TASK-1']);
    await goSilent('TASK-2');
    expect(await older('release-stalled', '30')).toMatchObject({ exitCode: 0 });
    expect((await file('tasks', 'TASK-2'))?.trimEnd()).toBe(texts['TASK-2'].trimEnd());
    expect(await agentq('heartbeat', 'TASK-2', 'b1')).toMatchObject({ code: 3 });
    expect((await auditQueue(box.path(remote))).violations).toEqual([]);
  });

  it('leave what the older tools grep for', async () => {
    await using box = await scene();
    const { agentq, remote } = await queueOf(box, { 'TASK-1': plainTask('TASK-1') });
    await agentq('claim', 'a1');
    const clone = await box.clone(remote, 'reader');
    const shell = async (script: string) => (await box.run(box.path(clone), 'sh', ['-c', script])).stdout.trim();
    expect(await shell('find .agents/*/claimed -name "*.toon" | wc -l')).toBe('1');
    expect(await shell('git log --since="1 hour ago" --grep="\\[AGENT-CLAIM\\]" --oneline | wc -l')).toBe('1');
    expect(await shell('git log --author=a1 --oneline | wc -l')).toBe('1');
    expect(await shell("sed -n 's/^ *claimed_by: *//p' .agents/*/claimed/*.toon")).toBe('a1');
    expect(await shell("sed -n 's/^ *last_heartbeat: *//p' .agents/*/claimed/*.toon")).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:]+Z$/,
    );
    const release = await agentq('release', 'TASK-1', 'a1');
    expect(release.code).toBe(0);
  });
});
