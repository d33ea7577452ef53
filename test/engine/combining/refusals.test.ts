import { expect, it } from 'vitest';
import type { Submitted } from '../../../src/engine/queue/submitted.ts';
import { claimIntent, expectCarriedOut, openedQueue } from '../../kit/engine/machine.ts';
import { readyPath, taskText } from '../../kit/queues/queue-files.ts';
import { holdPush } from '../../kit/remotes/gate.ts';
import { scene } from '../../kit/scene/scene.ts';

/** "There is nothing" is as much of an answer as a task is, and has to be as true. */

it.each(['local', 'all'] as const)(
  'tells nobody that there is nothing before the push that takes the last task has landed: %s',
  async (combine) => {
    await using box = await scene({ tasks: 1, clones: ['clone'] });
    const { remote } = box;
    const gate = box.owns(await holdPush(box, remote, 'push'));
    await using opened = await openedQueue(box, 'clone', { combine });
    const intents = [claimIntent('first'), claimIntent('second')];
    const answers = intents.map((intent) => opened.queue.submit(intent).then(taskIn, String));
    await gate.reached();
    // Somebody is faster, and adds a task: at no time was there nothing for the second.
    await box.commitTo(remote, 'refs/heads/develop', { [readyPath('TASK-2')]: taskText('TASK-2') });
    await gate.open();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['TASK-1', 'TASK-2']));
    await expectCarriedOut(box, remote, ...intents);
  },
);

function taskIn({ outcome }: Submitted): string {
  return outcome.kind === 'claimed' ? outcome.key.id : outcome.kind;
}
