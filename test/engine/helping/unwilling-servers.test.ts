import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { ANSWERS } from '../../../src/engine/transaction/requests.ts';
import {
  behindUs,
  claimIntent,
  expectCarriedOut,
  openMachine,
  publishAs,
  requestsOn,
  taskOf,
  tipOf,
} from '../../kit/engine/machine.ts';
import { queueRemote } from '../../kit/queues/queue-files.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Servers that cannot, or will not, do what helping needs: recognised, remembered, and done without. */

const QUEUE = { tasks: 8, clones: ['one', 'two'] };

/** Claims where others have just been seen, so that it publishes right away. */
async function claimAmongRivals(box: Scene, agent: string, dir = 'one') {
  const published: string[] = [];
  const intent = claimIntent(agent);
  await using machine = await openMachine(box, dir, {
    rivals: 'seen',
    push(updates, push) {
      for (const { ref, to } of updates) if (ref.startsWith('refs/agentq/') && to !== undefined) published.push(ref);
      return push();
    },
  });
  const [settled] = await machine.help(intent);
  return { intent, task: taskOf(settled), published, abilities: machine.abilities };
}

describe('a server that takes no requests', () => {
  it.each<[string, (box: Scene) => Promise<unknown>]>([
    ['by a hook', (box) => box.hook(box.remote, 'update', 'case $1 in refs/heads/*) exit 0 ;; *) exit 1 ;; esac')],
    ['hidden from pushes', (box) => box.git(box.remote, 'config', 'receive.hideRefs', 'refs/agentq')],
    ['hidden from everything', (box) => box.git(box.remote, 'config', 'transfer.hideRefs', 'refs/agentq')],
    ['hidden from looks', (box) => box.git(box.remote, 'config', 'uploadpack.hideRefs', 'refs/agentq')],
  ])('%s: leased retries, and it is remembered', async (_how, prepare) => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await prepare(box);
    const first = await claimAmongRivals(box, 'first');
    expect(first.published.length).toBeGreaterThan(0);
    expect(first.task).toBe('auth/TASK-1');
    expect(await first.abilities.canPublish()).toBe(false);
    // Nobody would ever see what is left there, and delete it.
    expect(await requestsOn(box, remote)).toEqual([]);
    const second = await claimAmongRivals(box, 'second');
    expect(second).toMatchObject({ task: 'auth/TASK-2', published: [] });
    await expectCarriedOut(box, remote, first.intent, second.intent);
  });

  it('that is, one remote: another one is tried', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.hook(remote, 'update', 'case $1 in refs/heads/*) exit 0 ;; *) exit 1 ;; esac');
    await claimAmongRivals(box, 'first');
    const other = await queueRemote(box, 1, { name: 'other.git' });
    await box.git('one', 'remote', 'set-url', 'origin', `file://${box.path(other)}`);
    expect((await claimAmongRivals(box, 'second')).published).toHaveLength(1);
  });

  it('is asked again after a day', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.hook(remote, 'update', 'case $1 in refs/heads/*) exit 0 ;; *) exit 1 ;; esac');
    await claimAmongRivals(box, 'first');
    const later = { now: () => Date.now() + 25 * 3_600_000, sleep: async () => undefined };
    await using machine = await openMachine(box, 'one', { clock: later });
    expect(await machine.abilities.canPublish()).toBe(true);
  });
});

describe('a server that takes requests', () => {
  it('is not taken for one that hides them, however fast they are served', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    // Each is gone before its owner looks for it, and there is still something to be done.
    let published = 0;
    await using machine = await openMachine(box, 'one', {
      rivals: 'seen',
      async push(updates, push) {
        const outcome = await push();
        const refs = updates.filter(({ to }) => to !== undefined);
        for (const { ref } of refs.filter(({ ref }) => ref.startsWith('refs/agentq/'))) {
          published++;
          if (published < 4) await box.git(remote, 'update-ref', '-d', ref);
        }
        return outcome;
      },
    });
    const settled = await machine.help(claimIntent('a0'));
    expect(settled.map(({ kind }) => kind)).toEqual(['done']);
    expect(published).toBe(4);
    expect(await machine.abilities.canPublish()).toBe(true);
  });

  it('and does not let them be deleted: what is ours is carried out, and it is remembered', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.hook(remote, 'update', 'case $3 in *[!0]*) exit 0 ;; *) exit 1 ;; esac');
    const first = await claimAmongRivals(box, 'first');
    expect(first.task).toBe('auth/TASK-1');
    expect(await first.abilities.canPublish()).toBe(false);
    // What cannot be deleted is not made in the first place.
    expect(await requestsOn(box, remote)).toEqual([]);
    const second = await claimAmongRivals(box, 'second');
    expect(second).toMatchObject({ task: 'auth/TASK-2', published: [] });
    expect(await requestsOn(box, remote)).toEqual([]);
    await expectCarriedOut(box, remote, first.intent, second.intent);
  });
});

