import { describe, expect, it } from 'vitest';
import { AGENTQ_BIN, type AgentqRun, runAgentq, runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { bookingFiles, foldersOf, type Notation } from '../../kit/queues/booking-queue.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { type Files, GitSandbox } from '../../kit/scene/git-sandbox.ts';

const FOLDERS = foldersOf('agents', 'booking');
const CLAIMED = `${FOLDERS.claimed}/TASK-001.toon`;
const LEDGER = `${FOLDERS.tasks}/.agentq-stalls`;
const BRANCH = 'refs/heads/develop';

async function setUp(sandbox: GitSandbox, notation: Notation = 'dialect', files: Files = {}, ...options: string[]) {
  const remote = await sandbox.bareRemote({ ...bookingFiles('agents', notation), ...files });
  const clone = await sandbox.clone(remote, 'clone', ...options);
  const agentq = (...args: string[]): Promise<AgentqRun> =>
    runAgentq(args, { cwd: sandbox.path(clone), env: sandbox.env });
  return {
    remote,
    clone,
    agentq,
    tip: () => sandbox.git(remote, 'rev-parse', 'develop'),
    file: (path: string, at = 'develop') => sandbox.git(remote, 'show', `${at}:${path}`),
    /** Writes another heartbeat into the claim, as somebody with that clock would have. */
    async beat(heartbeat: string, path = CLAIMED) {
      const text = `${await sandbox.git(remote, 'show', `develop:${path}`)}\n`;
      const lines = heartbeat === '' ? '' : `$1last_heartbeat: ${heartbeat}\n`;
      await sandbox.commitTo(remote, BRANCH, { [path]: text.replace(/^( *)last_heartbeat: .*\n/m, lines) });
    },
  };
}

const minutesAgo = (minutes: number): string =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;

describe('release-stalled', () => {
  it.each<Notation>(['canonical', 'dialect'])(
    'gives the exact bytes of %s files back in one commit',
    async (notation) => {
      await using sandbox = await GitSandbox.create();
      const other = bookingFiles('core', notation, 'other');
      const { remote, agentq, tip, beat } = await setUp(sandbox, notation, other);
      const original = await sandbox.files(remote, 'develop');
      for (const agent of ['a1', 'a2']) await agentq('claim', agent);
      await beat(minutesAgo(45));
      await beat(minutesAgo(200), '.agents-core/state/other/claimed/TASK-001.toon');
      const before = await tip();

      const plan = await agentq('release-stalled', '--dry-run');
      expect(plan).toMatchObject({ code: 0, stdout: 'booking/TASK-001\nother/TASK-001\n' });
      expect(plan.stderr).toContain('would release booking/TASK-001: a1 was silent for 45m');
      expect(await tip()).toBe(before);
      expect((await agentq('release-stalled', '--older-than', '1h30m', '--dry-run')).stdout).toBe('other/TASK-001\n');
      expect((await agentq('release-stalled', 'other', '--dry-run')).stdout).toBe('other/TASK-001\n');

      expect(await agentq('release-stalled')).toMatchObject({ code: 0, stdout: 'booking/TASK-001\nother/TASK-001\n' });
      expect(await sandbox.git(remote, 'rev-list', '--count', `${before}..develop`)).toBe('1');
      expect(await sandbox.git(remote, 'log', '-1', '--format=%an|%s', 'develop')).toBe(
        'orchestrator|[ORCHESTRATOR] Released 2 stalled tasks (no heartbeat for 30m)',
      );
      const {
        [LEDGER]: ledger,
        '.agents-core/state/other/tasks/.agentq-stalls': second,
        ...rest
      } = await sandbox.files(remote, 'develop');
      expect([ledger, second]).toEqual(['TASK-001 1\n', 'TASK-001 1\n']);
      expect(rest).toEqual(original);

      const done = await tip();
      const nothing = await agentq('release-stalled', '', 'develop', '--json');
      expect(nothing.code).toBe(0);
      expect(JSON.parse(nothing.stdout)).toMatchObject({ commit: null, olderThanMs: 1_800_000, tasks: [] });
      expect(await tip()).toBe(done);
      expect((await auditQueue(sandbox.path(remote))).violations).toEqual([]);
    },
  );

  it('judges a heartbeat that cannot be trusted by the commit that last touched the claim', async () => {
    await using sandbox = await GitSandbox.create();
    const { clone, agentq, beat } = await setUp(sandbox);
    await agentq('claim', 'a1');
    const released = async (): Promise<string> => (await agentq('release-stalled', '--dry-run')).stdout;
    // The sandbox commits in the year 2023: what only such a commit vouches for is long silent.
    for (const untrusted of ['2199-01-01T00:00:00Z', '', 'soon']) {
      await beat(untrusted);
      expect(await released()).toBe('booking/TASK-001\n');
      // A line that is absent cannot be rewritten by the next round.
      if (untrusted === '') await agentq('heartbeat', 'TASK-001', 'a1');
    }
    // A commit of this minute vouches for the very same file.
    await sandbox.git(clone, 'pull', '-q');
    const text = (await sandbox.read(clone, CLAIMED)).replace('soon', '2199-01-01T00:00:00Z');
    await sandbox.commit(clone, { [CLAIMED]: text });
    await sandbox.git(clone, 'push', '-q', 'origin', 'develop');
    expect(await released()).toBe('');
    // Clocks may differ by two minutes, in either direction.
    for (const [heartbeat, expected] of [
      [minutesAgo(-1.5), ''],
      [minutesAgo(31), ''],
      [minutesAgo(33), 'booking/TASK-001\n'],
    ] as const) {
      await beat(heartbeat);
      expect(await released()).toBe(expected);
    }
  });

  it('takes its limit from the queue’s own branch, and reports what it cannot read', async () => {
    await using sandbox = await GitSandbox.create();
    const settings = { '.agents-core/config/agentq.toon': 'agentq:\n  stalled_after: 4h\n' };
    const { remote, clone, agentq, beat } = await setUp(sandbox, 'dialect', settings);
    await sandbox.git(clone, 'checkout', '-q', '--orphan', 'elsewhere');
    await sandbox.git(clone, 'rm', '-rfq', '.');
    await agentq('claim', 'a1');
    await sandbox.commitTo(remote, BRANCH, { [`${FOLDERS.claimed}/TASK-099.toon`]: '<<<<<<< HEAD\n' });
    await beat(minutesAgo(200));
    const spared = await agentq('release-stalled');
    expect(spared).toMatchObject({ code: 0, stdout: '' });
    expect(spared.stderr).toContain(`${FOLDERS.claimed}/TASK-099.toon:1: `);
    await beat(minutesAgo(250));
    expect(await agentq('release-stalled')).toMatchObject({ code: 0, stdout: 'booking/TASK-001\n' });
    expect(await sandbox.git(remote, 'cat-file', '-t', `develop:${FOLDERS.claimed}/TASK-099.toon`)).toBe('blob');
  });
});

describe('a claim that is renewed while it is being released', () => {
  it.each(['none', 'all'])(
    'is spared: the push is rejected, and it is decided anew (--combine %s)',
    async (combine) => {
      await using sandbox = await GitSandbox.create();
      const { remote, agentq, beat, tip } = await setUp(sandbox);
      const other = await sandbox.clone(remote, 'other');
      await agentq('claim', 'a1');
      await beat(minutesAgo(90));
      // When the release arrives, and before it is taken in, the owner renews from another machine.
      const clean = ['GIT_DIR', 'GIT_QUARANTINE_PATH', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES'];
      const renew = `${process.execPath} ${AGENTQ_BIN} -C ${sandbox.path(other)} heartbeat TASK-001 a1`;
      await sandbox.hook(
        remote,
        'pre-receive',
        `[ -e ${sandbox.path('renewed')} ] && exit 0\ntouch ${sandbox.path('renewed')}\n` +
          `env ${clean.map((name) => `-u ${name}`).join(' ')} AGENTQ_COMBINE=none ${renew} >/dev/null`,
      );
      const answer = await agentq('release-stalled', '--json', '--combine', combine);
      expect(answer.code).toBe(0);
      expect(JSON.parse(answer.stdout)).toMatchObject({ tasks: [], commit: null });
      if (combine === 'none') expect(JSON.parse(answer.stdout)).toMatchObject({ attempts: 2 });
      expect(await sandbox.read('.', 'renewed')).toBe('');
      expect(await sandbox.git(remote, 'log', '-1', '--format=%s', await tip())).toBe(
        '[AGENT-HEARTBEAT] a1 working on TASK-001',
      );
      expect((await agentq('complete', 'TASK-001', 'a1')).code).toBe(0);
    },
  );

  it('belongs to exactly one of the two, however they race', async () => {
    await using sandbox = await GitSandbox.create();
    const { remote, agentq, beat, file } = await setUp(sandbox);
    const machines = [await sandbox.clone(remote, 'one'), await sandbox.clone(remote, 'two')];
    const env = { ...sandbox.env, AGENTQ_COMBINE: 'none' };
    for (let round = 0; round < 6; round++) {
      await agentq('unblock', '--task', 'TASK-001');
      await agentq('claim', 'a1', '--task', 'TASK-001');
      await beat(minutesAgo(90));
      const commands = [['heartbeat', 'TASK-001', 'a1'], ['release-stalled']];
      if (round % 2 === 1) commands.reverse();
      const answers = await runAgentqAtOnce(
        commands.map((args, index) => ({ args, options: { cwd: sandbox.path(machines[index] ?? ''), env } })),
      );
      const heartbeat = answers[commands[0]?.[0] === 'heartbeat' ? 0 : 1];
      const release = answers[commands[0]?.[0] === 'heartbeat' ? 1 : 0];
      expect(release?.code).toBe(0);
      const isReleased = release?.stdout === 'booking/TASK-001\n';
      expect(heartbeat?.code).toBe(isReleased ? 3 : 0);
      if (isReleased) expect(await file(LEDGER)).toBe('TASK-001 1');
      else expect(await agentq('release', 'TASK-001', 'a1')).toMatchObject({ code: 0 });
    }
    expect((await auditQueue(sandbox.path(remote))).violations).toEqual([]);
  });
});

describe('a task that kills its agents', () => {
  it('is blocked after three of them, also for a shallow clone, and freed by name with its own bytes', async () => {
    await using sandbox = await GitSandbox.create();
    const { remote, agentq, beat, file } = await setUp(sandbox, 'dialect', {}, '--depth', '1', '--single-branch');
    const path = `${FOLDERS.tasks}/TASK-001.toon`;
    const original = await file(path);
    for (const [round, agent] of ['a1', 'a2', 'a3'].entries()) {
      expect((await agentq('claim', agent)).stdout).toBe('booking/TASK-001\n');
      await beat(minutesAgo(90));
      const released = await agentq('release-stalled');
      expect(released).toMatchObject({ code: 0, stdout: 'booking/TASK-001\n' });
      expect(released.stderr.includes('is blocked now')).toBe(round === 2);
      expect(await file(LEDGER)).toBe(`TASK-001 ${round + 1}`);
      if (round < 2) expect(await file(path)).toBe(original);
    }
    const reason = 'stalled 3 times - last held by a3 - free it with agentq unblock --task booking/TASK-001';
    expect(await file(path)).toBe(original.replace(' status: ready', ` status: blocked\n blocked_reason: ${reason}`));
    expect((await agentq('claim', 'a4')).code).toBe(1);
    expect(await agentq('unblock')).toMatchObject({ code: 0, stdout: '' });
    expect(await agentq('unblock', '--task', 'TASK-001')).toMatchObject({ code: 0, stdout: 'booking/TASK-001\n' });
    expect(await file(path)).toBe(original);
    expect((await sandbox.tryGit(remote, 'cat-file', '-e', `develop:${LEDGER}`)).exitCode).not.toBe(0);
    expect((await agentq('claim', 'a4')).stdout).toBe('booking/TASK-001\n');
    // A release of the owner's own is no stall; and who completes it clears what was counted before.
    await beat(minutesAgo(90));
    await agentq('release-stalled');
    await agentq('claim', 'a5');
    await agentq('release', 'TASK-001', 'a5');
    expect(await file(LEDGER)).toBe('TASK-001 1');
    await agentq('claim', 'a6');
    expect((await agentq('complete', 'TASK-001', 'a6')).code).toBe(0);
    expect((await sandbox.tryGit(remote, 'cat-file', '-e', `develop:${LEDGER}`)).exitCode).not.toBe(0);
    expect((await auditQueue(sandbox.path(remote))).violations).toEqual([]);
  });
});
