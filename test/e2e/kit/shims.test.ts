import { mkdir, symlink } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bareMachine } from '../../kit/processes/bare-machine.ts';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { AGENTQ_BIN } from '../../kit/processes/run-agentq.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** The kit as `init` installs it, called as the README and the scale guide of the older scripts show. */

const SCRIPTS = '.agents-core/scripts';

async function teamOf(box: Scene, tasks: Readonly<Record<string, string>>) {
  const remote = await box.bareRemote({ 'README.md': 'A project.\n', ...tasks });
  const clone = await box.clone(remote, 'clone');
  expect(await box.agentq(clone, 'init', 'auth-service')).toMatchObject({
    code: 0,
  });
  const shell = async (script: string, env: Readonly<Record<string, string>> = { AGENTQ_BIN }) => {
    const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return box.run(box.path(clone), 'env', [...assignments, 'bash', '-c', script]);
  };
  return { remote, clone, shell };
}

const TASK = '.agents/auth-service/tasks/TASK-1.toon';

describe('the scripts of the kit', () => {
  it('are executable in the checkout that follows init', async () => {
    await using box = await scene();
    const { shell } = await teamOf(box, {});
    expect(
      (await shell(`ls ${SCRIPTS}; find ${SCRIPTS} -name '*.sh' ! -perm -u+x; git status --short`)).stdout.split('\n'),
    ).toEqual([
      'claim-task-v2.sh',
      'claim-task.sh',
      'complete-task.sh',
      'heartbeat-task.sh',
      'release-stalled.sh',
      'unblock-tasks.sh',
      'worker.sh',
      '',
    ]);
  });

  it('take the older arguments, and give the older answers', async () => {
    await using box = await scene();
    const { shell } = await teamOf(box, {
      [TASK]: plainTask('TASK-1', { priority: 9 }),
      '.agents/auth-service/tasks/TASK-2.toon': plainTask('TASK-2'),
      '.agents/auth-service/tasks/TASK-3.toon': plainTask('TASK-3', { required: ['TASK-1'] }).replace(
        'ready',
        'blocked',
      ),
    });
    const says = async (command: string, exitCode: number, stdout: string) => {
      expect(await shell(`cd ${SCRIPTS} && ./${command}`), command).toMatchObject({ exitCode, stdout });
    };
    await says('claim-task-v2.sh agent-auth-01 auth-service develop', 0, 'auth-service/TASK-1\n');
    await says('claim-task.sh agent-generalist-01 "" develop', 0, 'auth-service/TASK-2\n');
    await says('claim-task-v2.sh agent-auth-02 auth-service', 1, '');
    await says('heartbeat-task.sh TASK-1 agent-auth-01 auth-service develop', 0, 'auth-service/TASK-1\n');
    await says('heartbeat-task.sh TASK-1 somebody', 3, '');
    await says('complete-task.sh TASK-1 somebody', 3, '');
    await says('release-stalled.sh 30 develop', 0, '');
    await says('release-stalled.sh', 0, '');
    await says('release-stalled.sh 90s develop --dry-run', 0, '');
    await says('release-stalled.sh soon', 64, '');
    const url = 'https://example.com/pull/12';
    await says(
      `complete-task.sh TASK-1 agent-auth-01 ${url} auth-service develop`,
      0,
      'auth-service/TASK-1\nauth-service/TASK-3\n',
    );
    await says('unblock-tasks.sh "" develop', 0, '');
    await says('complete-task.sh auth-service/TASK-2 agent-generalist-01 ""', 0, 'auth-service/TASK-2\n');
    await says('claim-task-v2.sh agent-auth-02 auth-service develop --min-priority 6', 1, '');
    await says('claim-task-v2.sh', 64, '');
    await says('claim-task-v2.sh agent-1 auth-service no-such-branch', 5, '');
  });

  it("run the guide's simulation: ten agents, ten claims", async () => {
    await using box = await scene();
    const tasks = Array.from({ length: 5 }, (_, at) => `TASK-${at + 1}`);
    const files = Object.fromEntries(tasks.map((id) => [`.agents/auth-service/tasks/${id}.toon`, plainTask(id)]));
    const { shell, remote } = await teamOf(box, files);
    const simulation = await shell(`cd ${SCRIPTS}
      for i in $(seq 1 8); do
        (
          ./claim-task-v2.sh test-agent-$i "" develop
          echo "Agent $i completed claim attempt: $?"
        ) &
      done
      wait
      cd ../..
      claimed=$(find .agents/*/claimed -name "*.toon" | wc -l)
      echo "Successfully claimed: $claimed tasks"
      git log --grep="\\[AGENT-CLAIM\\]" --oneline | wc -l`);
    const lines = simulation.stdout.trim().split('\n');
    expect(lines.slice(-2).map((line) => line.trim())).toEqual(['Successfully claimed: 5 tasks', '5']);
    expect(lines.filter((line) => line.startsWith('auth-service/')).sort()).toEqual(
      tasks.map((id) => `auth-service/${id}`),
    );
    expect(lines.filter((line) => line.endsWith('attempt: 0'))).toHaveLength(5);
    expect(lines.filter((line) => line.endsWith('attempt: 1'))).toHaveLength(3);
    expect((await auditQueue(box.path(remote))).violations).toEqual([]);
  });
});

