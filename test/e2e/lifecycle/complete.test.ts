import { describe, expect, it } from 'vitest';
import { type AgentqRun, runAgentq } from '../../kit/processes/run-agentq.ts';
import { bookingFiles, foldersOf } from '../../kit/queues/booking-queue.ts';
import { type Files, GitSandbox } from '../../kit/scene/git-sandbox.ts';

const FOLDERS = foldersOf('agents', 'booking');
const PR = 'https://example.com/booking/pull/7';

/** A queue of twelve on a bare remote, and agentq in a clone of it. */
async function setUp(sandbox: GitSandbox, files: Files = {}, ...cloneOptions: string[]) {
  const remote = await sandbox.bareRemote({ ...bookingFiles('agents', 'dialect'), ...files });
  const clone = await sandbox.clone(remote, 'clone', ...cloneOptions);
  const agentq = (...args: string[]): Promise<AgentqRun> =>
    runAgentq(args, { cwd: sandbox.path(clone), env: sandbox.env });
  return { remote, clone, agentq, tip: () => sandbox.git(remote, 'rev-parse', 'develop') };
}

/** The file as an older script leaves it when it claims: no claim_id, and its own word for the status. */
function claimedByScript(text: string, agent: string): string {
  const claim = `\nclaim:\n claimed_by: ${agent}\n claimed_at: 2026-01-01T00:00:00Z\n status: claimed\n`;
  return text.replace(' status: ready', ' status: claimed') + claim;
}

async function movedByScript(sandbox: GitSandbox, remote: string, id: string, from: string, to: string, text: string) {
  const files = { [`${from}/${id}.toon`]: null, [`${to}/${id}.toon`]: text };
  await sandbox.commitTo(remote, 'refs/heads/develop', files, `[AGENT-CLAIM] old-agent claimed ${id} from booking`);
}

