import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { AGENTQ_BIN } from '../../kit/processes/run-agentq.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { scene } from '../../kit/scene/scene.ts';

/** An agentq whose first completion does not reach the remote, and that keeps a list of what was asked of it. */
const FLAKY = `#!/bin/sh
echo " $* " >> "$CALLS"
case "$1" in
  complete) if [ ! -e "$CALLS.cut" ]; then : > "$CALLS.cut"; echo "cut off" >&2; exit 4; fi ;;
esac
exec "${AGENTQ_BIN}" "$@"
`;

/** Reads its task, and fails the second one once. */
const AGENT = `
case $AGENTQ_TASK_ID in
  TASK-2) if [ ! -e "$CALLS.failed" ]; then : > "$CALLS.failed"; exit 7; fi ;;
esac
grep -q "id: $AGENTQ_TASK_ID"
`;

describe('worker.sh', () => {
  it('completes again what did not arrive, gives back what failed, and leaves nothing running', async () => {
    await using box = await scene({
      files: {
        '.agents/auth/tasks/TASK-1.toon': plainTask('TASK-1', { priority: 9 }),
        '.agents/auth/tasks/TASK-2.toon': plainTask('TASK-2'),
      },
      clones: ['clone'],
    });
    expect(await box.agentq('clone', 'init')).toMatchObject({ code: 0 });
    await box.write('bin', { flaky: FLAKY });
    await chmod(box.path('bin', 'flaky'), 0o755);
    const calls = box.path('bin', 'calls');
    const worker = ['.agents-core/scripts/worker.sh', 'a1', 'auth', '--', 'sh', '-c', AGENT];
    const variables = [`AGENTQ_BIN=${box.path('bin', 'flaky')}`, `CALLS=${calls}`, 'WORKER_PAUSE=1'];
    const run = await box.run(box.path('clone'), 'env', [...variables, ...worker]);
    expect(run, run.stderr).toMatchObject({ exitCode: 0, stdout: 'auth/TASK-1\nauth/TASK-2\n' });

    const asked = (await box.read('bin', 'calls')).split('\n');
    expect(asked.filter((command) => command.includes(' complete '))).toHaveLength(3);
    expect(asked.filter((command) => command.includes(' release '))).toHaveLength(1);
    expect(asked.filter((command) => command.includes(' heartbeat '))).toHaveLength(3);
    const audit = await auditQueue(box.path(box.remote));
    expect(audit.violations).toEqual([]);
    expect(Object.fromEntries(audit.tip)).toEqual({ 'auth/TASK-1': 'completed', 'auth/TASK-2': 'completed' });
    // Whatever was started carries the variable.
    const left = await box.run(box.root, 'sh', [
      '-c',
      `grep -l "CALLS=${calls}" /proc/[0-9]*/environ 2>/dev/null | wc -l`,
    ]);
    expect(left.stdout.trim()).toBe('0');
  });
});
