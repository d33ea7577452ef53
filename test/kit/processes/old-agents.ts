import { spawn } from 'node:child_process';
import { OLD_AGENT } from '../../../lab/simulation/old-agent.ts';
import type { GitSandbox, RunResult } from '../scene/git-sandbox.ts';

/** Runs an agent of the older kind in its clone (see {@link OLD_AGENT}), with waits short enough for a test. */
export function runOldAgent(sandbox: GitSandbox, clone: string, ...args: readonly string[]): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', OLD_AGENT, 'old-agent', ...args], {
      cwd: sandbox.path(clone),
      env: { ...sandbox.env, OLD_AGENT_DELAY: '0.05' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? -1, stdout, stderr }));
  });
}

/** A small task as the older scripts wrote and read them. */
export function plainTask(id: string, options: { priority?: number; required?: readonly string[] } = {}): string {
  const { priority = 5, required = [] } = options;
  return [
    'task:',
    `  id: ${id}`,
    `  title: Title of ${id}`,
    '  type: backend',
    `  priority: ${priority}`,
    '  status: ready',
    'dependencies:',
    `  required[${required.length}]:${required.length === 0 ? '' : ` ${required.join(',')}`}`,
    '',
  ].join('\n');
}
