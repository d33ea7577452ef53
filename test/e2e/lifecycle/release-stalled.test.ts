import { describe, expect, it } from 'vitest';
import { AGENTQ_BIN, NODE, runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import { bookingFiles, foldersOf, type Notation } from '../../kit/queues/booking-queue.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { sampleOf, sized } from '../../kit/sample.ts';
import type { Files } from '../../kit/scene/git-sandbox.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const FOLDERS = foldersOf('agents', 'booking');
const CLAIMED = `${FOLDERS.claimed}/TASK-001.toon`;
const LEDGER = `${FOLDERS.tasks}/.agentq-stalls`;
const BRANCH = 'refs/heads/develop';

/** A queue of twelve, and a clone of it. */
function queueOf(notation: Notation = 'dialect', files: Files = {}, ...cloning: string[]): Promise<Scene> {
  return scene({ files: { ...bookingFiles('agents', notation), ...files }, clones: ['clone'], cloning });
}

/** What is done to a queue, and looked up in it. */
function handsOn(box: Scene) {
  const { remote } = box;
  return {
    remote,
    clone: 'clone',
    agentq: (...args: string[]) => box.agentq('clone', ...args),
    tip: () => box.tip(),
    file: (path: string, at = 'develop') => box.git(remote, 'show', `${at}:${path}`),
    /** Writes another heartbeat into the claim, as somebody with that clock would have. */
    async beat(heartbeat: string, path = CLAIMED) {
      const text = `${await box.git(remote, 'show', `develop:${path}`)}\n`;
      const lines = heartbeat === '' ? '' : `$1last_heartbeat: ${heartbeat}\n`;
      await box.commitTo(remote, BRANCH, { [path]: text.replace(/^( *)last_heartbeat: .*\n/m, lines) });
    },
  };
}

const minutesAgo = (minutes: number): string =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;

describe('release-stalled', () => {
  it.each<Notation>(sampleOf(['canonical', 'dialect'], 1))(
    'gives the exact bytes of %s files back in one commit',
    async (notation) => {
      const other = bookingFiles('core', notation, 'other');
      await using box = await queueOf(notation, other);
      const { remote, agentq, tip, beat } = handsOn(box);
      const original = await box.files(remote, 'develop');
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
      expect(await box.git(remote, 'rev-list', '--count', `${before}..develop`)).toBe('1');
      expect(await box.git(remote, 'log', '-1', '--format=%an|%s', 'develop')).toBe(
        'orchestrator|[ORCHESTRATOR] Released 2 stalled tasks (no heartbeat for 30m)',
      );
      const {
        [LEDGER]: ledger,
        '.agents-core/state/other/tasks/.agentq-stalls': second,
        ...rest
      } = await box.files(remote, 'develop');
      expect([ledger, second]).toEqual(['TASK-001 1\n', 'TASK-001 1\n']);
      expect(rest).toEqual(original);

      const done = await tip();
      const nothing = await agentq('release-stalled', '', 'develop', '--json');
      expect(nothing.code).toBe(0);
      expect(JSON.parse(nothing.stdout)).toMatchObject({ commit: null, olderThanMs: 1_800_000, tasks: [] });
      expect(await tip()).toBe(done);
      expect((await auditQueue(box.path(remote))).violations).toEqual([]);
    },
  );

  it('judges a heartbeat that cannot be trusted by the commit that last touched the claim', async () => {
    await using box = await queueOf();
    const { clone, agentq, beat } = handsOn(box);
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
    await box.git(clone, 'pull', '-q');
    const text = (await box.read(clone, CLAIMED)).replace('soon', '2199-01-01T00:00:00Z');
    await box.commit(clone, { [CLAIMED]: text });
    await box.git(clone, 'push', '-q', 'origin', 'develop');
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
    const settings = { '.agents-core/config/agentq.toon': 'agentq:\n  stalled_after: 4h\n' };
    await using box = await queueOf('dialect', settings);
    const { remote, clone, agentq, beat } = handsOn(box);
    await box.git(clone, 'checkout', '-q', '--orphan', 'elsewhere');
    await box.git(clone, 'rm', '-rfq', '.');
    await agentq('claim', 'a1');
    await box.commitTo(remote, BRANCH, { [`${FOLDERS.claimed}/TASK-099.toon`]: '<<<<<<< HEAD\n' });
    await beat(minutesAgo(200));
    const spared = await agentq('release-stalled');
    expect(spared).toMatchObject({ code: 0, stdout: '' });
    expect(spared.stderr).toContain(`${FOLDERS.claimed}/TASK-099.toon:1: `);
    await beat(minutesAgo(250));
    expect(await agentq('release-stalled')).toMatchObject({ code: 0, stdout: 'booking/TASK-001\n' });
    expect(await box.git(remote, 'cat-file', '-t', `develop:${FOLDERS.claimed}/TASK-099.toon`)).toBe('blob');
  });
});

describe('a claim that is renewed while it is being released', () => {
  it.each(['none', 'all'])(
    'is spared: the push is rejected, and it is decided anew (--combine %s)',
    async (combine) => {
      await using box = await queueOf();
      const { remote, agentq, beat, tip } = handsOn(box);
      const other = await box.clone(remote, 'other');
      await agentq('claim', 'a1');
      await beat(minutesAgo(90));
      // When the release arrives, and before it is taken in, the owner renews from another machine.
      const clean = ['GIT_DIR', 'GIT_QUARANTINE_PATH', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES'];
      const renew = `${NODE} ${AGENTQ_BIN} -C ${box.path(other)} heartbeat TASK-001 a1`;
      await box.hook(
        remote,
        'pre-receive',
        `[ -e ${box.path('renewed')} ] && exit 0\ntouch ${box.path('renewed')}\n` +
          `env ${clean.map((name) => `-u ${name}`).join(' ')} AGENTQ_COMBINE=none ${renew} >/dev/null`,
      );
      const answer = await agentq('release-stalled', '--json', '--combine', combine);
      expect(answer.code).toBe(0);
      expect(JSON.parse(answer.stdout)).toMatchObject({ tasks: [], commit: null });
      if (combine === 'none') expect(JSON.parse(answer.stdout)).toMatchObject({ attempts: 2 });
      expect(await box.read('.', 'renewed')).toBe('');
      expect(await box.git(remote, 'log', '-1', '--format=%s', await tip())).toBe(
        '[AGENT-HEARTBEAT] a1 working on TASK-001',
      );
      expect((await agentq('complete', 'TASK-001', 'a1')).code).toBe(0);
    },
  );

  it('belongs to exactly one of the two, however they race', async () => {
    await using box = await queueOf();
    const { remote, agentq, beat, file } = handsOn(box);
    const machines = [await box.clone(remote, 'one'), await box.clone(remote, 'two')];
    const env = { ...box.env, AGENTQ_COMBINE: 'none' };
    for (let round = 0; round < sized(6, 2); round++) {
      await agentq('unblock', '--task', 'TASK-001');
      await agentq('claim', 'a1', '--task', 'TASK-001');
      await beat(minutesAgo(90));
      const commands = [['heartbeat', 'TASK-001', 'a1'], ['release-stalled']];
      if (round % 2 === 1) commands.reverse();
      const answers = await runAgentqAtOnce(
        commands.map((args, index) => ({ args, options: { cwd: box.path(machines[index] ?? ''), env } })),
      );
      const heartbeat = answers[commands[0]?.[0] === 'heartbeat' ? 0 : 1];
      const release = answers[commands[0]?.[0] === 'heartbeat' ? 1 : 0];
      expect(release?.code).toBe(0);
      const isReleased = release?.stdout === 'booking/TASK-001\n';
      expect(heartbeat?.code).toBe(isReleased ? 3 : 0);
      if (isReleased) expect(await file(LEDGER)).toBe('TASK-001 1');
      else expect(await agentq('release', 'TASK-001', 'a1')).toMatchObject({ code: 0 });
    }
    expect((await auditQueue(box.path(remote))).violations).toEqual([]);
  });
});

describe('a task that kills its agents', () => {
  it('is blocked after three of them, also for a shallow clone, and freed by name with its own bytes', async () => {
    await using box = await queueOf('dialect', {}, '--depth', '1', '--single-branch');
    const { remote, agentq, beat, file } = handsOn(box);
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
    expect((await box.tryGit(remote, 'cat-file', '-e', `develop:${LEDGER}`)).exitCode).not.toBe(0);
    expect((await agentq('claim', 'a4')).stdout).toBe('booking/TASK-001\n');
    // A release of the owner's own is no stall; and who completes it clears what was counted before.
    await beat(minutesAgo(90));
    await agentq('release-stalled');
    await agentq('claim', 'a5');
    await agentq('release', 'TASK-001', 'a5');
    expect(await file(LEDGER)).toBe('TASK-001 1');
    await agentq('claim', 'a6');
    expect((await agentq('complete', 'TASK-001', 'a6')).code).toBe(0);
    expect((await box.tryGit(remote, 'cat-file', '-e', `develop:${LEDGER}`)).exitCode).not.toBe(0);
    expect((await auditQueue(box.path(remote))).violations).toEqual([]);
  });
});
