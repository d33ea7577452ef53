import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/**
 * What the older scripts did after a completion: every blocked or pending task that requires something, all of which is
 * in the folder of completed tasks, becomes ready by one `sed`. They know nothing about reasons.
 * @returns the names of the tasks that it opened
 */
export async function unblockAsBefore(sandbox: GitSandbox, clone: string): Promise<string[]> {
  await sandbox.git(clone, 'fetch', '-q', 'origin');
  await sandbox.git(clone, 'reset', '-q', '--hard', 'origin/develop');
  const opened: string[] = [];
  const root = sandbox.path(clone);
  for (const path of (await sandbox.git(clone, 'ls-files', '.agents/*/tasks/*.toon')).split('\n')) {
    const [, project = '', , name = ''] = path.split('/');
    const text = path === '' ? '' : readFileSync(join(root, path), 'utf8');
    if (!/^ *status: (?:blocked|pending)/m.test(text)) continue;
    const required = /^ *required\[\d*\]: *(.*)$/m.exec(text)?.[1]?.split(',') ?? [];
    const isThere = (id: string): boolean => existsSync(join(root, '.agents', project, 'completed', `${id}.toon`));
    if (required.join('') === '' || !required.every(isThere)) continue;
    writeFileSync(join(root, path), text.replace(/^( *status: )(?:blocked|pending)/m, '$1ready'));
    opened.push(`${project}/${name.replace('.toon', '')}`);
  }
  if (opened.length === 0) return opened;
  await sandbox.git(clone, 'commit', '-q', '-a', '-m', `[ORCHESTRATOR] Unblocked ${opened.length} tasks`);
  await sandbox.git(clone, 'push', '-q', 'origin', 'HEAD:develop');
  return opened;
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
