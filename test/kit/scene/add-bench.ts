import { type AgentqRun, runAgentq } from '../processes/run-agentq.ts';
import { GitSandbox } from './git-sandbox.ts';

export const TASK = 'task:\n id: TASK-007\n title: Old\n status: ready\n priority: 3\n';

/** A remote with one project, and a clone of it. */
export class AddBench {
  readonly sandbox: GitSandbox;
  readonly remote: string;

  private constructor(sandbox: GitSandbox, remote: string) {
    this.sandbox = sandbox;
    this.remote = remote;
  }

  static async create(files: Record<string, string> = { '.agents/auth/tasks/TASK-007.toon': TASK }): Promise<AddBench> {
    const sandbox = await GitSandbox.create();
    const remote = await sandbox.bareRemote(files);
    await sandbox.clone(remote, 'clone');
    return new AddBench(sandbox, remote);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.remove();
  }

  run(args: readonly string[], input?: string, clone = 'clone'): Promise<AgentqRun> {
    const options = { cwd: this.sandbox.path(clone), env: this.sandbox.env };
    return runAgentq(args, input === undefined ? options : { ...options, input });
  }

  async write(files: Record<string, string>): Promise<void> {
    await this.sandbox.write('.', files);
  }

  files(): Promise<Record<string, string>> {
    return this.sandbox.files(this.remote, 'develop');
  }

  tip(): Promise<string> {
    return this.sandbox.git(this.remote, 'rev-parse', 'develop');
  }

  log(format: string, ...args: string[]): Promise<string> {
    return this.sandbox.git(this.remote, 'log', `--format=${format}`, ...args, 'develop');
  }
}
