import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createSandbox, type Sandbox } from '../../../../lab/sandbox/sandbox.ts';
import type { CommandContext } from '../../command/context.ts';
import type { CommonOptions } from '../../command/declaration.ts';
import type { Input } from '../../command/input.ts';
import { AGENTS, play } from './plot.ts';
import { demoCommits, SILENT_AGENT } from './queue.ts';
import type { DemoResult } from './result.ts';
import { Stage } from './stage.ts';

/** Options of `agentq demo`. */
export interface DemoOptions extends CommonOptions {
  readonly folder: 'remove' | 'keep';
}

/** Reads the options of `agentq demo`. */
export function parse(input: Input): DemoOptions {
  return { folder: input.isOn('keep') ? 'keep' : 'remove' };
}

/** Shows what agentq does, on a queue in a temporary repository, with real processes. */
export async function run(options: DemoOptions, context: CommandContext): Promise<DemoResult> {
  const { clock, style, env, signal, say } = context;
  const sandbox = await createSandbox({
    parent: tmpdir(),
    branch: 'develop',
    commits: demoCommits(clock.now()),
    env,
    signal,
  });
  const isKept = options.folder === 'keep';
  // A second Ctrl-C ends this process at once, without the `finally` below.
  const removeAtExit = (): void => rmSync(sandbox.root, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    say('agentq demo: four agents and a queue, in a temporary folder. It takes a few seconds.');
    for (const agent of [...AGENTS, SILENT_AGENT]) await sandbox.clone(agent);
    const canDraw = context.answer === 'text' && context.stderr.sink.isTerminal;
    const stage = new Stage({ sandbox, style, clock, signal, canDraw, say });
    await play(stage, sandbox);
    say('');
    for (const line of farewell(sandbox, isKept)) say(line);
    return { steps: stage.steps, folder: isKept ? sandbox.root : null };
  } finally {
    process.removeListener('exit', removeAtExit);
    if (!isKept || signal.aborted) await sandbox.remove();
  }
}

function farewell({ root }: Sandbox, isKept: boolean): string[] {
  if (!isKept) {
    return [
      'The temporary folder is removed. `agentq demo --keep` keeps it, so that you can try the commands in it;',
      '`agentq help` lists all commands, and docs/getting-started.md says how to set up your own queue.',
    ];
  }
  const program = process.argv[1] ?? 'agentq';
  return [
    'The folder is yours now; remove it when you are done. To repeat the commands:',
    `  cd ${root}`,
    `  alias agentq='"${process.execPath}" "${program}"'`,
  ];
}
