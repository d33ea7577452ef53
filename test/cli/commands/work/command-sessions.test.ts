import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/cli/command/system.ts';
import { startCommand } from '../../../../src/cli/commands/work/command-process.ts';
import type { RunningCommand } from '../../../../src/engine/work/workspace.ts';
import { MarkedProcesses } from '../../../../src/machine/marked-processes.ts';
import { type Scene, scene } from '../../../kit/scene/scene.ts';
import { isAlive, kill, until } from '../../../kit/scene/work-session.ts';

/** What a command started ends with it, also what has made a session of its own, as servers do. */

/** Waits for a twentieth of the time. */
const FAST = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 20, signal) };

function start(box: Scene, script: string): RunningCommand {
  return startCommand({
    command: ['sh', '-c', script],
    cwd: box.root,
    env: { PATH: process.env.PATH ?? '', AGENTQ_CLAIM_ID: 'claim-1', AGENTQ: 'x' },
    input: undefined,
    clock: FAST,
    marked: { processes: new MarkedProcesses('AGENTQ_CLAIM_ID', FAST), value: 'claim-1' },
    onLine: () => undefined,
    onBytes: () => undefined,
  });
}

/** The processes that the script has noted, once there are this many. */
async function noted(box: Scene, count: number): Promise<number[]> {
  let pids: number[] = [];
  await until(async () => {
    const text = await readFile(box.path('pids'), 'utf8').catch(() => '');
    pids = text.split('\n').filter(Boolean).map(Number);
    return pids.length === count;
  });
  box.owns({ close: () => pids.map((pid) => kill(pid, 'SIGKILL')) });
  return pids;
}

/** Shell: a process in a session of its own, which notes its id and then does this. */
function ownSession(then: string): string {
  return `setsid sh -c 'echo $$ >> pids; ${then}' < /dev/null > /dev/null 2>&1 & `;
}

const STAYS = 'exec sleep 600';
const STAYS_ANYHOW = 'trap "" TERM HUP; while :; do sleep 600; done';

describe.runIf(process.platform === 'linux')('a process in a session of its own', () => {
  it('ends when its command has ended, also if it would rather not, and so do those that it starts then', async () => {
    await using box = await scene();
    const rises = `trap "setsid sleep 601 & exit" TERM; while :; do sleep 0.05; done`;
    const wait = 'until [ "$(wc -l < pids)" -ge 3 ]; do sleep 0.01; done; ';
    const { ended } = start(box, `${[STAYS, STAYS_ANYHOW, rises].map(ownSession).join('')}touch pids; ${wait}exit 7`);
    expect(await ended).toMatchObject({ kind: 'exited', code: 7 });
    for (const pid of await noted(box, 3)) expect(await isAlive(pid)).toBe(false);
    expect(new MarkedProcesses('AGENTQ_CLAIM_ID', FAST).now('claim-1')).toEqual([]);
  });

  it.each([0, 1_000])('ends when its command is stopped with %d ms of grace', async (graceMs) => {
    await using box = await scene();
    const command = start(box, `${ownSession(STAYS)}${ownSession(STAYS_ANYHOW)}${STAYS}`);
    const pids = await noted(box, 2);
    command.stop(graceMs);
    expect(await command.ended).toMatchObject({ kind: 'signalled' });
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
  });
});