describe('a script of the kit finds agentq', () => {
  const claim = `${SCRIPTS}/claim-task.sh a1 auth-service`;
  const claimed = { exitCode: 0, stdout: 'auth-service/TASK-1\n' };

  it('on the PATH', async () => {
    await using box = await scene();
    const { shell } = await teamOf(box, { [TASK]: plainTask('TASK-1') });
    await mkdir(box.path('bin'));
    await symlink(AGENTQ_BIN, box.path('bin', 'agentq'));
    const PATH = `${box.path('bin')}${delimiter}${process.env.PATH ?? ''}`;
    expect(await shell(claim, { PATH })).toMatchObject(claimed);
  });

  it('in node_modules, from any folder, and copied or linked elsewhere', async () => {
    await using box = await scene();
    const { shell, clone } = await teamOf(box, { [TASK]: plainTask('TASK-1') });
    await box.write(clone, { 'node_modules/.bin/.keep': '', 'src/deep/.keep': '' });
    await symlink(AGENTQ_BIN, box.path(clone, 'node_modules', '.bin', 'agentq'));
    expect(await shell(`cd src/deep && ../../${claim}`, {})).toMatchObject(claimed);
    expect(await shell(`cp ${SCRIPTS}/heartbeat-task.sh beat && ./beat TASK-1 a1`, {})).toMatchObject(claimed);
    expect(await shell(`ln -s ${SCRIPTS}/complete-task.sh done && ./done TASK-1 a1`, {})).toMatchObject(claimed);
  });

  it('beside the queue, where nothing is installed, and asks no registry', async () => {
    await using box = await scene();
    const { shell, clone, remote } = await teamOf(box, {
      [TASK]: plainTask('TASK-1'),
      '.agents/auth-service/tasks/TASK-2.toon': plainTask('TASK-2'),
    });
    await bareMachine(box, 'tools', ['git', 'sh', 'env', 'dirname', 'mkdir', 'mv', 'node']);
    await bareMachine(box, 'none', ['git', 'sh', 'env', 'dirname']);
    const lost = await shell(`PATH=${box.path('none')} sh ${claim}`, {});
    expect(lost).toMatchObject({ exitCode: 5, stdout: '' });
    expect(lost.stderr).toContain('agentq is not installed');
    expect(await shell(`PATH=${box.path('tools')} sh ${claim}`, {})).toMatchObject(claimed);

    // On a branch without the kit, its scripts copied elsewhere take it from the queue's branch.
    await box.git(clone, 'checkout', '-q', '--detach', 'develop~1');
    const copied = await shell(
      `git show origin/develop:${SCRIPTS}/heartbeat-task.sh > ../beat && PATH=${box.path('tools')} sh ../beat TASK-1 a1`,
      {},
    );
    expect(copied, copied.stderr).toMatchObject(claimed);
    expect(await box.git(clone, 'status', '--porcelain')).toBe('');

    // A clone that has neither fetches it: the launcher alone is enough.
    await box.git('.', 'clone', '-q', '--single-branch', '--branch=other', await withBranch(box, remote), 'single');
    await box.write('alone', { agentq: await box.git(remote, 'show', 'develop:.agents-core/bin/agentq') });
    const fetched = await box.run(box.path('single'), 'env', [
      `PATH=${box.path('tools')}`,
      'sh',
      box.path('alone', 'agentq'),
      'claim',
      'a2',
    ]);
    expect(fetched, fetched.stderr).toMatchObject({ exitCode: 0, stdout: 'auth-service/TASK-2\n' });
  });
});

/** The remote, with a branch that has no kit. */
async function withBranch(box: Scene, remote: string): Promise<string> {
  await box.git(remote, 'branch', 'other', 'develop~1');
  return remote;
}
