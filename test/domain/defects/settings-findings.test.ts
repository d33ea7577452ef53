import { describe, expect, it } from 'vitest';
import { validate } from '../../../src/domain/defects/validate.ts';
import { limitOf } from '../../../src/domain/rules/limits.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

describe('limits in the settings', () => {
  it('that name a project which is not there are reported, with the one that was meant', () => {
    const snapshot = snapshotOf([{ id: 'T-1', project: 'auth-service' }]);
    const limits = ['total', 'label.gpu', 'auth-service', 'auth-servce', 'pay'].map((name) => limitOf(name, 1));
    const limited = { ...snapshot, settings: { ...snapshot.settings, limits } };
    expect(validate(limited, 0).map(({ code, file, message }) => [code, file, message])).toEqual([
      [
        'limit-without-project',
        '.agents-core/config/agentq.toon',
        'limits names auth-servce, and there is no such project, did you mean auth-service?',
      ],
      ['limit-without-project', '.agents-core/config/agentq.toon', 'limits names pay, and there is no such project'],
    ]);
    expect(validate(limited, 0, 'auth-service')).toEqual([]);
  });
});
