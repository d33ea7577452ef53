import { describe, expect, it } from 'vitest';
import { validate } from '../../../src/domain/defects/validate.ts';
import { limitOf } from '../../../src/domain/rules/limits.ts';
import { parseSettings, poolSettings } from '../../../src/store/reading/settings.ts';
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

describe('a password in the settings', () => {
  it('is reported, with what to do, and not repeated', () => {
    const snapshot = snapshotOf([{ id: 'T-1', project: 'auth' }]);
    const settings = poolSettings(parseSettings('agentq:\n  meet: redis://:s3cret@cache/0\n', 'agentq.toon'));
    const [finding, ...others] = validate({ ...snapshot, settings }, 0);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: 'password-in-settings',
      severity: 'error',
      hint: expect.stringContaining('AGENTQ_MEET_FILE'),
    });
    expect(JSON.stringify(finding)).not.toContain('s3cret');
    expect(validate({ ...snapshot, settings: poolSettings({ meet: 'redis://cache/0' }) }, 0)).toEqual([]);
  });
});
