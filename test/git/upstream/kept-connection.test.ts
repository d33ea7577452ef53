import { describe, expect, it } from 'vitest';
import { LIST, pushing, reading, traffic, withHelper } from '../../kit/scene/http-scene.ts';
import { EXTRA } from '../../kit/scene/push-scene.ts';
import { scene } from '../../kit/scene/scene.ts';
import { BRANCH, localCommit } from '../../kit/scene/upstream-scene.ts';

/** What one process looks at and pushes over http after its first push. */

const toPush = { toPush: true };

describe('looks and pushes', () => {
  it('several times in one process: all share one connection', async () => {
    await using box = await scene();
    const { seen } = await box.http();
    const { upstream, clone, tip, next } = await pushing(box);
    const connections = new Set<number>();
    const second = await localCommit(box, clone, next, 'second');
    for (const [expected, to] of [
      [tip, next],
      [next, second],
    ] as const) {
      expect((await upstream.look(BRANCH, [], toPush)).tip).toBe(expected);
      expect(await upstream.push([{ ref: BRANCH, expected, to }])).toEqual({ kind: 'landed' });
      for (const { connection } of seen) connections.add(connection);
      expect(await traffic(box)).toEqual([['info-push', 'push'], 1]);
    }
    expect(connections.size).toBe(1);
  });

  it('and a push without a look of its own: the refs are listed for it', async () => {
    await using box = await scene();
    const { upstream, remote, clone, tip, next, push } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    expect(await push()).toEqual({ kind: 'landed' });
    const second = await localCommit(box, clone, next, 'second');
    expect(await upstream.push([{ ref: BRANCH, expected: next, to: second }])).toEqual({ kind: 'landed' });
    expect(await traffic(box)).toEqual([['info-push', 'push', 'info-push', 'push'], 1]);
    // Then the branch is not where it is expected.
    const winner = await box.commitTo(remote, BRANCH, { 'q/T.toon': 'two\n' });
    const third = await localCommit(box, clone, second, 'third');
    expect(await upstream.push([{ ref: BRANCH, expected: second, to: third }])).toMatchObject({ kind: 'rejected' });
    expect(await upstream.push([{ ref: EXTRA, expected: tip, to: next }])).toMatchObject({ kind: 'rejected' });
    expect(await box.refs(remote)).toMatchObject({ [BRANCH]: winner });
  });

  it('each for itself, after one that was all or nothing', async () => {
    await using box = await scene();
    const { upstream, remote, clone, next, pushAtomic } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    expect(await pushAtomic()).toEqual({ kind: 'landed' });
    const second = await localCommit(box, clone, next, 'second');
    await box.hook(remote, 'update', `[ "$1" != ${EXTRA}2 ]`);
    await upstream.look(BRANCH, [], toPush);
    const updates = [
      { ref: BRANCH, expected: next, to: second },
      { ref: `${EXTRA}2`, expected: undefined, to: next },
    ];
    expect((await upstream.push(updates)).kind).not.toBe('landed');
    expect(await box.refs(remote)).toMatchObject({ [BRANCH]: second });
    expect(await box.refs(remote)).not.toHaveProperty(`${EXTRA}2`);
  });

  it('that finds the branch moved back loses, and does not move it forward again', async () => {
    await using box = await scene();
    const { upstream, remote, clone, next, push } = await pushing(box);
    await upstream.look(BRANCH, [], toPush);
    await push();
    const { tip } = await upstream.look(BRANCH, [], toPush);
    const second = await localCommit(box, clone, next, 'second');
    await box.git(remote, 'update-ref', BRANCH, `${next}~1`);
    const outcome = await upstream.push([{ ref: BRANCH, expected: tip, to: second }]);
    expect(outcome).toMatchObject({ kind: 'unknown', likely: 'rejected' });
    expect((await box.refs(remote))[BRANCH]).not.toBe(second);
  });
});

describe('a helper that is kept', () => {
  it('has ended since its last push: the next look begins anew', async () => {
    await using box = await scene();
    const { clone, tip, next } = await pushing(box);
    const answer = [`printf 'ok ${BRANCH}\\n\\n'`, 'exit 0'];
    const script = reading(2, LIST(tip), 'read -r line', 'echo ok', 'read -r line', 'read -r line', ...answer);
    const upstream = await withHelper(box, clone, script);
    for (const _ of ['first', 'second']) {
      expect((await upstream.look(BRANCH, [], toPush)).tip).toBe(tip);
      expect(await upstream.push([{ ref: BRANCH, expected: tip, to: next }])).toEqual({ kind: 'landed' });
    }
  });
});
