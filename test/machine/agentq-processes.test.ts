import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { agentqProcesses } from '../../src/machine/agentq-processes.ts';
import { scene } from '../kit/scene/scene.ts';

const WAITS = 'process.stdin.resume(); console.log("ready");';

it.runIf(process.platform === 'linux')(
  'tells processes of agentq from others, and what each was started from',
  async () => {
    await using box = await scene();
    await box.write('.', {
      'package.json': JSON.stringify({ name: 'agentq', version: '9.8.7' }),
      'bin/agentq.js': WAITS,
      'bin/other.js': WAITS,
      'kit/agentq-1.2.3.cjs': WAITS,
    });
    const start = async (file: string): Promise<number> => {
      const child = spawn(process.execPath, [file, 'claim'], { cwd: box.root, stdio: ['pipe', 'pipe', 'ignore'] });
      box.owns({ close: () => child.kill('SIGKILL') });
      await once(child.stdout, 'data');
      return child.pid ?? 0;
    };
    const [own, release, other] = [
      await start('bin/agentq.js'),
      await start(box.path('kit/agentq-1.2.3.cjs')),
      await start('bin/other.js'),
    ];
    const found = new Map(agentqProcesses()?.map(({ pid, version }) => [pid, version]));
    expect(found.get(own)).toBe('9.8.7');
    expect(found.get(release)).toBe('1.2.3');
    expect(found.has(other)).toBe(false);
  },
);
