import { describe, expect, it } from 'vitest';
import { readTask } from '../../../src/store/codec/read-task.ts';

/** What `needs` says outside of `dependencies`: dependencies or capabilities, as far as the file alone tells. */

const HEAD = 'task:\n  id: T-1\n  title: t\n  status: ready\n';

function read(text: string) {
  const reading = readTask(Buffer.from(text), { path: 'T-1.toon', project: 'shop', id: 'T-1' });
  if (reading.kind !== 'read') throw new Error('not read');
  const words = (entries: readonly { readonly id: string | undefined }[] = []) => entries.map(({ id }) => id ?? '-');
  return {
    required: words(reading.task.required),
    needs: words(reading.task.needs),
    codes: reading.findings.map(({ code }) => code),
  };
}

describe('needs', () => {
  it.each<[string, { required?: string[]; needs?: string[] }]>([
    ['needs: gpu', { needs: ['gpu'] }],
    ['needs: gpu, docker', { needs: ['gpu', 'docker'] }],
    ['needs: cuda12, docker (any version), since 2024', { needs: ['cuda12', 'docker'] }],
    ['needs[2]: gpu,docker', { needs: ['gpu', 'docker'] }],
    ['needs[2]:\n    - gpu (A100, or better)\n    - c++', { needs: ['gpu', 'c++'] }],
    ['needs[2]:\n   gpu\n   python3.11', { needs: ['gpu', 'python3.11'] }],
    ['needs: ["gpu", "docker"]', { needs: ['gpu', 'docker'] }],
    ['needs: gpu\n  needs: GPU, gpu', { needs: ['gpu', 'GPU'] }],
    ['needs: h100-80gb', { needs: ['h100-80gb'] }],
    ['needs: 数据库', { needs: ['数据库'] }],
    // What looks like the id of a task is one, and so is what stands next to it.
    ['needs: TASK-099', { required: ['TASK-099'] }],
    ['needs: T-2', { required: ['T-2'] }],
    ['needs: AUTH_12 (the login)', { required: ['AUTH_12'] }],
    ['needs: setup, T-2', { required: ['setup', 'T-2'] }],
    ['needs: billing/setup', { required: ['billing/setup'] }],
    ['needs[2]: T-2,gpu', { required: ['T-2'], needs: ['gpu'] }],
    // A kind, or a place among the dependencies, says what is meant.
    ['needs[1]{id,kind}:\n    gpu,needs', { required: ['gpu'] }],
    ['dependencies:\n    needs: gpu', { required: ['gpu'] }],
    ['depends_on: gpu', { required: ['gpu'] }],
    // No word for a capability: it still holds the task back.
    ['needs: 80%', { required: ['80%'] }],
    ['needs: a machine with much memory', { required: ['-'] }],
    ['needs: none', { required: ['-'] }],
  ])('%j', (line, { required = [], needs = [] }) => {
    expect(read(`${HEAD}  ${line}\n`)).toMatchObject({ required, needs });
    if (!line.includes('\n')) expect(read(`${HEAD}${line}\n`)).toMatchObject({ required, needs });
  });

  it('has a note only where it names a task', () => {
    expect(read(`${HEAD}  needs: gpu\n`).codes).toEqual([]);
    expect(read(`${HEAD}  needs: T-2\n`).codes).toEqual(['other-dependency-name']);
  });
});