describe('complete', () => {
  it('takes the pull request by place or by name, and says so in the file, in JSON and in one commit', async () => {
    await using sandbox = await GitSandbox.create();
    const { remote, agentq, tip } = await setUp(sandbox);
    await agentq('claim', 'a1');
    const before = await tip();
    const answer = await agentq('complete', 'TASK-001', 'a1', PR, '--json');
    expect(answer.code).toBe(0);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      project: 'booking',
      task: 'TASK-001',
      path: `${FOLDERS.completed}/TASK-001.toon`,
      agent: 'a1',
      prUrl: PR,
      commit: await tip(),
      unblocked: [
        { project: 'booking', task: 'TASK-002', title: 'Create the database schema' },
        { project: 'booking', task: 'TASK-010' },
      ],
    });
    expect(await sandbox.git(remote, 'rev-list', '--count', `${before}..develop`)).toBe('1');
    expect(await sandbox.git(remote, 'log', '-1', '--format=%an <%ae>%n%B', 'develop')).toMatch(
      /^a1 <a1@agentq\.invalid>\n\[AGENT-COMPLETE\] a1 completed booking\/TASK-001\n\nAgentq-Task: booking\/TASK-001\nAgentq-Agent: a1\nAgentq-Request: \w+\nAgentq-Unblocked: booking\/TASK-002\nAgentq-Unblocked: booking\/TASK-010\n*$/,
    );
    const file = await sandbox.git(remote, 'show', `develop:${FOLDERS.completed}/TASK-001.toon`);
    expect(file).toContain(`\n pr_url: ${PR}`);

    await agentq('claim', 'a1');
    expect((await agentq('complete', 'TASK-002', 'a1', '--pr-url', PR)).stdout.trim().split('\n')).toEqual(
      ['TASK-002', 'TASK-003', 'TASK-004'].map((id) => `booking/${id}`),
    );
  });

  it('again is a success that changes nothing, for the same agent and claim only', async () => {
    await using sandbox = await GitSandbox.create();
    const { agentq, tip } = await setUp(sandbox);
    const { claimId } = JSON.parse((await agentq('claim', 'a1', '--json')).stdout);
    expect((await agentq('complete', 'TASK-001', 'a1', '--claim-id', 'another')).code).toBe(3);
    expect((await agentq('complete', 'TASK-001', 'a1', '--claim-id', claimId)).code).toBe(0);
    const done = await tip();
    for (const extra of [[], ['--claim-id', claimId]]) {
      const again = await agentq('complete', 'TASK-001', 'a1', ...extra);
      expect(again).toMatchObject({ code: 0, stdout: 'booking/TASK-001\n' });
    }
    expect((await agentq('complete', 'TASK-001', 'a2')).code).toBe(3);
    expect((await agentq('complete', 'TASK-001', 'a1', '--claim-id', 'another')).code).toBe(3);
    expect(await tip()).toBe(done);
  });

  it('of what one does not own, or no longer owns, is exit 3 and changes nothing', async () => {
    await using sandbox = await GitSandbox.create();
    const { agentq, tip } = await setUp(sandbox);
    const first = JSON.parse((await agentq('claim', 'a1', '--json')).stdout);
    await agentq('release', 'TASK-001', 'a1');
    await agentq('claim', 'a1');
    const before = await tip();
    expect((await agentq('complete', 'TASK-001', 'a1', '--claim-id', first.claimId)).code).toBe(3);
    expect((await agentq('complete', 'TASK-001', 'a2')).code).toBe(3);
    expect((await agentq('complete', 'TASK-002', 'a1')).code).toBe(3);
    expect((await agentq('complete', 'TASK-404', 'a1')).code).toBe(3);
    expect((await agentq('complete', 'TASK-001', 'a1', 'not-a-url')).code).toBe(64);
    expect((await agentq('complete', 'TASK-001', 'a1', PR, '--pr-url', `${PR}1`)).code).toBe(64);
    expect(await tip()).toBe(before);
  });

  it('works for what an older script claimed, from a detached and shallow clone', async () => {
    await using sandbox = await GitSandbox.create();
    const { remote, clone, agentq } = await setUp(sandbox, {}, '--depth', '1', '--single-branch');
    await sandbox.git(clone, 'checkout', '-q', '--detach');
    const path = `${FOLDERS.tasks}/TASK-001.toon`;
    const text = `${await sandbox.git(remote, 'show', `develop:${path}`)}\n`;
    const claimed = claimedByScript(text, 'old-agent');
    await movedByScript(sandbox, remote, 'TASK-001', FOLDERS.tasks, FOLDERS.claimed, claimed);
    expect((await agentq('complete', 'TASK-001', 'somebody-else')).code).toBe(3);
    expect(await agentq('complete', 'TASK-001', 'old-agent')).toMatchObject({
      code: 0,
      stdout: 'booking/TASK-001\nbooking/TASK-002\nbooking/TASK-010\n',
    });
    const file = `${await sandbox.git(remote, 'show', `develop:${FOLDERS.completed}/TASK-001.toon`)}\n`;
    expect(file.startsWith(claimed)).toBe(true);
  });

  it('by moving files only, as an older script does, leaves the rest to unblock', async () => {
    await using sandbox = await GitSandbox.create();
    const { remote, agentq } = await setUp(sandbox);
    const text = `${await sandbox.git(remote, 'show', `develop:${FOLDERS.tasks}/TASK-001.toon`)}\n`;
    const claimed = claimedByScript(text, 'old-agent');
    await movedByScript(sandbox, remote, 'TASK-001', FOLDERS.tasks, FOLDERS.completed, claimed);
    expect(await agentq('complete', 'TASK-001', 'old-agent')).toMatchObject({ code: 0, stdout: 'booking/TASK-001\n' });
    expect((await agentq('claim', 'a1')).code).toBe(1);
    expect((await agentq('status')).stderr).toContain('2 tasks are blocked with nothing left to wait for');
    expect(await agentq('unblock')).toMatchObject({ code: 0, stdout: 'booking/TASK-002\nbooking/TASK-010\n' });
    expect(await sandbox.git(remote, 'log', '-1', '--format=%an|%s', 'develop')).toBe(
      'orchestrator|[ORCHESTRATOR] Unblocked 2 tasks',
    );
    expect((await agentq('claim', 'a1')).stdout).toBe('booking/TASK-002\n');
  });
});
