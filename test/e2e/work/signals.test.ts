import { describe, expect, it } from 'vitest';
import { turnsOf } from '../../kit/sample.ts';
import {
  isAlive,
  laterThanRepetition,
  NOTE_PID,
  poolTaskText,
  said,
  until,
  WorkSession,
  waitFor,
} from '../../kit/scene/work-session.ts';

const TASKS = [{ id: 'T-1' }, { id: 'T-2' }, { id: 'T-3' }];

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

describe.each(SIGNALS)('%s', (signal, exit) => {
  const isTurn = turnsOf(
    SIGNALS.map(([name]) => name),
    signal,
  );
  it.runIf(isTurn())('lets running commands finish, and begins nothing new', async () => {
    await using session = await WorkSession.create(TASKS);
    const running = session.work(['pool', '--concurrency', '2', '--grace', '10m'], `${NOTE_PID} ${waitFor('go')}`);
    await until(async () => (await session.pids()).length === 2);
    const told = said(running, 'told to end: 2 commands run');
    running.child.kill(signal);
    await told;
    await session.meet('go');
    const { code, stdout } = await running.done;
    expect(code).toBe(exit);
    expect(stdout.trim().split('\n').sort()).toEqual(['shop/T-1', 'shop/T-2']);
    const { tip, violations } = await session.audit();
    expect(violations).toEqual([]);
    expect([...tip.values()].sort()).toEqual(['completed', 'completed', 'ready']);
  });

  it.runIf(isTurn())('stops those that do not, and gives their tasks back', async () => {
    await using session = await WorkSession.create(TASKS);
    const running = session.work(
      ['pool', '--concurrency', '2', '--grace', '200ms'],
      `${NOTE_PID} trap "" TERM; ${waitFor('never')}`,
    );
    await until(async () => (await session.pids()).length === 2);
    running.child.kill(signal);
    await expectAllGivenBack(session, await running.done, exit);
  });

  it.runIf(isTurn())('a second time stops them at once, and still gives their tasks back', async () => {
    await using session = await WorkSession.create(TASKS);
    const running = session.work(
      ['pool', '--concurrency', '2', '--grace', '10m'],
      `${NOTE_PID} trap "" TERM; ${waitFor('never')}`,
    );
    await until(async () => (await session.pids()).length === 2);
    const told = said(running, 'told to end');
    running.child.kill(signal);
    await told;
    await laterThanRepetition();
    running.child.kill(signal);
    await expectAllGivenBack(session, await running.done, exit);
  });

  it.runIf(isTurn())('while it waits for tasks ends it', async () => {
    await using session = await WorkSession.create([{ id: 'T-1', status: 'blocked' }]);
    const running = session.work(['a1', '--wait', '-v'], 'true');
    await said(running, 'nothing to claim');
    running.child.kill(signal);
    const { code, stdout } = await running.done;
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  });
});

async function expectAllGivenBack(
  session: WorkSession,
  { code, stdout }: { readonly code: number | null; readonly stdout: string },
  exit: number,
): Promise<void> {
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  for (const pid of await session.pids()) expect(await isAlive(pid)).toBe(false);
  const { tip, violations } = await session.audit();
  expect(violations).toEqual([]);
  expect([...tip.values()]).toEqual(['ready', 'ready', 'ready']);
  // As it was, and not counted as a stall.
  const files = await session.box.files('remote.git', 'develop');
  for (const task of TASKS) expect(files[`.agents/shop/tasks/${task.id}.toon`]).toBe(poolTaskText(task));
  expect(Object.keys(files).filter((path) => path.includes('stalls'))).toEqual([]);
}
