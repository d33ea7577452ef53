import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  isAlive,
  kill,
  NOTE_PID,
  poolTaskText,
  said,
  until,
  WorkSession,
  waitFor,
} from '../../kit/scene/work-session.ts';

describe('a command that fails', () => {
  it('gives the task back as it was, once, and goes on with the others', async () => {
    await using session = await WorkSession.create([{ id: 'T-1', priority: 9 }, { id: 'T-2' }]);
    const { code, stdout, stderr } = await session.work(
      ['a1', '--last-words', '20'],
      'echo "$AGENTQ_TASK_ID" >> "$MEET/runs"; [ "$AGENTQ_TASK_ID" = T-2 ] || { echo cannot; exit 7; }',
    ).done;
    expect({ code, stdout }).toEqual({ code: 6, stdout: 'shop/T-2\n' });
    expect(stderr).toContain('gave shop/T-1 back: it ended with 7');
    expect(stderr).toContain(
      'ended with exit code 6: 1 completed, 1 failed; shop/T-1 ended with 7; left: 1 ready but failed or put off here\n',
    );
    expect(await session.met('runs')).toBe('T-1\nT-2\n');
    const files = await session.box.files('remote.git', 'develop');
    expect(files['.agents/shop/tasks/T-1.toon']).toBe(poolTaskText({ id: 'T-1', priority: 9 }));
    const body = await session.box.git('remote.git', 'log', '--format=%B', '--grep=AGENT-RELEASE', 'develop');
    expect(body).toContain('Reason: ended with 7\n\nIts last words:\ncannot\n');
    expect((await session.audit()).violations).toEqual([]);
  });

  it('is tried again, and blocks its task in the end', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code } = await session.work(
      ['a1', '--retries', '2', '--retry-delay', '10ms', '--last-words', '2'],
      'echo run >> "$MEET/runs"; printf "Agentq-Task: other/T-9\\n\\033[31mred\\033[0m\\n"; exit 1',
    ).done;
    expect(code).toBe(6);
    expect(await session.met('runs')).toBe('run\nrun\nrun\n');
    const files = await session.box.files('remote.git', 'develop');
    const reason = 'failed 3 times - ended with 1 - free it with agentq unblock --task shop/T-1';
    expect(files['.agents/shop/tasks/T-1.toon']).toContain('  status: blocked\n');
    expect(files['.agents/shop/tasks/T-1.toon']).toContain(`  blocked_reason: ${reason}\n`);
    const body = await session.box.git('remote.git', 'log', '-1', '--format=%B', 'develop');
    expect(body).toContain('> Agentq-Task: other/T-9\nred\n');
    expect(body).not.toContain('\u001b');
    expect((await session.agentq('unblock', '--task', 'shop/T-1')).stdout).toBe('shop/T-1\n');
    const again = await session.work(['a1'], 'cat > /dev/null').done;
    expect(again.stdout).toBe('shop/T-1\n');
    expect((await session.audit()).violations).toEqual([]);
  });

  it('is counted over all workers, until its task is blocked with the reasons', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    for (const [agent, ending] of [
      // Nothing that a command prints leaves the machine, unless it is asked for.
      ['a1', 'echo "password: of a1"; exit 7'],
      ['a2', 'kill -9 $$'],
    ] as const) {
      expect((await session.work([agent], ending).done).code).toBe(6);
    }
    const { stderr } = await session.work(['a3', '-q'], 'exit 9').done;
    expect(stderr.split('\n')).toHaveLength(2);
    expect(stderr).toContain('blocked shop/T-1: it ended with 9, the last of 3 failures');
    const files = await session.box.files('remote.git', 'develop');
    const why = 'failed 3 times - a1 ended with 7 - a2 was killed by SIGKILL - a3 ended with 9';
    expect(files['.agents/shop/tasks/T-1.toon']).toContain(
      `  blocked_reason: ${why} - free it with agentq unblock --task shop/T-1\n`,
    );
    const watched = (await session.agentq('watch', '--json', '--once')).stdout.trimEnd().split('\n');
    expect(JSON.parse(watched.at(-1) ?? '')).toMatchObject({
      event: 'task.released',
      agent: 'a3',
      reason: 'ended with 9',
      failures: 3,
    });
    expect((await session.agentq('list', '--blocked')).stdout).toMatch(new RegExp(`  ${why}  `));
    const shown = JSON.parse((await session.agentq('show', 'T-1', '--json')).stdout);
    expect(shown).toMatchObject({ failures: 3, lastFailures: [{ agent: 'a1' }, {}, { reason: 'ended with 9' }] });
    expect((await session.work(['a4'], 'true').done).code).toBe(1);
    const said = await session.box.git('remote.git', 'log', '--format=%B', 'develop');
    expect(said).toContain('Reason: ended with 7');
    expect(said).not.toContain('of a1');
    await session.agentq('unblock', '--task', 'shop/T-1');
    const freed = await session.box.files('remote.git', 'develop');
    expect(Object.keys(freed).filter((path) => path.endsWith('.agentq-stalls'))).toEqual([]);
    expect((await session.audit()).violations).toEqual([]);
  });

  it('has not failed if it exits with 75: the task goes back, and nothing is counted', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code, stderr } = await session.work(['a1', '--once'], 'echo no quota; exit 75').done;
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('gave shop/T-1 back for later') });
    const files = await session.box.files('remote.git', 'develop');
    expect(files['.agents/shop/tasks/T-1.toon']).toBe(poolTaskText({ id: 'T-1' }));
    expect(Object.keys(files).filter((path) => path.endsWith('.agentq-stalls'))).toEqual([]);
    const body = await session.box.git('remote.git', 'log', '-1', '--format=%B', 'develop');
    expect(body).toContain('Agentq-Reason: cannot work now (ended with 75)\n');
  });

  it('may succeed at the second try', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code, stdout } = await session.work(
      ['a1', '--retries', '1', '--retry-delay', '10ms', '--json'],
      '[ -e "$MEET/once" ] || { : > "$MEET/once"; exit 1; }',
    ).done;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).tasks).toMatchObject([{ outcome: 'completed', attempts: 2 }]);
  });

  it('is said to have been killed when it was', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code, stderr } = await session.work(['a1'], 'kill -9 $$').done;
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('it was killed by SIGKILL') });
    expect((await session.audit()).tip.get('shop/T-1')).toBe('ready');
  });

  it('ends the worker when it cannot even be started', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }, { id: 'T-2' }]);
    const { code, stderr } = await session.agentq('work', 'a1', '--', './no-such-program');
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('could not be started') });
    const { tip, violations } = await session.audit();
    expect(violations).toEqual([]);
    expect([...tip.values()]).toEqual(['ready', 'ready']);
  });

  it('is named when its file or its interpreter is missing', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const missing = await session.agentq('work', 'a1', '--worktree', '--', './not-committed');
    expect({ code: missing.code, stderr: missing.stderr }).toEqual({
      code: 6,
      stderr: expect.stringContaining(
        'it could not be started: there is no ./not-committed in the folder where it runs; a worktree has only what is committed',
      ),
    });
    const script = join(session.clone, 'script');
    await writeFile(script, '#!/no/such/interpreter\n', { mode: 0o755 });
    const broken = await session.agentq('work', 'a1', '--', './script');
    expect({ code: broken.code, stderr: broken.stderr }).toEqual({
      code: 6,
      stderr: expect.stringContaining('it could not be started: the interpreter of ./script is not on this machine'),
    });
    expect((await session.audit()).tip.get('shop/T-1')).toBe('ready');
  });

  it('is stopped with all that it started when it hangs', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code, stderr } = await session.work(
      ['a1', '--timeout', '300ms', '--grace', '200ms'],
      `${NOTE_PID} trap "" TERM; sh -c '${NOTE_PID} trap "" TERM; ${waitFor('never')}' & wait; ${waitFor('never')}`,
    ).done;
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('it ran longer than 300ms') });
    const pids = await session.pids();
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
    const { tip, violations } = await session.audit();
    expect(violations).toEqual([]);
    expect(tip.get('shop/T-1')).toBe('ready');
  });

  it('leaves nothing running behind when it succeeds', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const { code } = await session.work(['a1'], `sh -c '${NOTE_PID} ${waitFor('never')}' & ${waitFor('pids')}`).done;
    expect(code).toBe(0);
    for (const pid of await session.pids()) expect(await isAlive(pid)).toBe(false);
  });
});

