import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { AGENTQ_BIN, NODE } from '../../kit/processes/run-agentq.ts';
import { holdPush } from '../../kit/remotes/gate.ts';
import { isFull } from '../../kit/sample.ts';
import { isAlive, laterThanRepetition, NOTE_PID, until, WorkSession, waitFor } from '../../kit/scene/work-session.ts';

/**
 * A real terminal, over http: git that talks to a remote is in the terminal's process group there, since it may have to
 * ask for a passphrase, and Ctrl-C reaches it too.
 */

const hasTmux = spawnSync('tmux', ['-V']).status === 0;
// The name tells what was skipped.
const NAME = `agentq work in a terminal${hasTmux ? '' : ' (skipped: there is no tmux)'}`;

/** A command that leaves a server in a session of its own, waits for `go`, and does not end when it is asked to. */
const COMMAND = `${NOTE_PID} setsid sh -c '${NOTE_PID} exec sleep 600' & trap "" TERM; ${waitFor('go')}`;

class Terminal {
  readonly #session: WorkSession;

  private constructor(session: WorkSession) {
    this.#session = session;
  }

  /** Starts `agentq work` in the first window of a tmux of its own; its exit code will be in `meet/code`. */
  static async open(session: WorkSession, ...args: readonly string[]): Promise<Terminal> {
    const terminal = new Terminal(session);
    const { box } = session;
    box.owns({ close: () => terminal.tmux('kill-server') });
    const http = await box.http();
    await box.git('clone', 'remote', 'set-url', 'origin', http.url('remote.git'));
    const meet = box.path('meet');
    await box.write('meet', {
      command: COMMAND,
      // The shell gets Ctrl-C, too, and must live to tell.
      run: `trap : INT; cd '${session.clone}'; '${NODE}' '${AGENTQ_BIN}' work a1 ${args.join(' ')} -- sh '${meet}/command' 2>> '${meet}/stderr'; echo $? > '${meet}/code'`,
    });
    await terminal.tmux('-f', '/dev/null', 'new-session', '-d', '-e', `MEET=${meet}`, `sh '${meet}/run'`);
    await until(async () => (await session.pids()).length === 2);
    return terminal;
  }

  async tmux(...args: readonly string[]): Promise<void> {
    const { box } = this.#session;
    await box.run(box.root, 'tmux', ['-S', box.path('tmux'), ...args]);
  }

  async press(...keys: readonly string[]): Promise<void> {
    await this.tmux('send-keys', ...keys);
  }

  /** Waits until agentq has said this. */
  async said(words: string): Promise<void> {
    await until(async () => (await this.#session.met('stderr')).includes(words));
  }
}

async function expectAllGone(session: WorkSession): Promise<void> {
  for (const pid of await session.pids()) await until(async () => !(await isAlive(pid)));
  expect((await session.audit()).violations).toEqual([]);
}

describe.runIf(hasTmux)(NAME, () => {
  // Beside a terminal, group-signals.test.ts does the same on every run.
  it.runIf(isFull)('completes what finishes after Ctrl-C, and leaves nothing running', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }, { id: 'T-2' }]);
    const terminal = await Terminal.open(session, '--grace', '10m');
    await terminal.press('C-c');
    await terminal.said('told to end: 1 command runs');
    await session.meet('go');
    expect(await session.met('code')).toBe('130\n');
    expect([...(await session.audit()).tip.values()].sort()).toEqual(['completed', 'ready']);
    await expectAllGone(session);
  });

  it('completes once what was being pushed when Ctrl-C ended the push', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const terminal = await Terminal.open(session, '--grace', '10m');
    const gate = await holdPush(session.box, 'remote.git', 'completion');
    await session.meet('go');
    await gate.reached();
    await terminal.press('C-c');
    await terminal.said('told to end');
    await gate.open();
    expect(await session.met('code')).toBe('130\n');
    const subjects = await session.subjects();
    expect(subjects.filter((subject) => subject.includes('COMPLETE'))).toHaveLength(1);
    await expectAllGone(session);
  });

  it('ends everything at the second Ctrl-C, and gives the task back', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const terminal = await Terminal.open(session, '--grace', '10m');
    await terminal.press('C-c');
    await terminal.said('told to end: 1 command runs');
    await laterThanRepetition();
    await terminal.press('C-c');
    expect(await session.met('code')).toBe('130\n');
    expect([...(await session.audit()).tip.values()]).toEqual(['ready']);
    await expectAllGone(session);
  });

  it.runIf(isFull)('ends when the terminal is closed, and gives the task back', async () => {
    await using session = await WorkSession.create([{ id: 'T-1' }]);
    const terminal = await Terminal.open(session, '--grace', '50ms');
    await terminal.tmux('kill-server');
    await expectAllGone(session);
    await until(async () => [...(await session.audit()).tip.values()].includes('ready'));
    expect(await session.subjects()).toContainEqual(expect.stringContaining('[AGENT-RELEASE]'));
  });
});
