import { describe, expect, it } from 'vitest';
import type { ServerFacts } from '../../../src/domain/health/server.ts';
import type { Health } from '../../../src/engine/queue/health.ts';
import { openedQueue } from '../../kit/engine/machine.ts';
import { Gate } from '../../kit/remotes/gate.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

const NEVER = new AbortController().signal;
const FILES = { '.agents/auth/tasks/T-1.toon': 'task:\n id: T-1\n status: ready\n' };

async function withHealth<T>(box: Scene, use: (health: Health) => Promise<T>, signal?: AbortSignal): Promise<T> {
  await using opened = await openedQueue(box, 'clone', signal === undefined ? {} : { signal });
  return await use(await opened.queue.health());
}

/** Refs of the remote besides its branch. */
async function others(box: Scene): Promise<readonly string[]> {
  return Object.keys(await box.refs(box.remote)).filter((ref) => ref !== 'refs/heads/develop');
}

/** A hook that moves a ref back to what the push expects: whatever somebody else made of it is lost. */
const FORGETS_WHAT_IT_HAS = `
while read -r old new ref; do
  case $old in *[!0]*) env -u GIT_QUARANTINE_PATH git update-ref "$ref" "$old" ;; esac
done`;

describe('the probe of a real server', () => {
  it.each<readonly [string, (box: Scene) => Promise<unknown>, Partial<ServerFacts> | object]>([
    [
      'a bare repository that denies deletions, which holds for branches only',
      (box) => box.git(box.remote, 'config', 'receive.denyDeletes', 'true'),
      { making: { kind: 'made' }, deleting: 'possible', atomic: 'honest', names: 'accepted', swap: { kind: 'honest' } },
    ],
    [
      'one without atomic pushes',
      (box) => box.git(box.remote, 'config', 'receive.advertiseAtomic', 'false'),
      { making: { kind: 'made' }, deleting: 'possible', atomic: 'absent', names: 'accepted', swap: { kind: 'honest' } },
    ],
    [
      'one that hides such refs',
      (box) => box.git(box.remote, 'config', 'transfer.hideRefs', 'refs/agentq'),
      { making: { kind: 'refused', what: 'custom-refs' }, swap: { kind: 'unknown' } },
    ],
    [
      'one that takes them and shows them to nobody',
      (box) => box.git(box.remote, 'config', 'uploadpack.hideRefs', 'refs/agentq'),
      { making: { kind: 'hidden' }, deleting: 'possible', swap: { kind: 'unknown' } },
    ],
    [
      'one whose hook refuses them',
      (box) => box.hook(box.remote, 'update', 'case $1 in refs/agentq/*) echo "branches only" >&2; exit 1 ;; esac'),
      { making: { kind: 'refused', what: 'custom-refs' }, deleting: 'unknown' },
    ],
    [
      'one that refuses deletions',
      (box) => box.hook(box.remote, 'update', 'case $3 in *[!0]*) exit 0 ;; *) exit 1 ;; esac'),
      { making: { kind: 'kept-back' }, deleting: 'refused' },
    ],
    [
      'one that overwrites what others have pushed',
      (box) => box.hook(box.remote, 'pre-receive', FORGETS_WHAT_IT_HAS),
      { making: { kind: 'made' }, swap: { kind: 'broken' } },
    ],
    [
      'one over HTTP',
      async (box) => box.git('clone', 'remote', 'set-url', 'origin', (await box.http()).url(box.remote)),
      { making: { kind: 'made' }, deleting: 'possible', atomic: 'honest', swap: { kind: 'honest' } },
    ],
  ])('tells %s, and leaves nothing', async (_, prepare, expected) => {
    await using box = await scene({ files: FILES, clones: ['clone'] });
    await prepare(box);
    expect(await withHealth(box, (health) => health.probe(NEVER))).toMatchObject({ ...expected, left: [] });
    expect(await others(box)).toEqual([]);
  });

  it('leaves nothing after an interrupt in the middle of a push', async () => {
    await using box = await scene({ files: FILES, clones: ['clone'] });
    const gate = box.owns(await Gate.create(box, 'second', { nth: 2 }));
    await box.hook(box.remote, 'pre-receive', `${gate.script}\nexit 0`);
    const interrupt = new AbortController();
    await withHealth(
      box,
      async (health) => {
        const probing = health.probe(NEVER).then(
          () => 'done',
          (error: unknown) => error,
        );
        await gate.reached();
        expect(await others(box)).toHaveLength(2);
        interrupt.abort(new Error('Ctrl-C'));
        expect(await probing).toEqual(new Error('Ctrl-C'));
      },
      interrupt.signal,
    );
    expect(await others(box)).toEqual([]);
  });
});
