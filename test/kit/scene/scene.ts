import { mkdir } from 'node:fs/promises';
import { type AgentqRun, type RunningAgentq, type RunOptions, startAgentq } from '../processes/run-agentq.ts';
import { queueFiles } from '../queues/queue-files.ts';
import { HttpGitServer } from '../remotes/http-git-server.ts';
import { type Files, GitSandbox, sandboxFolder } from './git-sandbox.ts';

export interface SceneOptions {
  /** So many ready tasks, TASK-1 and on, in a queue with files of the user's own. */
  readonly tasks?: number;
  /** What else is in the remote's first commit. With neither this nor `tasks`, there is no remote until a test makes one. */
  readonly files?: Files;
  /** Names of clones of the remote. */
  readonly clones?: readonly string[];
  /** For `git clone`. */
  readonly cloning?: readonly string[];
}

/**
 * All that one test has for itself: a sandbox, in it a remote and clones where it asks for them, and whatever it starts.
 * Repositories that another test has made alike are copies, which cost 5 ms.
 *
 * Hold it with `await using`: at its end processes are killed, gates opened and servers stopped, the last one first, and then
 * the folder is removed.
 */
export async function scene(options: SceneOptions = {}): Promise<Scene> {
  const { tasks, files, clones = [], cloning = [] } = options;
  const box = new Scene(await sandboxFolder());
  if (tasks !== undefined || files !== undefined) {
    await box.bareRemote({ ...(tasks === undefined ? {} : queueFiles(tasks)), ...files }, { name: box.remote });
  }
  for (const name of clones) await box.clone(box.remote, name, ...cloning);
  return box;
}

/** What is closed when its scene is over. */
interface Closable {
  close(): unknown;
}

/** See {@link scene}, which makes them. */
export class Scene extends GitSandbox {
  /** The bare remote of the tasks and files that were asked for. */
  readonly remote = 'remote.git';
  readonly #owned: Closable[] = [];
  #http: Promise<HttpGitServer> | undefined;

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.remove();
  }

  /** Ends everything that the scene has started, the last one first. Its files stay. */
  async stop(): Promise<void> {
    for (const one of this.#owned.splice(0).reverse()) await one.close();
  }

  /** Makes an empty folder. @returns its absolute path */
  async folder(name: string): Promise<string> {
    await mkdir(this.path(name));
    return this.path(name);
  }

  /** Where the branch of the remote is. */
  tip(remote: string = this.remote): Promise<string> {
    return this.git(remote, 'rev-parse', 'develop');
  }

  /** The server of all bare repositories of the scene, started when it is first asked for. */
  http(): Promise<HttpGitServer> {
    this.#http ??= HttpGitServer.start(this.root, this.env).then((server) => {
      this.owns({ close: () => server.stop() });
      return server;
    });
    return this.#http;
  }

  /** Closes a gate, a server or what else there is to close, when the scene is over. */
  owns<T extends Closable>(one: T): T {
    this.#owned.push(one);
    return one;
  }

  /** The options to run agentq with in a folder of the scene. */
  in(dir: string, options: RunOptions = {}): RunOptions {
    return { cwd: this.path(dir), ...options, env: { ...this.env, ...options.env } };
  }

  /** Starts the real binary in a folder of the scene, and kills it when the scene is over. */
  start(dir: string, args: readonly string[], options: RunOptions = {}): RunningAgentq {
    const running = startAgentq(args, this.in(dir, options));
    this.owns({
      close: async () => {
        running.child.kill('SIGKILL');
        await running.done;
      },
    });
    return running;
  }

  /** Runs the real binary in a folder of the scene, to its end. */
  agentq(dir: string, ...args: readonly string[]): Promise<AgentqRun> {
    return this.start(dir, args).done;
  }
}
