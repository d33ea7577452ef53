import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/base/failure.ts';
import { readPlan } from '../../../src/store/input/read-plan.ts';

const read = (task: object): unknown => readPlan(Buffer.from(JSON.stringify(task)), 'plan').tasks[0]?.rest.verify;

describe('the checks of a task that is added', () => {
  it.each([
    ['flat', { title: 'One', verify: ['npm test', 'test -f a: b'] }, ['npm test', 'test -f a: b']],
    ['flat, only one', { title: 'One', verify: 'npm test' }, ['npm test']],
    ['as in task files', { task: { title: 'One' }, verify: ['npm test'] }, ['npm test']],
    ['as in task files, only one', { task: { title: 'One' }, verify: 'npm test' }, ['npm test']],
  ])('are taken: %s', (_, task, expected) => {
    expect(read(task)).toEqual(expected);
  });

  it.each([[[1]], [['a\nb']], [['']], [{ a: 'b' }], [['x'.repeat(1001)]]])('are refused: %j', (verify) => {
    expect(() => read({ title: 'One', verify })).toThrow(Failure);
  });
});
