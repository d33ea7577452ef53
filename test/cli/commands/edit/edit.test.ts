import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../../src/domain/intents/intent.ts';
import { parseIntent } from '../../../../src/engine/wire/intent-schema.ts';
import { session } from '../../../kit/scene/cli-session.ts';

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `T-${index + 1}`);

async function asked(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stderr, intents } = await session(['edit', ...args, '--agent', 'a1', '--priority', '3'], {}, { env });
  const [intent] = intents as readonly (Intent | undefined)[];
  return { code, stderr, intent: intent?.kind === 'edit' ? intent : undefined };
}

describe('edit', () => {
  it('takes as many tasks as other machines take of one intent, and says so of more before it asks anybody', async () => {
    const { intent } = await asked(ids(1000));
    expect(intent?.more).toHaveLength(999);
    expect(parseIntent(JSON.parse(JSON.stringify(intent)))).toEqual(intent);
    expect(parseIntent({ ...intent, more: [...(intent?.more ?? []), { id: 'T-0' }] })).toBeUndefined();

    const refused = await asked(ids(1001));
    expect(refused).toMatchObject({ code: 64, intent: undefined });
    expect(refused.stderr).toContain('at most 1000 tasks can be edited at once, and 1001 are named');
  });

  it('takes tasks without a project for those of AGENTQ_PROJECT', async () => {
    const { intent } = await asked(['T-1', 'pay/T-2'], { AGENTQ_PROJECT: 'auth' });
    expect([intent?.task, ...(intent?.more ?? [])]).toEqual([
      { project: 'auth', id: 'T-1' },
      { project: 'pay', id: 'T-2' },
    ]);
    expect((await asked(['T-1', 'a/b/c'])).code).toBe(64);
  });
});
