import { expect, it } from 'vitest';
import { bookingFiles, foldersOf } from '../../kit/queues/booking-queue.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** The remote takes the push in and dies before it can say so: what was done is looked up, not done again. */

const FOLDERS = foldersOf('agents', 'booking');

it.each<{
  name: string;
  before: string[][];
  command: string[];
  stdout: string;
  prepare: (box: Scene) => Promise<void>;
}>([
  {
    name: 'complete',
    before: [['claim', 'a1']],
    command: ['complete', 'TASK-001', 'a1'],
    stdout: 'booking/TASK-001\nbooking/TASK-002\nbooking/TASK-010\n',
    prepare: async () => undefined,
  },
  {
    name: 'unblock',
    before: [],
    command: ['unblock'],
    stdout: 'booking/TASK-002\nbooking/TASK-010\n',
    prepare: (box) => move(box, FOLDERS.tasks, FOLDERS.completed, (text) => text),
  },
  {
    name: 'release-stalled',
    before: [['claim', 'a1']],
    command: ['release-stalled'],
    stdout: 'booking/TASK-001\n',
    prepare: (box) =>
      move(box, FOLDERS.claimed, FOLDERS.claimed, (text) =>
        text.replace(/last_heartbeat: .*/, 'last_heartbeat: 2024-01-01T00:00:00Z'),
      ),
  },
])('$name', async ({ before, command, stdout, prepare }) => {
  await using box = await scene({ files: bookingFiles('agents', 'canonical'), clones: ['clone'] });
  const { remote } = box;
  for (const args of before) expect((await box.agentq('clone', ...args)).code).toBe(0);
  await prepare(box);
  const once = box.path('once');
  await box.hook(remote, 'post-receive', `[ -e ${once} ] && exit 0\ntouch ${once}\nkill -9 $PPID`);
  const tip = await box.tip(remote);
  const answer = await box.agentq('clone', ...command, '--json');
  expect(answer.code).toBe(0);
  expect(await box.read('.', 'once')).toBe('');
  expect(await box.git(remote, 'rev-list', '--count', `${tip}..develop`)).toBe('1');
  const document = JSON.parse(answer.stdout);
  expect(document.commit).toBe(await box.tip(remote));
  const named = 'tasks' in document ? document.tasks : [document, ...document.unblocked];
  expect(named.map(({ project, task }: Record<string, string>) => `${project}/${task}\n`).join('')).toBe(stdout);
});

async function move(box: Scene, from: string, to: string, change: (text: string) => string): Promise<void> {
  const text = `${await box.git('remote.git', 'show', `develop:${from}/TASK-001.toon`)}\n`;
  const gone = from === to ? {} : { [`${from}/TASK-001.toon`]: null };
  await box.commitTo('remote.git', 'refs/heads/develop', { ...gone, [`${to}/TASK-001.toon`]: change(text) });
}
