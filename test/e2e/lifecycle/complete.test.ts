import { describe, expect, it } from 'vitest';
import { bookingFiles, foldersOf } from '../../kit/queues/booking-queue.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const FOLDERS = foldersOf('agents', 'booking');
const PR = 'https://example.com/booking/pull/7';

/** A queue of twelve, and a clone of it. */
const QUEUE = { files: bookingFiles('agents', 'dialect'), clones: ['clone'] };

/** The file as an older script leaves it when it claims: no claim_id, and its own word for the status. */
function claimedByScript(text: string, agent: string): string {
  const claim = `\nclaim:\n claimed_by: ${agent}\n claimed_at: 2026-01-01T00:00:00Z\n status: claimed\n`;
  return text.replace(' status: ready', ' status: claimed') + claim;
}

async function movedByScript(box: Scene, remote: string, id: string, from: string, to: string, text: string) {
  const files = { [`${from}/${id}.toon`]: null, [`${to}/${id}.toon`]: text };
  await box.commitTo(remote, 'refs/heads/develop', files, `[AGENT-CLAIM] old-agent claimed ${id} from booking`);
}

describe('complete', () => {
  it('takes the pull request by place or by name, and says so in the file, in JSON and in one commit', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.agentq('clone', 'claim', 'a1');
    const before = await box.tip();
    const answer = await box.agentq('clone', 'complete', 'TASK-001', 'a1', PR, '--json');
    expect(answer.code).toBe(0);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      project: 'booking',
      task: 'TASK-001',
      path: `${FOLDERS.completed}/TASK-001.toon`,
      agent: 'a1',
      prUrl: PR,
      commit: await box.tip(),
      unblocked: [
        { project: 'booking', task: 'TASK-002', title: 'Create the database schema' },
        { project: 'booking', task: 'TASK-010' },
      ],
    });
    expect(await box.git(remote, 'rev-list', '--count', `${before}..develop`)).toBe('1');
    expect(await box.git(remote, 'log', '-1', '--format=%an <%ae>%n%B', 'develop')).toMatch(
      /^a1 <a1@agentq\.invalid>\n\[AGENT-COMPLETE\] a1 completed booking\/TASK-001\n\nAgentq-Task: booking\/TASK-001\nAgentq-Agent: a1\nAgentq-Request: \w+\nAgentq-Unblocked: booking\/TASK-002\nAgentq-Unblocked: booking\/TASK-010\n*$/,
    );
    const file = await box.git(remote, 'show', `develop:${FOLDERS.completed}/TASK-001.toon`);
    expect(file).toContain(`\n pr_url: ${PR}`);

    await box.agentq('clone', 'claim', 'a1');
    expect((await box.agentq('clone', 'complete', 'TASK-002', 'a1', '--pr-url', PR)).stdout.trim().split('\n')).toEqual(
      ['TASK-002', 'TASK-003', 'TASK-004'].map((id) => `booking/${id}`),
    );
  });

  it('again is a success that changes nothing, for the same agent and claim only', async () => {
    await using box = await scene(QUEUE);
    const { claimId } = JSON.parse((await box.agentq('clone', 'claim', 'a1', '--json')).stdout);
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'a1', '--claim-id', 'another')).code).toBe(3);
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'a1', '--claim-id', claimId)).code).toBe(0);
    const done = await box.tip();
    for (const extra of [[], ['--claim-id', claimId]]) {
      const again = await box.agentq('clone', 'complete', 'TASK-001', 'a1', ...extra);
      expect(again).toMatchObject({ code: 0, stdout: 'booking/TASK-001\n' });
    }
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'a2')).code).toBe(3);
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'a1', '--claim-id', 'another')).code).toBe(3);
    expect(await box.tip()).toBe(done);
  });

  it('of what one does not own, or no longer owns, is exit 3 and changes nothing', async () => {
    await using box = await scene(QUEUE);
    const first = JSON.parse((await box.agentq('clone', 'claim', 'a1', '--json')).stdout);
    await box.agentq('clone', 'release', 'TASK-001', 'a1');
    await box.agentq('clone', 'claim', 'a1');
    const before = await box.tip();
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'a1', '--claim-id', first.claimId)).code).toBe(3);
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'a2')).code).toBe(3);
    expect((await box.agentq('clone', 'complete', 'TASK-002', 'a1')).code).toBe(3);
    expect((await box.agentq('clone', 'complete', 'TASK-404', 'a1')).code).toBe(3);
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'a1', 'not-a-url')).code).toBe(64);
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'a1', PR, '--pr-url', `${PR}1`)).code).toBe(64);
    expect(await box.tip()).toBe(before);
  });

  it('works for what an older script claimed, from a detached and shallow clone', async () => {
    await using box = await scene({ ...QUEUE, cloning: ['--depth', '1', '--single-branch'] });
    const { remote } = box;
    await box.git('clone', 'checkout', '-q', '--detach');
    const path = `${FOLDERS.tasks}/TASK-001.toon`;
    const text = `${await box.git(remote, 'show', `develop:${path}`)}\n`;
    const claimed = claimedByScript(text, 'old-agent');
    await movedByScript(box, remote, 'TASK-001', FOLDERS.tasks, FOLDERS.claimed, claimed);
    expect((await box.agentq('clone', 'complete', 'TASK-001', 'somebody-else')).code).toBe(3);
    expect(await box.agentq('clone', 'complete', 'TASK-001', 'old-agent')).toMatchObject({
      code: 0,
      stdout: 'booking/TASK-001\nbooking/TASK-002\nbooking/TASK-010\n',
    });
    const file = `${await box.git(remote, 'show', `develop:${FOLDERS.completed}/TASK-001.toon`)}\n`;
    expect(file.startsWith(claimed)).toBe(true);
  });

  it('by moving files only, as an older script does, leaves the rest to unblock', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const text = `${await box.git(remote, 'show', `develop:${FOLDERS.tasks}/TASK-001.toon`)}\n`;
    const claimed = claimedByScript(text, 'old-agent');
    await movedByScript(box, remote, 'TASK-001', FOLDERS.tasks, FOLDERS.completed, claimed);
    expect(await box.agentq('clone', 'complete', 'TASK-001', 'old-agent')).toMatchObject({
      code: 0,
      stdout: 'booking/TASK-001\n',
    });
    expect((await box.agentq('clone', 'claim', 'a1')).code).toBe(1);
    expect((await box.agentq('clone', 'status')).stderr).toContain('2 tasks are blocked with nothing left to wait for');
    expect(await box.agentq('clone', 'unblock')).toMatchObject({
      code: 0,
      stdout: 'booking/TASK-002\nbooking/TASK-010\n',
    });
    expect(await box.git(remote, 'log', '-1', '--format=%an|%s', 'develop')).toBe(
      'orchestrator|[ORCHESTRATOR] Unblocked 2 tasks',
    );
    expect((await box.agentq('clone', 'claim', 'a1')).stdout).toBe('booking/TASK-002\n');
  });
});
