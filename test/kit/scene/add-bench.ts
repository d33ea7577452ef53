import type { AgentqRun } from '../processes/run-agentq.ts';
import { type Scene, scene } from './scene.ts';

export const TASK = 'task:\n id: TASK-007\n title: Old\n status: ready\n priority: 3\n';

/** A remote with one project, a clone of it, and what `add` has made of them. */
export class AddBench implements AsyncDisposable {
  readonly box: Scene;

  private constructor(box: Scene) {
    this.box = box;
  }

  static async create(files: Record<string, string> = { '.agents/auth/tasks/TASK-007.toon': TASK }): Promise<AddBench> {
    return new AddBench(await scene({ files, clones: ['clone'] }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.box[Symbol.asyncDispose]();
  }

  run(args: readonly string[], input?: string, clone = 'clone'): Promise<AgentqRun> {
    return this.box.start(clone, args, input === undefined ? {} : { input }).done;
  }

  async write(files: Record<string, string>): Promise<void> {
    await this.box.write('.', files);
  }

  files(): Promise<Record<string, string>> {
    return this.box.files(this.box.remote, 'develop');
  }

  tip(): Promise<string> {
    return this.box.tip();
  }

  log(format: string, ...args: string[]): Promise<string> {
    return this.box.git(this.box.remote, 'log', `--format=${format}`, ...args, 'develop');
  }
}
