import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { PAUSE, type TipSource } from '../../../src/engine/waiting/tip-poller.ts';
import { TipWatch } from '../../../src/engine/waiting/waiting.ts';
import { A, B, Branch, C, StepClock, settled, turn } from '../../kit/engine/tip-branch.ts';
import { meetIn } from '../../kit/processes/meeting.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

describe('waiting for the branch to move', () => {
  const interrupt = new AbortController();

  /** As in another process: only the socket is shared. */
  function open(box: Scene, source: TipSource, clock = new StepClock(), troubles: string[] = []): TipWatch {
    return box.owns(
      new TipWatch({
        meet: meetIn(box.root),
        source,
        clock,
        random: { next: () => 0.5, id: () => 'a' },
        signal: interrupt.signal,
        onTrouble: ({ message }) => void troubles.push(message),
      }),
    );
  }

  it('tells every process of a move that one of them saw', async () => {
    await using box = await scene();
    const branch = new Branch(true);
    const clock = new StepClock();
    const many = Array.from({ length: 20 }, () => open(box, branch, clock));
    const [first = open(box, branch, clock)] = many;
    expect(await first.look()).toBe(A);
    expect(await Promise.all(many.map((watch) => watch.look()))).toEqual(many.map(() => A));
    const looks = branch.looks;
    const waiting = Promise.all(many.map((watch) => watch.changed(A)));
    branch.move(B);
    await settled(waiting, clock);
    expect(await waiting).toEqual(many.map(() => B));
    expect(branch.looks - looks).toBeLessThanOrEqual(3);
  });

  it('looks to fetch only where somebody said that it has moved', async () => {
    await using box = await scene();
    const branch = new Branch(true);
    const clock = new StepClock();
    const watch = open(box, branch, clock);
    expect(await watch.look()).toBe(A);
    expect(branch.announced).not.toContain(true);
    const waiting = watch.changed(A);
    branch.move(B);
    await settled(waiting, clock);
    expect(branch.announced.filter((hasMoved) => hasMoved)).toHaveLength(1);
  });

  it('goes on when whoever looks goes away', async () => {
    await using box = await scene();
    const branch = new Branch(false);
    const clock = new StepClock();
    const [first, second, third] = [open(box, branch, clock), open(box, branch, clock), open(box, branch, clock)];
    expect(await first.look()).toBe(A);
    await Promise.all([second.look(), third.look()]);
    const waiting = Promise.all([second.changed(A), third.changed(A)]);
    branch.tip = B;
    await first.close();
    expect(await waiting).toEqual([B, B]);
  });

  it('answers a look that was asked of somebody who went away', async () => {
    await using box = await scene();
    const slow = new Branch(false);
    slow.look = () => new Promise(() => undefined);
    const first = open(box, slow);
    void first.look().catch(() => undefined);
    const second = open(box, new Branch(false));
    // Two looks are under way at the first, which never answers.
    const looked = second.look();
    await turn();
    await first.close();
    expect(await looked).toBe(A);
  });

  it('looks ever more rarely while the branch rests, and often again once it moved', async () => {
    await using box = await scene();
    const branch = new Branch(false);
    const clock = new StepClock();
    const watch = open(box, branch, clock);
    const tip = await watch.look();
    const changed = watch.changed(tip);
    for (let i = 0; i < 12; i++) await clock.tick();
    const resting = [...clock.pauses];
    expect(resting[0]).toBe(PAUSE.least);
    expect(resting.every((pause, index) => pause >= (resting[index - 1] ?? 0))).toBe(true);
    expect(resting.at(-1)).toBe(PAUSE.most);
    branch.tip = B;
    await clock.tick();
    expect(await changed).toBe(B);
    void watch.changed(B).catch(() => undefined);
    await clock.tick();
    expect(clock.pauses.slice(resting.length)).toContain(PAUSE.least);
  });

  it('misses no move between a look that was begun early and the watching of files', async () => {
    await using box = await scene();
    const branch = new Branch(true);
    const clock = new StepClock();
    const begun = branch.look(false);
    const look = branch.look.bind(branch);
    branch.look = () => {
      branch.look = look;
      return begun;
    };
    // Nobody has been told how to hint yet.
    branch.move(B);
    const watch = open(box, branch, clock);
    expect(await watch.look()).toBe(A);
    // The clock stands still: no pause passes before it is seen.
    expect(await watch.changed(A)).toBe(B);
  });

  it('waits for a remote that is away, and says so', async () => {
    await using box = await scene();
    const branch = new Branch(false);
    const clock = new StepClock();
    const troubles: string[] = [];
    const watch = open(box, branch, clock, troubles);
    const changed = watch.changed(await watch.look());
    branch.failure = new Failure('remote-unreachable', 'could not resolve host');
    await clock.tick();
    await clock.tick();
    expect(troubles).toContain('could not resolve host');
    branch.failure = undefined;
    branch.tip = B;
    await clock.tick();
    expect(await changed).toBe(B);
  });

  it('gives up where the remote refuses, and so do the others', async () => {
    await using box = await scene();
    const branch = new Branch(false);
    const clock = new StepClock();
    const [first, second] = [open(box, branch, clock), open(box, branch, clock)];
    const both = [first, second].map(async (watch) => watch.changed(await watch.look()));
    await clock.tick();
    branch.failure = new Failure('remote-refused', 'no permission');
    const outcomes = Promise.allSettled(both);
    await settled(outcomes, clock);
    expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  });

  it('stops at once when it is told to', async () => {
    await using box = await scene();
    const watch = open(box, new Branch(false));
    const stop = new AbortController();
    const changed = watch.changed(await watch.look(), stop.signal);
    stop.abort(new Failure('timed-out', 'enough'));
    await expect(changed).rejects.toThrow('enough');
  });

  it('sees a branch appear and go', async () => {
    await using box = await scene();
    const branch = new Branch(false);
    branch.tip = undefined;
    const clock = new StepClock();
    const watch = open(box, branch, clock);
    expect(await watch.look()).toBeUndefined();
    const appeared = watch.changed(undefined);
    branch.tip = C;
    await clock.tick();
    expect(await appeared).toBe(C);
  });

  it('says at once where the branch is, when it was seen elsewhere than what is known', async () => {
    await using box = await scene();
    const branch = new Branch(false);
    const clock = new StepClock();
    const watch = open(box, branch, clock);
    expect(await watch.look()).toBe(A);
    branch.tip = B;
    expect(await watch.look()).toBe(B);
    // The clock stands still: nobody looks again, and the branch does not move any more.
    expect(await watch.changed(A)).toBe(B);
  });
});