describe('a server that refuses to delete in words that nobody knows', () => {
  it('is not asked for help again after it was, three times, and a look shows what it kept', async () => {
    await using box = await scene(QUEUE);
    const controller = new AbortController();
    await using machine = await openMachine(box, 'one', {
      rivals: 'seen',
      signal: controller.signal,
      async push(updates, push) {
        const isDeleting = updates.some(({ expected, to }) => expected !== undefined && to === undefined);
        if (isDeleting) return { kind: 'unknown', words: "TF401027: You need the Git 'ForcePush' permission" };
        const outcome = await push();
        controller.abort(new Failure('interrupted', 'interrupted'));
        return outcome;
      },
    });
    await expect(machine.help(claimIntent('first'))).rejects.toThrow();
    expect(await requestsOn(box, box.remote)).toHaveLength(1);
    expect(await machine.abilities.deleting()).toBe('refused');
  });
});

describe('a server that lets everything be deleted but refs that exist (gitolite: RW)', () => {
  const REFUSES = 'case $2 in *[!0]*) case $3 in *[!0]*) ;; *) echo "DENIED by fallthru" >&2; exit 1 ;; esac ;; esac';

  it('keeps the first request of a clone, and gets no other one: it is remembered', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.hook(remote, 'update', REFUSES);
    const first = await claimAmongRivals(box, 'first');
    expect(first.task).toBe('auth/TASK-1');
    expect(await requestsOn(box, remote)).toEqual(first.published);
    const second = await claimAmongRivals(box, 'second');
    expect(second).toMatchObject({ task: 'auth/TASK-2', published: [] });
    await expectCarriedOut(box, remote, first.intent, second.intent);
  });

  it('gets no request from a clone that sees one that nobody has deleted', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.hook(remote, 'update', REFUSES);
    const dead = await publishAs(box, remote, [claimIntent('dead')], { at: Date.now() - 600_000 });
    const first = await claimAmongRivals(box, 'first');
    expect(first.task).toBe('auth/TASK-1');
    expect(await requestsOn(box, remote)).toEqual([dead]);
    expect(await first.abilities.deleting()).toBe('refused');
  });

  it('keeps nobody waiting behind a request that was carried out and stays', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.hook(remote, 'update', REFUSES);
    const ahead = claimIntent('ahead');
    await publishAs(box, remote, [ahead], { at: Date.now() - 1_000 });
    await using leader = await openMachine(box, 'two');
    const pushes: string[] = [];
    let looks = 0;
    await using machine = await openMachine(box, 'one', {
      rivals: 'seen',
      async look() {
        // It has seen the request of the leader, which then pushes its own intent alone.
        if (pushes.length > 0 && ++looks === 2) await leader.onlyBranch(ahead);
      },
      push(updates, push) {
        const made = updates.filter(({ to, expected }) => to !== undefined || expected !== undefined);
        const parts = made.map(({ ref, to }) => `${to === undefined ? 'delete' : 'set'} ${ref.split('/')[1]}`);
        pushes.push(parts.join(', '));
        return push();
      },
    });
    const own = claimIntent('behind');
    expect(taskOf((await machine.help(own))[0])).toBe('auth/TASK-2');
    // It never leads, which it would do only after a silence: a leader deletes what it carries out.
    expect(pushes).toEqual(['set agentq', 'delete agentq', 'set heads']);
    expect(await machine.abilities.deleting()).toBe('refused');
    await expectCarriedOut(box, remote, ahead, own);
  });

  it('is known to delete once it has', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const first = await claimAmongRivals(box, 'first');
    expect(await first.abilities.deleting()).toBe('possible');
    await publishAs(box, remote, [claimIntent('dead')], { at: Date.now() - 600_000 });
    const other = await claimAmongRivals(box, 'second', 'two');
    expect(await other.abilities.deleting()).toBe('possible');
    expect(await requestsOn(box, remote)).toEqual([]);
  });
});

