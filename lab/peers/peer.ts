import { must, type Place, run } from './commands.ts';

/** A tool that agents get tasks from, and how its own documentation tells agents to use it. */
export interface Peer {
  readonly name: string;
  /** Its package on npm, and the program in it; absent for agentq, which is here. */
  readonly package?: string;
  readonly program?: string;
  /** What its documentation says of claims, in a few words. */
  readonly says: string;
  /** What switches telemetry off, and the like. */
  readonly env?: Readonly<Record<string, string>>;
  /** Makes a queue with this many tasks in a clone, and shares it with those to come. */
  prepare(tool: Tool, tasks: number): Promise<void>;
  /** What an agent does that wants a task: the task that it then takes for its own, undefined if there is none. */
  claim(tool: Tool, agent: string): Promise<string | undefined>;
  /** What an agent of another clone does before it claims. */
  receive?(tool: Tool): Promise<void>;
  /**
   * Shares a claim with other clones, in a loop made by hand around {@link claim}.
   * @returns whether the agent may keep the task
   */
  share?(tool: Tool, agent: string, task: string): Promise<boolean>;
}

/** A tool in one folder. */
export interface Tool {
  readonly place: Place;
  /** @returns its stdout. @throws Error if it fails */
  must(...args: string[]): Promise<string>;
  /** @returns whether it succeeded, and its stdout */
  try(...args: string[]): Promise<{ ok: boolean; stdout: string }>;
  git(...args: string[]): Promise<string>;
  tryGit(...args: string[]): Promise<boolean>;
}

/** @param command the program with its first arguments */
export function toolAt([program = '', ...first]: readonly string[], place: Place): Tool {
  return {
    place,
    must: (...args) => must(program, [...first, ...args], place),
    async try(...args) {
      const { code, stdout } = await run(program, [...first, ...args], place);
      return { ok: code === 0, stdout };
    },
    git: (...args) => must('git', args, place),
    tryGit: async (...args) => (await run('git', args, place)).code === 0,
  };
}
