import { expect } from 'vitest';
import type { AgentqRun } from '../processes/run-agentq.ts';
import { auditQueue } from '../queues/queue-audit.ts';
import { claimedPath, readyTasks, USER_FILES } from '../queues/queue-files.ts';
import type { Files } from '../scene/git-sandbox.ts';
import { type Scene, scene } from '../scene/scene.ts';
import { expectNothingLeft, refsOfAgentq } from './leftovers.ts';
import type { RunningServer, ServerRow } from './server.ts';

/** What happens on every server of the matrix. The queue is looked at behind the server, by plain git. */

const BRANCH = 'refs/heads/develop';
export type HeartbeatKind = 'commit' | 'ref';

/** A scene with a server and clones that know nothing but the server. */
async function served(
  row: ServerRow,
  options: { readonly files: Files; readonly clones: readonly string[] },
): Promise<{ readonly box: Scene; readonly server: RunningServer }> {
  const box = await scene(options);
  try {
    const server = await row.start(box);
    for (const clone of options.clones) {
      await box.git(clone, 'remote', 'set-url', 'origin', server.url);
      await box.write('.', { [`run-${clone}/.keep`]: '' });
    }
    return { box, server };
  } catch (error) {
    await box[Symbol.asyncDispose]();
    throw error;
  }
}

/** Each clone is a machine: its processes meet nobody of another one. */
function onMachine(box: Scene, clone: string, ...args: readonly string[]): Promise<AgentqRun> {
  return box.start(clone, args, { env: { XDG_RUNTIME_DIR: box.path(`run-${clone}`) } }).done;
}

const minutesAgo = (minutes: number): string =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;