describe('a worker that is killed', () => {
  it('leaves a claim that release-stalled gives back', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }, { id: 'T-2' }]);
    const running = session.work(['pool', '--concurrency', '2'], `${NOTE_PID} ${waitFor('never')}`);
    await until(async () => (await session.pids()).length === 2);
    running.child.kill('SIGKILL');
    await running.done;
    expect([...(await session.audit()).tip.values()]).toEqual(['claimed', 'claimed']);
    await session.backdate();
    expect((await session.agentq('release-stalled')).stdout).toBe('shop/T-1\nshop/T-2\n');
    const { tip, violations } = await session.audit();
    expect(violations).toEqual([]);
    expect([...tip.values()]).toEqual(['ready', 'ready']);
    for (const pid of await session.pids()) kill(pid, 'SIGKILL');
    expect((await session.work(['b'], 'cat > /dev/null').done).code).toBe(0);
  });
});

describe('a remote that is away', () => {
  it('for a while costs a heartbeat or two, and not the command', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const running = session.work(['a1', '--heartbeat', '200ms', '--max-retries', '0'], `${NOTE_PID} ${waitFor('go')}`);
    await until(async () => (await session.pids()).length === 1);
    const troubled = said(running, 'could not be renewed');
    await session.remote('away');
    await troubled;
    await session.remote('back');
    const before = (await session.subjects()).length;
    await until(async () => (await session.subjects()).length > before);
    await session.meet('go');
    const { code, stdout } = await running.done;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop/T-1\n' });
    expect((await session.audit()).violations).toEqual([]);
  });

  it('when the work is done is waited for', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const running = session.work(['a1', '--max-retries', '0'], `${NOTE_PID} ${waitFor('go')}`);
    await until(async () => (await session.pids()).length === 1);
    await session.remote('away');
    const waits = said(running, 'shop/T-1 is kept until that passes');
    await session.meet('go');
    await waits;
    await session.remote('back');
    const { code, stdout } = await running.done;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'shop/T-1\n' });
    expect((await session.audit()).violations).toEqual([]);
  });

  it('from the start is an error, as it is for a claim', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    await session.remote('away');
    const { code } = await session.work(['a1', '--max-retries', '0'], 'true').done;
    expect(code).toBe(4);
  });
});