describe('a server that takes requests and no answers', () => {
  /** Leads for twelve others, who wait. @returns what became of each push that moves the branch */
  async function lead(box: Scene, asked: Intent[]): Promise<readonly string[]> {
    const dir = 'one';
    const pushed: string[] = [];
    const waiting = Array.from({ length: 12 }, (_, index) => claimIntent(`waiting-${asked.length}-${index}`));
    for (const [index, intent] of waiting.entries()) {
      await publishAs(box, box.remote, [intent], { at: behindUs() + index });
    }
    await using machine = await openMachine(box, dir, {
      async push(updates, push) {
        const outcome = await push();
        const hasAnswers = updates.some(({ ref }) => ref.startsWith(ANSWERS));
        const isMove = updates.some(({ ref }) => ref.startsWith('refs/heads/'));
        if (isMove) pushed.push(`${outcome.kind} ${hasAnswers ? 'with' : 'without'} answers`);
        return outcome;
      },
    });
    const own = claimIntent(`own-${asked.length}`);
    expect(taskOf((await machine.help(own))[0])).toMatch(/^auth\//);
    asked.push(own, ...waiting);
    await expectCarriedOut(box, box.remote, ...asked);
    return pushed;
  }

  it('gets the same without answers in the same attempt, and it is remembered', async () => {
    await using box = await scene({ tasks: 30, clones: ['one'] });
    const asked: Intent[] = [];
    await box.hook(box.remote, 'update', 'case $1 in refs/agentq/answers/*) echo "not here" >&2; exit 1 ;; esac');
    expect(await lead(box, asked)).toEqual(['refused with answers', 'landed without answers']);
    expect(await requestsOn(box, box.remote)).toEqual([]);
    expect(await lead(box, asked)).toEqual(['landed without answers']);
  });
});

describe('a server without --atomic', () => {
  it('gets the branch first, then the deletions; and it is remembered', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.git(remote, 'config', 'receive.advertiseAtomic', 'false');
    const waiting = claimIntent('waiting');
    await publishAs(box, remote, [waiting], { at: behindUs() });
    const first = await claimAmongRivals(box, 'first');
    expect(first.task).toBe('auth/TASK-1');
    await expectCarriedOut(box, remote, waiting, first.intent);
    expect(await requestsOn(box, remote)).toEqual([]);
    expect(await first.abilities.canPublish()).toBe(true);
    await using again = await openMachine(box, 'one');
    expect(await again.abilities.canPushAtomically()).toBe(false);
  });

  it('is not known to delete because the branch has landed', async () => {
    await using box = await scene(QUEUE);
    await box.git(box.remote, 'config', 'receive.advertiseAtomic', 'false');
    await using machine = await openMachine(box, 'one', {
      rivals: 'seen',
      push: (updates, push) =>
        updates.every(({ to }) => to === undefined)
          ? Promise.resolve({ kind: 'rejected', words: '(failed to update ref)' })
          : push(),
    });
    expect(taskOf((await machine.help(claimIntent('first')))[0])).toBe('auth/TASK-1');
    expect(await requestsOn(box, box.remote)).toHaveLength(1);
    expect(await machine.abilities.deleting()).toBe('unknown');
  });

  it('does not carry out twice what was deleted too late', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    await box.git(remote, 'config', 'receive.advertiseAtomic', 'false');
    const waiting = claimIntent('waiting');
    await publishAs(box, remote, [waiting], { at: behindUs() });
    await using leader = await openMachine(box, 'one', {
      // Killed after the branch was pushed: the deletions never come.
      push: (updates, push) =>
        updates.every(({ to }) => to === undefined) ? Promise.resolve({ kind: 'landed' }) : push(),
    });
    const first = claimIntent('first');
    await leader.help(first);
    expect(await requestsOn(box, remote)).toHaveLength(2);
    const second = await claimAmongRivals(box, 'second', 'two');
    expect(second.task).toBe('auth/TASK-3');
    await expectCarriedOut(box, remote, waiting, first, second.intent);
    expect(await requestsOn(box, remote)).toEqual([]);
  });
});

describe('requests on the remote', () => {
  it('show up in no clone and in no list of branches', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const ref = await publishAs(box, remote, [claimIntent('waiting')]);
    await box.clone(remote, 'fresh');
    await box.git('one', 'fetch', '-q', '--all', '--tags', '--prune');
    for (const clone of ['fresh', 'one']) {
      expect(await box.git(clone, 'branch', '-a')).not.toContain('agentq');
      expect(Object.keys(await box.refs(clone)).filter((name) => name.includes('agentq'))).toEqual([]);
    }
    expect(await box.git(remote, 'branch', '-a')).toBe('* develop');
    expect(await requestsOn(box, remote)).toEqual([ref]);
  });

  it('cost the clone that reads them no objects, and the remote no history', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const before = await tipOf(box, remote);
    const ref = await publishAs(box, remote, [claimIntent('waiting')]);
    expect(await box.git(remote, 'cat-file', '-s', ref)).toBe('0');
    expect(await tipOf(box, remote)).toBe(before);
  });
});
