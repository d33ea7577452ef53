import { describe, expect, it } from 'vitest';
import { parseRequestRef } from '../../../src/engine/helping/request-ref.ts';
import { REQUESTS } from '../../../src/engine/transaction/requests.ts';
import {
  behindUs,
  claimIntent,
  expectCarriedOut,
  isPublication,
  openMachine,
  publishAs,
  requestsOn,
  taskOf,
  tipOf,
} from '../../kit/engine/machine.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/**
 * A request whose leader died after its push is still on the remote, and is not carried out again, whatever happened to
 * the branch meanwhile. Each of these made a task twice somebody's in a prototype.
 */

const QUEUE = { tasks: 6, clones: ['one', 'two'] };

/** Carries the intent out on the branch, as a leader does that dies before it deletes the request. */
async function carryOut(box: Scene, intent: ReturnType<typeof claimIntent>): Promise<string> {
  const { remote } = box;
  await using leader = await openMachine(box, 'one');
  await leader.onlyBranch(intent);
  return tipOf(box, remote);
}

/** One machine that claims among the requests of others. */
async function claimAmong(box: Scene, clone: string, agent = 'alive') {
  const { remote } = box;
  const intent = claimIntent(agent);
  await using machine = await openMachine(box, clone);
  const [settled] = await machine.help(intent);
  expect((await auditQueue(box.path(remote))).violations).toEqual([]);
  return { intent, task: taskOf(settled) };
}

describe('what was carried out already', () => {
  it('is seen behind a merge by hand, which hides it from a look along first parents', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const dead = claimIntent('dead');
    const claim = await carryOut(box, dead);
    await publishAs(box, remote, [dead], { base, at: behindUs() });
    // Somebody works on the old state and pulls: their own commit is the first parent.
    const mine = await box.git(remote, 'commit-tree', `${base}^{tree}`, '-p', base, '-m', 'Write the readme');
    const merge = await box.git(remote, 'commit-tree', `${claim}^{tree}`, '-p', mine, '-p', claim, '-m', 'Merge');
    await box.git(remote, 'update-ref', 'refs/heads/develop', merge, claim);

    const { intent, task } = await claimAmong(box, 'two');
    expect(task).toBe('auth/TASK-2');
    await expectCarriedOut(box, remote, dead, intent);
    expect(await requestsOn(box, remote)).toEqual([]);
  });

  it('is looked for back to the oldest of several bases', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const [old, young] = [claimIntent('old'), claimIntent('young')];
    await carryOut(box, old);
    await box.commitTo(remote, 'refs/heads/develop', { 'news.md': 'News\n' });
    await publishAs(box, remote, [old], { base, at: behindUs() });
    await publishAs(box, remote, [young], { at: behindUs() });
    await box.commitTo(remote, 'refs/heads/develop', { 'news.md': 'Old news\n' });

    const { intent } = await claimAmong(box, 'two');
    await expectCarriedOut(box, remote, old, young, intent);
    expect(await requestsOn(box, remote)).toEqual([]);
  });

  it('is seen from a shallow clone that begins after it', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const dead = claimIntent('dead');
    await carryOut(box, dead);
    await box.commitTo(remote, 'refs/heads/develop', { 'news.md': 'News\n' });
    await box.clone(remote, 'shallow', '--depth=1');
    await publishAs(box, remote, [dead], { base, at: behindUs() });

    const { intent, task } = await claimAmong(box, 'shallow');
    expect(task).toBe('auth/TASK-2');
    await expectCarriedOut(box, remote, dead, intent);
    expect(await requestsOn(box, remote)).toEqual([]);
  });
});

/** The branch begins again, with the same files: nothing in its history proves anything. */
async function cutAnew(box: Scene): Promise<void> {
  const { remote } = box;
  const commit = await box.git(remote, 'commit-tree', 'develop^{tree}', '-m', 'Begin anew');
  await box.git(remote, 'update-ref', 'refs/heads/develop', commit);
}

describe('a branch that was cut anew', () => {
  it.each(['two', 'shallow'])('leaves requests from before alone, and serves the others: %s', async (clone) => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const [before, after] = [claimIntent('before'), claimIntent('after')];
    const unproven = await publishAs(box, remote, [before], { at: behindUs() });
    await cutAnew(box);
    if (clone === 'shallow') {
      await box.commitTo(remote, 'refs/heads/develop', { 'news.md': 'News\n' });
      await box.clone(remote, 'shallow', '--depth=1');
    }
    await publishAs(box, remote, [after], { at: behindUs() });

    const { intent } = await claimAmong(box, clone);
    await expectCarriedOut(box, remote, after, intent);
    expect(await requestsOn(box, remote)).toEqual([unproven]);
  });

  it('ends a claim that was published before with words, and takes its request back', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const intent = claimIntent('alive');
    await using machine = await openMachine(box, 'two', {
      rivals: 'seen',
      async push(updates, push) {
        const outcome = await push();
        if (isPublication(updates)) await cutAnew(box);
        return outcome;
      },
    });
    await expect(machine.help(intent)).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: expect.stringMatching(/^it is not known whether an earlier push landed/),
      hint: expect.stringContaining(intent.request),
    });
    await expectCarriedOut(box, remote);
    // Nobody is to carry it out later, when its agent has long gone elsewhere.
    expect(await requestsOn(box, remote)).toEqual([]);
  });
});

