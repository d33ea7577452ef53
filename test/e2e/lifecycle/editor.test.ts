import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { AGENTQ_BIN, NODE } from '../../kit/processes/run-agentq.ts';
import { scene } from '../../kit/scene/scene.ts';

const AUTH = '.agents/auth';
const TASK = `${AUTH}/tasks/TASK-1.toon`;
const hasScript = spawnSync('script', ['--version']).status === 0;

it.skipIf(!hasScript)(
  'a task is edited in the editor of git, in a terminal, and nothing that was written is lost',
  async () => {
    const text = plainTask('TASK-1').replaceAll('\n', '\r\n').trimEnd();
    await using box = await scene({ files: { [TASK]: text }, clones: ['clone', 'other'] });
    await box.git('clone', 'config', 'user.name', 'Ann');
    const agentq = `'${NODE}' '${AGENTQ_BIN}'`;
    /** `agentq edit TASK-1` in a terminal, with an editor that is this shell script; its own words and those of agentq. */
    const edit = async (editor: string) => {
      await box.write('scripts', { editor: `set -e\nfile=$1\n${editor}\n` });
      await box.git('clone', 'config', 'core.editor', `sh '${box.path('scripts')}/editor'`);
      const command = `cd '${box.path('clone')}' && TMPDIR='${box.root}' env -u VISUAL -u EDITOR -u GIT_EDITOR ${agentq} edit TASK-1`;
      const { exitCode, stdout } = await box.run(box.root, 'script', ['-qec', command, '/dev/null']);
      return { exitCode, said: stdout };
    };
    const onBranch = async () => {
      await box.git('clone', 'fetch', '-q', 'origin');
      return box.git('clone', 'show', `origin/develop:${TASK}`);
    };

    // While Ann thinks, somebody else changes another line: both changes are there, and every other byte is as it was.
    const meanwhile = `(cd '${box.path('other')}' && ${agentq} edit TASK-1 --priority 42 --agent b -q >/dev/null)`;
    const merged = await edit(
      `grep -q '^# .*auth/TASK-1 on develop' "$file"\n${meanwhile}\nsed -i 's/^ *title: .*/  title: Sign up\\r/' "$file"`,
    );
    expect(merged.said).toContain('your changes were merged');
    expect(merged.exitCode).toBe(0);
    const after = text.replace(/^ *title: .*$/m, '  title: Sign up').replace(/priority: \d+/, 'priority: 42');
    expect(await onBranch()).toBe(after.trimEnd());
    expect(await box.git('clone', 'log', '-1', '--format=%an %s', 'origin/develop')).toBe(
      'Ann [AGENT-EDIT] Ann edited auth/TASK-1',
    );

    // In the same line it cannot be merged, and another id is no text of this task: what was written is in the file that is named.
    const tip = await box.git('clone', 'rev-parse', 'origin/develop');
    const refused = await edit(`sed -i 's/id: TASK-1/id: TASK-2/' "$file"`);
    expect(refused.exitCode).toBe(5);
    expect(refused.said).toContain('the id of auth/TASK-1 cannot be changed to "TASK-2"');
    const kept = /your text is in (\S+\.toon)/.exec(refused.said.replaceAll(/\r?\n/g, ''))?.[1];
    expect(readFileSync(kept ?? '', 'utf8')).toContain('id: TASK-2');
    const empty = await edit(': > "$file"');
    expect(empty).toMatchObject({ exitCode: 5, said: expect.stringContaining('is empty: nothing was changed') });
    expect(await onBranch()).toBe(after.trimEnd());
    expect(await box.git('clone', 'rev-parse', 'origin/develop')).toBe(tip);

    const both = meanwhile.replace('--priority 42', "--title 'Sign out'");
    const conflict = await edit(`${both}\nsed -i 's/title: .*/title: Sign off/' "$file"`);
    expect(conflict.exitCode).toBe(5);
    expect(conflict.said).toContain('others changed the same lines of auth/TASK-1 meanwhile');
    expect(await onBranch()).toContain('title: Sign out');

    expect(await box.agentq('clone', 'edit', 'TASK-1')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('there is no terminal for an editor'),
    });
  },
);
