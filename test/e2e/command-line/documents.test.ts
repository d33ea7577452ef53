import { expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { scene } from '../../kit/scene/scene.ts';

const READY = '.agents/auth/tasks';

/** Command lines after each other, so that between them every field has a value once. */
const STORY: readonly (readonly string[])[] = [
  ['init', 'auth'],
  ['validate'],
  ['add', '--title', 'A task', '--project', 'auth'],
  ['import', 'markdown', 'TODO.md', '--project', 'auth', '--closed'],
  ['export'],
  ['claim', 'a1', 'auth', '--dry-run'],
  ['claim', 'a1', 'auth', '--task', 'TASK-1'],
  ['heartbeat', 'TASK-1', 'a1', 'auth'],
  ['heartbeat', '--mine', '--agent', 'a1'],
  ['prime', 'a1'],
  ['note', 'auth/TASK-1', 'the token is in the vault', '--agent', 'a1'],
  ['edit', 'auth/TASK-2', 'TASK-3', '--priority', '4', '--requires', '+TASK-1', '--agent', 'a1'],
  ['list'],
  ['pause', 'auth', '--reason', 'not now', '--agent', 'a1'],
  ['status'],
  ['resume', 'auth', '--agent', 'a1'],
  ['block', 'auth/TASK-3', '--reason', 'not yet', '--agent', 'a1'],
  ['cancel', 'auth/TASK-3', '--reason', 'no more', '--agent', 'a1'],
  ['reopen', 'auth/TASK-3', '--agent', 'a1'],
  ['unblock', '--task', 'auth/TASK-3'],
  ['show', 'auth/TASK-1'],
  ['prompt', 'auth/TASK-1'],
  ['review', 'TASK-1', 'a1', 'https://example.com/pull/1', 'auth'],
  ['complete', 'TASK-1', 'a1', 'https://example.com/pull/1', 'auth'],
  ['claim', 'a2', 'auth', '--task', 'TASK-2'],
  ['release', '--mine', '--remind', '--agent', 'a2'],
  ['release', 'TASK-2', 'a2', 'auth'],
  ['claim', 'a2', 'auth', '--task', 'TASK-2'],
  ['take', 'auth/TASK-2', 'a4', '--from', 'a2'],
  ['ask', 'auth/TASK-2', 'a4', 'which of the two?'],
  ['answer', 'auth/TASK-2', 'the second one', '--agent', 'Ada'],
  ['unblock'],
  ['release-stalled'],
  ['prime'],
  ['status'],
  ['watch', '--once'],
  ['log', '-n', '3'],
  ['log', 'auth/TASK-2'],
  ['metrics'],
  ['agents'],
  ['dashboard'],
  ['graph'],
  ['doctor'],
  ['work', 'w', 'auth', '--', 'true'],
  ['claim', 'a3', 'auth'],
  ['branch', 'auth', 'develop-auth'],
  ['merge'],
  ['branch', 'auth', '--back'],
  ['setup', 'claude'],
  ['simulate', '--agents', '2', '--tasks', '2'],
  // It speaks its own protocol, and refuses to be asked for a document.
  ['mcp'],
  ['demo'],
];

/** Keys and types of a document. The members of a list are taken together: what one has and another lacks may be absent. */
function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value))
    return [[...new Set(value.map((one) => JSON.stringify(shapeOf(one))))].sort().map((one) => JSON.parse(one))];
  if (typeof value !== 'object') return typeof value;
  // A heartbeat within the second of the last one needs no commit: chance decides.
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'commit' ? 'string or null' : shapeOf(one)]),
  );
}

it('has the same keys for every command as ever: scripts read them', async () => {
  const files = {
    [`${READY}/TASK-1.toon`]: plainTask('TASK-1'),
    [`${READY}/TASK-2.toon`]: plainTask('TASK-2'),
    [`${READY}/TASK-3.toon`]: plainTask('TASK-3', { required: ['TASK-1'] }),
    // Something for the doctor to advise against, whatever else it finds on this machine.
    '.github/workflows/ci.yml': 'on: push\n',
  };
  await using box = await scene({ files, clones: ['clone'] });
  await box.write('clone', { 'TODO.md': '- [ ] Whole\n  - [x] Part\n' });
  const shown: string[] = [];
  for (const args of STORY) {
    const { code, stdout } = await box.agentq('clone', ...args.slice(0, 1), '--json', ...args.slice(1));
    const documents = stdout
      .trimEnd()
      .split('\n')
      .map((line) => shapeOf(JSON.parse(line)));
    const shapes = new Set(documents.map((one) => JSON.stringify(one, undefined, 1)));
    shown.push(`agentq ${args.join(' ')}: exit ${code}\n${[...shapes].join('\n')}`);
  }
  expect(shown.join('\n\n')).toMatchSnapshot();
  expect(new Set(STORY.map(([name]) => name))).toEqual(new Set(COMMANDS.map(({ name }) => name)));
});
