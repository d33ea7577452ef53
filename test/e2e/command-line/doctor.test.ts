import { expect, it } from 'vitest';
import { formatBeats } from '../../../src/domain/leases/ref-heartbeat.ts';
import { formatSignIn } from '../../../src/store/leases/sign-in-format.ts';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { signInOf } from '../../kit/queues/sign-ins.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const FILES = { '.agents/auth/tasks/TASK-1.toon': plainTask('TASK-1') };

interface Found {
  readonly level: string;
  readonly message: string;
  readonly done: boolean;
  readonly fixed: readonly string[];
}

/** What the doctor finds in the folder, by check. */
async function doctor(box: Scene, dir: string, ...options: readonly string[]) {
  const { code, stdout } = await box.agentq(dir, 'doctor', '--json', ...options);
  const { checks, wrong } = JSON.parse(stdout) as { checks: readonly (Found & { id: string })[]; wrong: number };
  return { code, wrong, found: Object.fromEntries(checks.map(({ id, ...found }) => [id, found])) };
}

/** Makes a ref of the remote that points to a blob with the text. */
async function refTo(box: Scene, ref: string, text: string): Promise<void> {
  await box.write('.', { blob: text });
  const oid = await box.git(box.remote, 'hash-object', '-w', box.path('blob'));
  await box.git(box.remote, 'update-ref', ref, oid);
}

it('finds a healthy clone healthy, and removes with --fix what is old, and nothing else', async () => {
  await using box = await scene({ files: FILES, clones: ['clone'] });
  const now = Date.now();
  const long = now - 3 * 24 * 3_600_000;
  const timeOf = (ms: number) => ms.toString(36).padStart(9, '0');
  const beat = { agent: 'a1', task: { project: 'auth', id: 'TASK-1' }, claimId: 'c1' };
  const old = [
    `refs/agentq/agents/0123456789ab-old`,
    `refs/agentq/heartbeats/_0123456789ab/a1/c1`,
    `refs/agentq/probe/${timeOf(long)}-abc/a`,
    `refs/agentq/requests/${timeOf(long)}-abc`,
  ];
  const young = [
    `refs/agentq/agents/0123456789ab-young`,
    `refs/agentq/heartbeats/_0123456789ab/a2/c2`,
    `refs/agentq/probe/${timeOf(now)}-abc/a`,
    `refs/agentq/requests/${timeOf(now)}-abc`,
    'refs/agentq/unheard-of',
  ];
  // The newest commit is a second clock, and must be as young as the young ones.
  await box.agentq('clone', 'add', '--title', 'A task', '--project', 'auth');
  for (const [refs, at] of [
    [old, long],
    [young, now],
  ] as const) {
    const [agent = '', heartbeat = '', ...names] = refs;
    await refTo(box, agent, formatSignIn(signInOf(['a1'], at)));
    await refTo(box, heartbeat, formatBeats([{ ...beat, at: `${new Date(at).toISOString().slice(0, 19)}Z` }]));
    for (const ref of names) await refTo(box, ref, 'x');
  }
  await box.write('clone', { '.git/hooks/pre-push': 'exit 1\n', '.git/agentq/race-abc/answer': '0' });
  await box.run(box.root, 'touch', ['-d', '2 hours ago', box.path('clone/.git/agentq/race-abc')]);

  const looked = await doctor(box, 'clone');
  expect(looked).toMatchObject({ code: 0, wrong: 0 });
  expect(looked.found).toMatchObject({
    'old-refs': { level: 'note', fixed: [] },
    leftovers: { level: 'note', fixed: [] },
    hooks: { level: 'note', message: 'git ignores hooks that are not executable: pre-push' },
    'compare-and-swap': { level: 'ok', done: true },
    validate: { level: 'ok' },
  });
  const remoteRefs = async () =>
    Object.keys(await box.refs(box.remote)).filter((ref) => ref.startsWith('refs/agentq/'));
  expect((await remoteRefs()).sort()).toEqual([...old, ...young].sort());

  const { code, found } = await doctor(box, 'clone', '--fix');
  expect(code).toBe(0);
  expect(found['old-refs']).toMatchObject({ level: 'ok', fixed: old });
  expect(found.leftovers).toMatchObject({ level: 'ok', fixed: ['agentq/race-abc'] });
  expect((await remoteRefs()).sort()).toEqual([...young].sort());
});

it('says what cannot be checked, and goes on: a remote that is away, none at all, no repository', async () => {
  await using box = await scene({ files: FILES, clones: ['clone'], cloning: ['--depth=1'] });
  await box.git('clone', 'remote', 'set-url', 'origin', `file://${box.path('gone')}`);
  await box.write('clone', { '.git/index.lock': '' });
  await box.run(box.root, 'touch', ['-d', '2 hours ago', box.path('clone/.git/index.lock')]);
  const away = await doctor(box, 'clone');
  expect(away).toMatchObject({ code: 5, wrong: 2 });
  expect(away.found).toMatchObject({
    reachable: { level: 'wrong' },
    leftovers: { level: 'wrong' },
    latency: { level: 'note', done: false, message: 'not checked: the remote does not answer' },
  });

  await box.git('clone', 'remote', 'remove', 'origin');
  await box.write('clone', { '.git/index.lock': null });
  const alone = await doctor(box, 'clone');
  expect(alone).toMatchObject({ code: 0, wrong: 0 });
  expect(alone.found).toMatchObject({ branch: { level: 'ok' }, writable: { done: false } });

  await box.folder('nowhere');
  const nowhere = await doctor(box, 'nowhere');
  expect(nowhere).toMatchObject({ code: 5, wrong: 1 });
  expect(nowhere.found).toMatchObject({ repository: { level: 'wrong' }, node: { level: 'ok' }, git: { done: false } });
  expect(Object.keys(nowhere.found)).toEqual(Object.keys(away.found));
});

it('forgets with --fix what the server can do by now, and shows words of a server as words', async () => {
  await using box = await scene({ files: FILES, clones: ['clone'] });
  const words = 'printf "\\033]0;title\\007\\033[31mno such refs\\n" >&2';
  await box.hook(box.remote, 'update', `case $1 in refs/agentq/*) ${words}; exit 1 ;; esac`);
  const { code, stdout } = await box.agentq('clone', 'doctor');
  expect(code).toBe(0);
  expect(stdout).toMatch(/note {3}custom-refs +the server refuses refs under refs\/agentq\/: .*no such refs/);
  expect(stdout).not.toMatch(/[^\n -\u{10ffff}]/u);

  // A worker learns the same, and remembers it; and so does a claim that the branch does not take.
  await box.agentq('clone', 'work', 'w', '--', 'true');
  await box.hook(box.remote, 'update', 'echo "branch is protected" >&2; case $1 in refs/heads/*) exit 1 ;; esac');
  expect((await box.agentq('clone', 'add', '--title', 'Next', '--project', 'auth')).code).toBe(4);
  const { code: refused, found } = await doctor(box, 'clone', '--fix');
  expect(refused).toBe(5);
  expect(found.protection).toMatchObject({ level: 'wrong', message: expect.stringContaining('branch is protected') });
  expect(found.memory).toMatchObject({ level: 'ok', fixed: ['memory of the server'] });

  await box.hook(box.remote, 'update', 'exit 0');
  expect((await box.agentq('clone', 'add', '--title', 'Next', '--project', 'auth')).code).toBe(0);
  const { code: after, found: then } = await doctor(box, 'clone');
  expect(after).toBe(0);
  expect(then.memory?.message).toContain('remembers nothing');
});
