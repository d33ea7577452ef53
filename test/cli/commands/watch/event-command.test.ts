import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../../src/cli/command/config.ts';
import { systemClock } from '../../../../src/cli/command/system.ts';
import { EventCommand, type EventDocument } from '../../../../src/cli/commands/watch/event-command.ts';
import { wantedEvents } from '../../../../src/cli/commands/watch/wanted-events.ts';
import type { Log } from '../../../../src/cli/output/log.ts';
import type { TaskEvent } from '../../../../src/domain/past/task-event.ts';
import { type Scene, scene } from '../../../kit/scene/scene.ts';

const EVENT: EventDocument = {
  event: 'task.completed',
  time: '2025-01-02T03:04:05Z',
  project: 'auth',
  task: 'TASK-7',
  title: 'A \u001b[31mred\nline',
  ref: 'github#12',
  agent: 'a1',
  commit: 'c0ffee',
  cursor: 'c0ffee',
};

async function commandIn(box: Scene, script: string, rules: { retries?: number; timeoutMs?: number } = {}) {
  const said: string[] = [];
  const controller = new AbortController();
  const log = { info: (line: string) => said.push(line) } as unknown as Log;
  const env = { PATH: process.env.PATH, AGENTQ_CLAIM_ID: 'of-a-worker', EMPTY: undefined };
  const context = { clock: systemClock, config: { dir: box.root } as Config, env, log, signal: controller.signal };
  const own = { command: ['sh', '-c', script], retries: 3, retryDelayMs: 1, timeoutMs: 60_000, ...rules };
  const command = new EventCommand(own, { branch: 'develop', remote: 'origin' }, context);
  return { said, controller, handle: (event = EVENT) => command.handle(event) };
}

describe('a command for an event', () => {
  it('has it whole on stdin, and without anything hidden in its environment', async () => {
    await using box = await scene({});
    const { handle, said } = await commandIn(
      box,
      'cat > stdin; env | grep ^AGENTQ | sort > env; echo "\u001b[31mdone"',
    );
    expect(await handle()).toEqual({ kind: 'done' });
    expect(JSON.parse(await readFile(box.path('stdin'), 'utf8'))).toEqual(EVENT);
    const env = (await readFile(box.path('env'), 'utf8')).trim().split('\n');
    expect(env).toEqual([
      'AGENTQ_BRANCH=develop',
      'AGENTQ_EVENT=task.completed',
      'AGENTQ_EVENT_AGENT=a1',
      'AGENTQ_EVENT_COMMIT=c0ffee',
      'AGENTQ_EVENT_PR_URL=',
      'AGENTQ_EVENT_REASON=',
      'AGENTQ_EVENT_REF=github#12',
      'AGENTQ_EVENT_TIME=2025-01-02T03:04:05Z',
      'AGENTQ_EVENT_TITLE=A \\x1b[31mred\\nline',
      'AGENTQ_PROJECT=auth',
      'AGENTQ_REMOTE=origin',
      'AGENTQ_TASK=auth/TASK-7',
      'AGENTQ_TASK_ID=TASK-7',
    ]);
    expect(said).toEqual(['auth/TASK-7: \u001b[31mdone']);
  });

  it('is told what was said: of an answer the answer, and not its question', async () => {
    await using box = await scene({});
    const { handle, said } = await commandIn(box, 'echo "$AGENTQ_EVENT_REASON"');
    for (const words of [
      { event: 'task.asked', question: 'Which port?' },
      { event: 'task.answered', question: 'Which port?', answer: '8080' },
      { event: 'task.noted', note: 'half done' },
      { event: 'task.blocked', reason: 'legal' },
    ] as const) {
      expect(await handle({ ...EVENT, ...words })).toEqual({ kind: 'done' });
    }
    expect(said).toEqual(['Which port?', '8080', 'half done', 'legal'].map((line) => `auth/TASK-7: ${line}`));
  });

  it('is tried again until it succeeds, and not for ever', async () => {
    await using box = await scene({});
    const fails = 'echo >> tries; test $(wc -l < tries) -gt 2';
    const { handle, said } = await commandIn(box, fails);
    expect(await handle()).toEqual({ kind: 'done' });
    expect(said.filter((line) => line.includes('failed (exit code 1): again'))).toHaveLength(2);
    const never = await commandIn(box, 'echo >> more; exit 7', { retries: 2 });
    expect(await never.handle()).toEqual({ kind: 'given-up', why: 'exit code 7, after 3 tries' });
    expect(await readFile(box.path('more'), 'utf8')).toBe('\n\n\n');
  });

  it('ends with its time, and with us, and then counts as not handled', async () => {
    await using box = await scene({});
    const slow = await commandIn(box, 'exec sleep 600', { retries: 0, timeoutMs: 50 });
    expect(await slow.handle()).toMatchObject({ kind: 'given-up', why: 'it did not end within 1 s' });
    const { handle, controller } = await commandIn(box, 'echo begun; exec sleep 600');
    const handled = handle();
    controller.abort(new Error('stopped'));
    await expect(handled).rejects.toThrow('stopped');
  });
});

describe('the events of a command', () => {
  const event = (kind: TaskEvent['kind'], more: Partial<TaskEvent> = {}): TaskEvent => {
    return { kind, project: 'auth', task: 'T', agent: 'a', commit: 'c', at: 0, ...more };
  };

  it.each<[string, TaskEvent, boolean]>([
    ['completed,asking', event('task.completed'), true],
    ['completed,asking', event('task.asked'), true],
    ['completed, stalled', event('task.stalled'), true],
    ['task.noted', event('task.noted'), true],
    ['failed', event('task.released'), false],
    ['failed', event('task.released', { failures: 1 }), true],
    ['all', event('task.renewed'), false],
    ['all', event('task.removed'), true],
    ['renewed', event('task.renewed'), true],
  ])('%s: %o', (words, one, isWanted) => {
    expect(wantedEvents([words])(one)).toBe(isWanted);
  });

  it('are refused by other words', () => {
    expect(() => wantedEvents(['complete'])).toThrow('--on "complete" is not an event');
    expect(() => wantedEvents([' ,'])).toThrow('--on names no event');
  });
});
