import { readFileSync } from 'node:fs';
import { decode } from '@toon-format/toon';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BACKOFF_BASE_MS, DEFAULT_BRANCH, DEFAULT_MAX_RETRIES } from '../../../src/cli/command/config.ts';
import { DEFAULT_POOL_SETTINGS } from '../../../src/domain/queue/snapshot.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { parseSettings, poolSettings, SETTING_KEYS } from '../../../src/store/reading/settings.ts';

const kit = new URL('../../../.agents-core/', import.meta.url);
const settings = readFileSync(new URL('config/agentq.toon', kit), 'utf8');

describe('the settings file of the kit', () => {
  const offered = [...settings.matchAll(/^ {2}# (\w+)(?:\[\d+\])?: (.+)$/gm)];
  const switchedOn = settings.replace(/^ {2}# (?=\w+(?:\[\d+\])?: )/gm, '  ');

  it('sets nothing as it is', () => {
    expect(parseSettings(settings, 'agentq.toon')).toEqual({});
  });

  it('offers every setting once, with a line above that says what it does', () => {
    expect(offered.map(([, key]) => key).sort()).toEqual([...SETTING_KEYS].sort());
    const lines = settings.split('\n');
    for (const [line] of offered) expect(lines[lines.indexOf(line) - 1]).toMatch(/^ {2}## \S/);
  });

  it('shows the defaults', () => {
    const parsed = parseSettings(switchedOn, 'agentq.toon');
    // Which branch holds the code is found out: an example stands in the place of a default.
    expect(poolSettings(parsed)).toEqual({ ...DEFAULT_POOL_SETTINGS, base: 'main' });
    expect(parsed).toMatchObject({
      remote: 'origin',
      branch: DEFAULT_BRANCH,
      maxRetries: DEFAULT_MAX_RETRIES,
      backoffBaseMs: DEFAULT_BACKOFF_BASE_MS,
      backoff: 'full-jitter',
      combine: 'all',
    });
  });
});

describe('the task template of the kit', () => {
  const bytes = readFileSync(new URL('templates/task.toon', kit));

  it('is a task without defects in canonical TOON', () => {
    const reading = readTask(bytes, { path: 'TASK-001.toon', project: 'my-project', id: 'TASK-001' });
    expect(reading).toMatchObject({ kind: 'read', findings: [], task: { status: 'ready', priority: 5, required: [] } });
    expect(reading.kind === 'read' && reading.task.acceptanceCriteria).toHaveLength(2);
    expect(decode(bytes.toString())).toMatchObject({ task: { id: 'TASK-001' } });
  });
});