describe('the base of a request', () => {
  it('stays when others join the same batch after the request was carried out', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const [first, second] = [claimIntent('first'), claimIntent('second')];
    // Whoever is oldest should lead, and is dead: so the batch waits, and publishes who joins.
    await publishAs(box, remote, [claimIntent('dead', { filter: { type: 'none' } })], { at: Date.now() - 5000 });
    await using leader = await openMachine(box, 'one');
    let isFirst = true;
    await using machine = await openMachine(box, 'two', {
      rivals: 'seen',
      async push(_updates, push) {
        const outcome = await push();
        if (isFirst) await leader.onlyBranch(first);
        isFirst = false;
        return outcome;
      },
    });
    const joining = [[first], [second]];
    const settled = await machine.helpAll({
      wasThere: () => true,
      join: async (when) =>
        when === 'last-call' ? [] : (joining.shift() ?? []).map((intent) => ({ intent, base: undefined })),
      hasGivenUp: () => false,
      drop: () => new Set(),
      announce: async () => new Set(),
      leave: () => undefined,
    });
    expect(new Set(settled.map(taskOf))).toEqual(new Set(['auth/TASK-1', 'auth/TASK-2']));
    await expectCarriedOut(box, remote, first, second);
  });

  it('stays when a request that somebody deleted is published again', async () => {
    await using box = await scene(QUEUE);
    const { remote } = box;
    const base = await box.tip();
    const intent = claimIntent('alive');
    const published: string[] = [];
    await using machine = await openMachine(box, 'two', {
      rivals: 'seen',
      async push(updates, push) {
        const outcome = await push();
        const [update] = updates;
        if (!isPublication(updates) || update === undefined) return outcome;
        published.push(update.ref);
        if (published.length > 1) return outcome;
        await box.git(remote, 'update-ref', '-d', update.ref);
        await box.commitTo(remote, 'refs/heads/develop', { 'news.md': 'News\n' });
        return outcome;
      },
    });
    const [settled] = await machine.help(intent);
    expect(taskOf(settled)).toBe('auth/TASK-1');
    expect(published.map((ref) => parseRequestRef(ref))).toEqual(
      Array(2).fill(expect.objectContaining({ base, intents: [{ ...intent, waitedMs: expect.any(Number) }] })),
    );
    expect(new Set(published).size).toBe(2);
    await expectCarriedOut(box, remote, intent);
    expect(await requestsOn(box, remote)).toEqual([]);
  });
});

/** Half of the first atomic push that deletes requests is kept: the branch is moved, and then the server is killed. */
async function killServerInTheMiddle(box: Scene): Promise<void> {
  const { remote } = box;
  await box.hook(
    remote,
    'pre-receive',
    `while read -r old new ref; do
  case $ref in refs/heads/develop) before=$old after=$new ;; ${REQUESTS}*) [ -z "\${new##0000*}" ] && is_atomic=1 ;; esac
done
[ -n "$after" ] && [ -n "$is_atomic" ] && mkdir '${box.path('killed')}' 2>/dev/null || exit 0
cp -R "$GIT_QUARANTINE_PATH/." objects/
unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
git update-ref refs/heads/develop "$after" "$before"
kill -9 $PPID`,
  );
}

it('survives a server that is killed in the middle of an atomic push', async () => {
  await using box = await scene(QUEUE);
  const { remote } = box;
  const [dead, alive] = [claimIntent('dead'), claimIntent('alive')];
  await publishAs(box, remote, [dead], { at: behindUs() });
  await killServerInTheMiddle(box);
  await using machine = await openMachine(box, 'two', { rivals: 'seen' });
  const [settled] = await machine.help(alive);
  expect(await box.tryGit('killed', 'rev-parse', '--git-dir')).toMatchObject({ exitCode: 128 });
  expect(taskOf(settled)).toBe('auth/TASK-1');
  await expectCarriedOut(box, remote, dead, alive);
  expect(await requestsOn(box, remote)).toEqual([]);
  expect((await auditQueue(box.path(remote))).violations).toEqual([]);
});
