import { readyPath } from '../queues/queue-files.ts';
import { type Scene, scene } from '../scene/scene.ts';

/** Ends elements, begins others, turns the direction of text around, and moves the cursor of a terminal. */
export const HOSTILE =
  '</script><img src=x onerror="window.hacked=1"><script>window.hacked=2</script> \u202e evil \u001b[31m red {{7*7}} "\'`';

/** As agents write them; what comes after it has texts that want to be more than text. */
function hostileTask(): string {
  const text = JSON.stringify(HOSTILE);
  return `task:\n  id: TASK-9\n  title: ${text}\n  status: ready\n  priority: 1\ndescription:\n  summary: ${text}\nacceptance_criteria[1]: ${text}\nmetadata:\n  labels:\n    area: ${text}\n`;
}

/**
 * A queue with a task in every column of the board: TASK-1 is done, TASK-2 is claimed by a2, TASK-3 asks, TASK-4 is in
 * review, TASK-5 is blocked, TASK-6 is stalled, TASK-8 waits for TASK-7, TASK-9 is hostile; shop has another. The
 * clones are `clone`, and `other` for whoever changes something.
 */
export async function busyQueue(): Promise<Scene> {
  const files = {
    [readyPath('TASK-9')]: hostileTask(),
    [readyPath('TASK-8')]:
      'task:\n  id: TASK-8\n  title: Ship it\n  status: ready\n  priority: 3\ndependencies:\n  required[1]: TASK-7\n',
    [readyPath('SHOP-1', 'shop')]: 'task:\n  id: SHOP-1\n  title: Paint the shop\n  status: ready\n  priority: 7\n',
  };
  const box = await scene({ tasks: 7, files, clones: ['clone', 'other'] });
  const run = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await box.agentq('other', ...args);
    if (code !== 0) throw new Error(`agentq ${args.join(' ')}: ${stderr}`);
  };
  await run('claim', 'a1', '--task', 'TASK-1');
  await run('note', 'TASK-1', 'The fixtures were enough', '--agent', 'a1');
  await run('complete', 'TASK-1', 'a1', 'https://example.com/pull/7');
  await run('claim', 'a2', '--task', 'TASK-2');
  await run('claim', 'a3', '--task', 'TASK-3');
  await run('ask', 'TASK-3', 'a3', 'Which bank?');
  await run('claim', 'a4', '--task', 'TASK-4');
  await run('review', 'TASK-4', 'a4', 'https://example.com/pull/8');
  await run('block', 'TASK-5', '--reason', 'waits for the bank');
  await run('claim', 'a6', '--task', 'TASK-6');
  const path = '.agents/auth/claimed/TASK-6.toon';
  const text = (await box.files(box.remote, 'develop'))[path] ?? '';
  const old = text.replace(/last_heartbeat: .*/, 'last_heartbeat: 2020-01-01T00:00:00Z');
  await box.commitTo(box.remote, 'refs/heads/develop', { [path]: old }, 'Let time pass');
  return box;
}
