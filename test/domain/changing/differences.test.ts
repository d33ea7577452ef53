import { expect, it } from 'vitest';
import { differences } from '../../../src/domain/changing/differences.ts';
import type { Task } from '../../../src/domain/queue/task.ts';

const TASK: Task = { title: 'T', priority: 1, acceptanceCriteria: [], required: [], blocks: [], labels: {} };
const note = (agent: string) => ({ at: '2030-01-01T00:00:00Z', agent, text: 'x' });

it.each<readonly [Partial<Task>, readonly string[]]>([
  [{}, []],
  [{ title: 'U', details: 'more' }, ['title', 'description']],
  [{ acceptanceCriteria: ['It works'], verify: ['npm test'] }, ['criteria', 'checks']],
  [{ priority: 2, labels: { team: 'x' } }, ['priority', 'labels']],
  [{ required: [{ id: 'T-2', text: 'T-2', line: 1 }] }, ['requires']],
  [{ notes: [note('a1')] }, []],
  [{ notes: [note('a1'), note('boss')] }, ['notes']],
  [{ questions: [{ ...note('a1'), answer: note('boss') }] }, ['questions']],
  // The claim itself is no news, nor is the word that older scripts write.
  [{ status: 'claimed', claim: { claimedBy: 'a1', lastHeartbeat: '2030-01-01T00:00:00Z' } }, []],
])('names what %j changes for who works on it', (change, fields) => {
  expect(differences(TASK, { ...TASK, ...change }, 'a1')).toEqual(fields);
});