/** From `init` to `complete`, with everything between that can happen to a task, on two machines. */
export async function liveOneLife(row: ServerRow, heartbeats: HeartbeatKind): Promise<void> {
  // `init` leaves a file alone that is there, and has refs in the one that it makes.
  const settings = `agentq:\n  heartbeat: ${heartbeats}\n`;
  const files = { ...USER_FILES, '.agents-core/config/agentq.toon': settings };
  const { box, server } = await served(row, { files, clones: ['one', 'two'] });
  await using _ = box;
  const { repository } = server;
  /** Runs a command that must succeed. @returns what it prints */
  const done = async (clone: string, ...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await onMachine(box, clone, ...args);
    expect({ code, stderr: code === 0 ? '' : stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' });
    return stdout.trim();
  };
  /** The file of the claimed task says that its heartbeat was this long ago. */
  const ageBy = async (minutes: number): Promise<void> => {
    const path = claimedPath('TASK-001', 'shop');
    const text = `${await box.git(repository, 'show', `develop:${path}`)}\n`;
    const aged = text.replace(/^( *last_heartbeat: ).*$/m, `$1${minutesAgo(minutes)}`);
    await box.commitTo(repository, BRANCH, { [path]: aged });
  };
  const commits = (): Promise<string> => box.git(repository, 'rev-list', '--count', BRANCH);

  await done('one', 'init', 'shop');
  expect(await done('one', 'add', '--title', 'Create the table')).toBe('shop/TASK-001');
  expect(await done('one', 'add', '--title', 'Sign in', '--requires', 'TASK-001')).toBe('shop/TASK-002');
  expect(await done('two', 'claim', 'a1')).toBe('shop/TASK-001');
  expect((await onMachine(box, 'one', 'claim', 'a2')).code).toBe(1);

  await ageBy(20);
  const before = await commits();
  await done('two', 'heartbeat', 'TASK-001', 'a1');
  const byRef = heartbeats === 'ref' && row.allows === 'everything';
  const refs = (await refsOfAgentq(box, repository)).filter((ref) => row.learns !== 'late' || !isStuck(ref));
  expect(refs).toHaveLength(byRef ? 1 : 0);
  expect(Number(await commits()) - Number(before)).toBe(byRef ? 0 : 1);
  const { projects } = JSON.parse(await done('one', 'status', '--json'));
  expect(projects).toMatchObject([{ project: 'shop', inProgress: 1, stalled: 0 }]);
  expect(await done('one', 'release-stalled')).toBe('');

  await done('two', 'release', 'TASK-001', 'a1');
  expect(await done('one', 'claim', 'a2')).toBe('shop/TASK-001');
  await ageBy(90);
  expect(await done('two', 'release-stalled')).toBe('shop/TASK-001');
  expect((await onMachine(box, 'one', 'heartbeat', 'TASK-001', 'a2')).code).toBe(3);
  expect(await done('two', 'claim', 'a3')).toBe('shop/TASK-001');
  expect(await done('two', 'complete', 'TASK-001', 'a3')).toBe('shop/TASK-001\nshop/TASK-002');
  expect(await done('one', 'claim', 'a2')).toBe('shop/TASK-002');

  const { violations, tip } = await auditQueue(box.path(repository));
  expect(violations).toEqual([]);
  expect(Object.fromEntries(tip)).toEqual({ 'shop/TASK-001': 'completed', 'shop/TASK-002': 'claimed' });
  const stuck = row.learns === 'late' ? (await refsOfAgentq(box, repository)).filter(isStuck).slice(0, 2) : [];
  await expectNothingLeft(box, server, ['one', 'two'], stuck);
}

/** What a server keeps that refuses only the deletion of refs that exist: the first try of each clone. */
function isStuck(ref: string): boolean {
  return ref.startsWith('refs/agentq/requests/') || ref === 'refs/agentq/heartbeats/_marker';
}

const MACHINES = 10;

/**
 * Ten machines claim at once, and then complete at once: each is told the truth.
 * @param settings the text of the settings file; absent: there is none
 */
export async function race(row: ServerRow, settings?: string): Promise<void> {
  const clones = Array.from({ length: MACHINES }, (_, index) => `machine-${index}`);
  const set = settings === undefined ? {} : { '.agents-core/config/agentq.toon': settings };
  const { box, server } = await served(row, { files: { ...readyTasks(MACHINES), ...USER_FILES, ...set }, clones });
  await using _ = box;
  const { repository } = server;
  const all = (...args: readonly ((clone: string, index: number) => string)[]): Promise<AgentqRun[]> =>
    Promise.all(clones.map((clone, index) => onMachine(box, clone, ...args.map((of) => of(clone, index)))));

  const claims = await all(
    () => 'claim',
    (clone) => clone,
  );
  expect(claims.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(clones.map(() => 0));
  const tasks = claims.map(({ stdout }) => stdout.trim());
  const claimed = await auditQueue(box.path(repository));
  const owners = claimed.moves.filter(({ to }) => to === 'claimed').map(({ owner, task }) => [owner, task]);
  expect(owners.sort()).toEqual(clones.map((clone, index) => [clone, tasks[index]]).sort());
  /** Where that must be learnt by a request that stays: at most one of each clone. */
  const stuck = async (): Promise<readonly string[]> => {
    const refs = row.learns === 'late' ? (await refsOfAgentq(box, repository)).filter(isStuck) : [];
    expect(refs.length).toBeLessThanOrEqual(MACHINES);
    return refs;
  };
  expect(await refsOfAgentq(box, repository)).toEqual(await stuck());

  const ends = await all(
    () => 'complete',
    (_, index) => tasks[index] ?? '',
    (clone) => clone,
  );
  expect(ends.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual(clones.map(() => 0));
  const { violations, tip } = await auditQueue(box.path(repository));
  expect(violations).toEqual([]);
  expect([...tip.values()]).toEqual(clones.map(() => 'completed'));
  await expectNothingLeft(box, server, clones, await stuck());
}

/** Nobody can push: whoever tries is told so, in the server's words and at once, and whoever looks sees the queue. */
export async function beRefused(row: ServerRow): Promise<void> {
  const { box, server } = await served(row, { files: { ...readyTasks(1), ...USER_FILES }, clones: ['one'] });
  await using _ = box;
  const { repository } = server;
  const before = await box.refs(repository);
  expect((await onMachine(box, 'one', 'list')).stdout).toContain('TASK-1');
  const { code, stdout, stderr } = await onMachine(box, 'one', 'claim', 'a1', '-v');
  expect({ code, stdout }, stderr).toEqual({ code: 4, stdout: '' });
  if (row.says instanceof RegExp) expect(stderr.replaceAll('\n', ' ')).toMatch(row.says);
  // Not a network that may come back: it is not tried again, but where nothing tells that it is none.
  expect(stderr).not.toMatch(
    row.says === 'nothing' ? /attempt [6-9]|may have landed/ : /attempt [2-9]|cannot be reached/,
  );
  if (row.says === 'nothing') expect(stderr.replaceAll('\n', ' ')).toMatch(/ended each of 5 pushes without a word/);
  expect(await box.refs(repository)).toEqual(before);
  await expectNothingLeft(box, server, ['one']);
}
