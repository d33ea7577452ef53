import { expect, it } from 'vitest';
import { runAgentq } from '../../kit/processes/run-agentq.ts';
import { bookingFiles, foldersOf } from '../../kit/queues/booking-queue.ts';
import { GitSandbox } from '../../kit/scene/git-sandbox.ts';

/** The remote takes the push in and dies before it can say so: what was done is looked up, not done again. */

const FOLDERS = foldersOf('agents', 'booking');

it.each<{
  name: string;
  before: string[][];
  command: string[];
  stdout: string;
  prepare: (sandbox: GitSandbox) => Promise<void>;
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
    prepare: (sandbox) => move(sandbox, FOLDERS.tasks, FOLDERS.completed, (text) => text),
  },
  {
    name: 'release-stalled',
    before: [['claim', 'a1']],
    command: ['release-stalled'],
    stdout: 'booking/TASK-001\n',
    prepare: (sandbox) =>
      move(sandbox, FOLDERS.claimed, FOLDERS.claimed, (text) =>
        text.replace(/last_heartbeat: .*/, 'last_heartbeat: 2024-01-01T00:00:00Z'),
      ),
  },
])('$name', async ({ before, command, stdout, prepare }) => {
  await using sandbox = await GitSandbox.create();
  const remote = await sandbox.bareRemote(bookingFiles('agents', 'canonical'), { name: 'remote.git' });
  const clone = await sandbox.clone(remote, 'clone');
  const options = { cwd: sandbox.path(clone), env: sandbox.env };
  for (const args of before) expect((await runAgentq(args, options)).code).toBe(0);
  await prepare(sandbox);
  const once = sandbox.path('once');
  await sandbox.hook(remote, 'post-receive', `[ -e ${once} ] && exit 0\ntouch ${once}\nkill -9 $PPID`);
  const tip = await sandbox.git(remote, 'rev-parse', 'develop');
  const answer = await runAgentq([...command, '--json'], options);
  expect(answer.code).toBe(0);
  expect(await sandbox.read('.', 'once')).toBe('');
  expect(await sandbox.git(remote, 'rev-list', '--count', `${tip}..develop`)).toBe('1');
  const document = JSON.parse(answer.stdout);
  expect(document.commit).toBe(await sandbox.git(remote, 'rev-parse', 'develop'));
  const named = 'tasks' in document ? document.tasks : [document, ...document.unblocked];
  expect(named.map(({ project, task }: Record<string, string>) => `${project}/${task}\n`).join('')).toBe(stdout);
});

async function move(sandbox: GitSandbox, from: string, to: string, change: (text: string) => string): Promise<void> {
  const text = `${await sandbox.git('remote.git', 'show', `develop:${from}/TASK-001.toon`)}\n`;
  const gone = from === to ? {} : { [`${from}/TASK-001.toon`]: null };
  await sandbox.commitTo('remote.git', 'refs/heads/develop', { ...gone, [`${to}/TASK-001.toon`]: change(text) });
}
