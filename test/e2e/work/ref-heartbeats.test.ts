import { describe, expect, it } from 'vitest';
import { NOTE_PID, said, until, WorkSession, waitFor } from '../../kit/scene/work-session.ts';

const SETTINGS = { '.agents-core/config/agentq.toon': 'agentq:\n  heartbeat: ref\n' };
const TASKS = ['T-1', 'T-2', 'T-3'].map((id) => ({ id }));

/** Heartbeat refs of the remote: `<agent>/<claim>`, to what they point at. */
async function beats(session: WorkSession): Promise<Record<string, string>> {
  const refs = await session.box.refs('remote.git');
  const ours = Object.entries(refs).filter(([ref]) => ref.startsWith('refs/agentq/heartbeats/'));
  return Object.fromEntries(ours.map(([ref, oid]) => [ref.split('/').slice(4).join('/'), oid]));
}

/** What all heartbeat refs of the remote say, each thing once. */
async function lines(session: WorkSession): Promise<string[]> {
  const blobs = [...new Set(Object.values(await beats(session)))];
  const texts = await Promise.all(blobs.map((oid) => session.box.git('remote.git', 'cat-file', 'blob', oid)));
  return texts.flatMap((text) => text.split('\n')).sort();
}

describe('heartbeat = ref', () => {
  it('renews the claims of a pool without a commit, by one blob for all of them', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    const running = session.work(['pool', '--concurrency', '3', '--heartbeat', '500ms'], `${NOTE_PID}${waitFor('go')}`);
    await until(async () => (await session.pids()).length === 3);
    const commits = (await session.subjects()).length;
    let seen: Record<string, string> = {};
    await until(async () => {
      seen = await beats(session);
      return Object.keys(seen).length === 3 && new Set(Object.values(seen)).size === 1;
    });
    expect(Object.keys(seen).sort()).toEqual([1, 2, 3].map((n) => expect.stringMatching(`^pool-${n}/[a-z2-7]{16}$`)));
    expect(await lines(session)).toEqual(
      TASKS.map(() => expect.stringMatching(/^\S+Z pool-[123] shop\/T-[123] [a-z2-7]{16}$/)),
    );
    // Overwritten in place, again and again, and the branch rests.
    await until(async () => Object.values(await beats(session))[0] !== Object.values(seen)[0]);
    expect(await session.subjects()).toHaveLength(commits);

    await session.meet('go');
    const { code, stdout } = await running.done;
    expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 0, lines: 4 });
    // Who has ended needs no ref.
    expect(await beats(session)).toEqual({});
    expect((await session.audit()).violations).toEqual([]);
  });

  it('is read by release-stalled, list, status and metrics', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    for (const agent of ['alive', 'dead']) expect((await session.agentq('claim', agent)).code).toBe(0);
    const claimed = async () => {
      const { stdout } = await session.agentq('list', '--claimed', '--json');
      return JSON.parse(stdout).tasks as { owner: string; task: string; lastHeartbeat: string }[];
    };
    await session.backdate();
    expect((await session.agentq('heartbeat', 'T-1', 'alive')).code).toBe(0);
    expect(JSON.parse((await session.agentq('status', '--json')).stdout).all).toMatchObject({
      inProgress: 2,
      stalled: 1,
    });
    expect((await session.agentq('release-stalled')).stdout).toBe('shop/T-2\n');
    expect((await session.subjects()).filter((subject) => subject.includes('HEARTBEAT'))).toEqual([]);
    const { all, agents } = JSON.parse((await session.agentq('metrics', '--json', '--since', 'all')).stdout);
    expect(all).toMatchObject({ claims: 2, renewals: 1 });
    expect(agents).toContainEqual(expect.objectContaining({ agent: 'alive', renewals: 1 }));
    const [alive] = await claimed();
    expect(alive).toMatchObject({ owner: 'alive', task: 'T-1' });
    expect(alive?.lastHeartbeat.startsWith('2020')).toBe(false);
    expect(JSON.parse((await session.agentq('status', '--json')).stdout).all).toMatchObject({
      inProgress: 1,
      stalled: 0,
    });
  });

  it('does not keep an old claim of the same agent alive', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    // Killed, and started again under the same name.
    expect((await session.agentq('claim', 'a1')).stdout).toBe('shop/T-1\n');
    expect((await session.agentq('claim', 'a1')).stdout).toBe('shop/T-2\n');
    await session.backdate();
    expect((await session.agentq('heartbeat', 'T-2', 'a1')).code).toBe(0);
    expect((await session.agentq('release-stalled')).stdout).toBe('shop/T-1\n');
  });

  it('lets one agent renew two claims, one after the other', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    for (const id of ['T-1', 'T-2']) expect((await session.agentq('claim', 'a1', '--task', id)).code).toBe(0);
    for (const id of ['T-1', 'T-2']) expect((await session.agentq('heartbeat', id, 'a1')).code).toBe(0);
    expect((await lines(session)).map((line) => line.split(' ')[2]).sort()).toEqual(['shop/T-1', 'shop/T-2']);
  });

  it('leaves the heartbeats of another worker with the same agent id alone when the first of the two ends', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    const beat = ['--once', '--heartbeat', '300ms'];
    const first = session.work(['a1', ...beat], `${NOTE_PID}${waitFor('first')}`);
    await until(async () => Object.keys(await beats(session)).length === 1);
    const second = session.work(['a1', ...beat], `${NOTE_PID}${waitFor('second')}`);
    await until(async () => Object.keys(await beats(session)).length === 2);
    await session.meet('first');
    expect((await first.done).code).toBe(0);
    await session.backdate();
    expect(Object.keys(await beats(session))).toHaveLength(1);
    expect((await session.agentq('release-stalled')).stdout).toBe('');
    await session.meet('second');
    expect((await second.done).code).toBe(0);
    expect(await beats(session)).toEqual({});
  });

  /** Refuse deletions of heartbeats: `any`, or only those of refs that exist, as gitolite does. */
  const REFUSALS = {
    any: 'case "$1 $3" in refs/agentq/heartbeats/*" "0000*) echo "deletion prohibited" >&2; exit 1;; esac',
    'what exists': 'case "$2 $3" in 0000*) ;; *" "0000*) echo "DENIED by fallthru" >&2; exit 1;; esac',
  };
  /** The remote lets nobody delete heartbeats from now on. */
  const refuseDeletions = (session: WorkSession, of: keyof typeof REFUSALS = 'any'): Promise<void> =>
    session.box.hook('remote.git', 'update', REFUSALS[of]);
  /** Within the second of the claim there is nothing to renew. */
  const nextSecond = (): Promise<void> => {
    const from = Date.now();
    return until(() => Date.now() >= from + 1_000);
  };

  it('is done by commits once the remote has refused to let such a ref go', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    const running = session.work(['a1', '--once', '--heartbeat', '300ms'], `${NOTE_PID}${waitFor('go')}`);
    await until(async () => Object.keys(await beats(session)).length === 1);
    await refuseDeletions(session);
    await session.meet('go');
    expect((await running.done).code).toBe(0);
    expect((await session.agentq('claim', 'a1')).code).toBe(0);
    await nextSecond();
    expect((await session.agentq('heartbeat', 'T-2', 'a1')).code).toBe(0);
    expect(Object.keys(await beats(session))).toHaveLength(1);
    expect((await session.subjects()).join('\n')).toContain('[AGENT-HEARTBEAT] a1 working on T-2');
  });

  it.each<[keyof typeof REFUSALS, readonly string[]]>([
    ['any', []],
    ['what exists', ['refs/agentq/heartbeats/_marker']],
  ])('is done by commits where heartbeats cannot be deleted (%s), and leaves one marker at most', async (of, left) => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    await refuseDeletions(session, of);
    // On a busy machine a claim would ask others for help, and learn it first.
    const alone = (...args: string[]) => session.agentq(...args, '--combine', 'local');
    for (const id of ['T-1', 'T-2']) expect((await alone('claim', 'a1', '--task', id)).code).toBe(0);
    await nextSecond();
    for (const id of ['T-1', 'T-2']) expect((await alone('heartbeat', id, 'a1')).code).toBe(0);
    const refs = Object.keys(await session.box.refs('remote.git'));
    expect(refs.filter((ref) => ref.startsWith('refs/agentq/'))).toEqual(left);
    const said = (await session.subjects()).filter((subject) => subject.includes('HEARTBEAT'));
    expect(said.sort()).toEqual(['T-1', 'T-2'].map((id) => `[AGENT-HEARTBEAT] a1 working on ${id}`));
  });

  it('leaves nothing of single commands on the remote, whoever ends the claim', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    const renewed = async (id: string): Promise<void> => {
      expect((await session.agentq('claim', 'a1', '--task', id)).code).toBe(0);
      await nextSecond();
      expect((await session.agentq('heartbeat', id, 'a1')).code).toBe(0);
      expect(Object.keys(await beats(session))).toHaveLength(1);
    };
    await renewed('T-1');
    const taken = await session.agentq('take', 'T-1', 'a2', '--from', 'a1');
    expect(taken.code, taken.stderr).toBe(0);
    expect(await beats(session)).toEqual({});
    await renewed('T-2');
    expect((await session.agentq('release', 'T-2', 'a1')).code).toBe(0);
    expect(await beats(session)).toEqual({});
  });

  it('does not fail a completion on a server that does not let its ref go, and is remembered there', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    expect((await session.agentq('claim', 'a1', '--task', 'T-1')).code).toBe(0);
    await nextSecond();
    expect((await session.agentq('heartbeat', 'T-1', 'a1')).code).toBe(0);
    await refuseDeletions(session);
    expect((await session.agentq('complete', 'T-1', 'a1')).code).toBe(0);
    expect(Object.keys(await beats(session))).toHaveLength(1);
    expect((await session.agentq('claim', 'a1', '--task', 'T-2')).code).toBe(0);
    await nextSecond();
    expect((await session.agentq('heartbeat', 'T-2', 'a1')).code).toBe(0);
    expect(Object.keys(await beats(session))).toHaveLength(1);
    expect((await session.agentq('complete', 'T-2', 'a1', '-v')).stderr.match(/git push/g) ?? []).toHaveLength(0);
  });

  it('still fences: a claim that is gone stops the command', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    const running = session.work(['a1', '--once', '--heartbeat', '200ms'], `${NOTE_PID}${waitFor('never')}`);
    await until(async () => (await session.pids()).length === 1);
    expect((await session.agentq('release', 'T-1', 'a1')).code).toBe(0);
    expect((await running.done).code).toBe(3);
    expect((await session.agentq('heartbeat', 'T-1', 'a1')).code).toBe(3);
  });

  it('is done by commits where the remote does not take such refs', async () => {
    await using session = await WorkSession.create(TASKS, SETTINGS);
    await session.box.git('remote.git', 'config', 'receive.hideRefs', 'refs/agentq');
    const running = session.work(['a1', '--once', '--heartbeat', '1s', '-v'], `${NOTE_PID}${waitFor('go')}`);
    await said(running, 'renewed 1 claim');
    await session.meet('go');
    expect((await running.done).code).toBe(0);
    expect((await session.subjects()).join('\n')).toContain('[AGENT-HEARTBEAT] a1 working on T-1');
  });
});
