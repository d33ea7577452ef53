import { spawn } from 'node:child_process';

/** What a program answered; it may have failed. */
export interface Answer {
  /** null: it could not be started, or took too long and was ended. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where programs of one agent run. */
export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Longest time (ms) that one program may take. */
  readonly limitMs: number;
}

/** Runs a program to its end, or ends it with all that it started. Never throws for what the program does. */
export function run(program: string, args: readonly string[], { cwd, env, limitMs }: Place): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const answer = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      answer.stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      answer.stderr += chunk.toString();
    });
    const limit = setTimeout(() => {
      answer.stderr = `took longer than ${limitMs / 1000} s\n`;
      if (child.pid !== undefined) endGroup(child.pid);
    }, limitMs);
    child.on('error', (error) => {
      clearTimeout(limit);
      resolve({ code: null, stdout: '', stderr: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(limit);
      resolve({ code, ...answer });
    });
  });
}

/** @throws Error with the program's first words about it if it fails */
export async function must(program: string, args: readonly string[], place: Place): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, place);
  if (code === 0) return stdout;
  const words = `${stderr}\n${stdout}`.split('\n').find((line) => /\w/.test(line)) ?? '';
  throw new Error(words.trim());
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
