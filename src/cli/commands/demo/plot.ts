import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../../../../lab/sandbox/sandbox.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { PLAN, SILENT_AGENT, SILENT_HOURS, TASK } from './queue.ts';
import type { Stage } from './stage.ts';

/** The agents that work; each has a clone of its own. */
export const AGENTS = ['ann', 'ben', 'cleo'] as const;

/** Stands in for an agent: it reads its task, takes a while and says that it is done. */
const POOL_COMMAND = 'grep -m1 title; sleep 0.6; echo done';

/** Plays the whole demo: a day of a pool of agents, in a few seconds. */
export async function play(stage: Stage, sandbox: Sandbox): Promise<void> {
  stage.step(
    'A queue is a branch with one file for each task.',
    `The folder that a task is in is its state. ${TASK.waiting} waits for ${TASK.first}; ${SILENT_AGENT} claimed ${TASK.stalled}`,
    `${SILENT_HOURS} hours ago and has not been heard of since.`,
  );
  await stage.run({ agent: AGENTS[0], args: ['list'] }, 0);

  stage.step(
    'Three agents claim at once.',
    'Two tasks can be claimed. The remote takes one push at a time, so no two agents ever get the same task;',
    'the agent that gets none is told why.',
  );
  const claims = await stage.runAtOnce(AGENTS.map((agent) => ({ agent, args: ['claim', agent] })));
  const winnerOf = (id: string): string => agentWho(claims, (claim) => claim.stdout.trim().endsWith(`/${id}`));
  const builder = winnerOf(TASK.first);
  winnerOf(TASK.second);
  const idle = agentWho(claims, ({ exitCode }) => exitCode === 1);

  stage.step('A claim is a block at the end of the task file.', 'Nothing else in the file changes.');
  await stage.run({ agent: builder, args: ['show', TASK.first] }, 0);

  stage.step(
    'A stalled claim is released.',
    `Any agent can do this, or a CI job. ${SILENT_AGENT}'s task can be claimed again, with the bytes it had before.`,
    'Other queues do not need this: unless the settings say `reclaim: off`, as here, a claim takes stalled tasks by itself.',
  );
  await stage.run({ agent: idle, args: ['release-stalled', '--older-than', '30m'] }, 0);
  await stage.run({ agent: idle, args: ['claim', idle] }, 0);

  stage.step(
    `${SILENT_AGENT} wakes up and is fenced off.`,
    'The claim is lost, so it can change nothing: exit 3 means stop working on this task.',
  );
  await stage.run({ agent: SILENT_AGENT, args: ['heartbeat', TASK.stalled, SILENT_AGENT] }, 3);
  await stage.run({ agent: SILENT_AGENT, args: ['complete', TASK.stalled, SILENT_AGENT] }, 3);

  stage.step('The owner says that it is still working.', 'It does so every few minutes, and keeps the claim.');
  await stage.nextSecond();
  await stage.run({ agent: idle, args: ['heartbeat', TASK.stalled, idle] }, 0);

  stage.step(
    'A task is completed, and what waited for it becomes ready.',
    `Both in one commit. ${builder} goes on with ${TASK.waiting}.`,
  );
  await stage.run({ agent: builder, args: ['complete', TASK.first, builder] }, 0);
  await stage.run({ agent: builder, args: ['claim', builder] }, 0);

  stage.step(
    'A pool of four works through a plan.',
    'One process, four agents: each runs a command for one task after another. Here the command only takes a while.',
    'They renew their claims together, and wait for each other where a task needs others to be complete.',
  );
  await writeFile(join(sandbox.root, PLAN.file), PLAN.text);
  await stage.run({ agent: idle, args: ['add', '--file', `../${PLAN.file}`] }, 0);
  await stage.runLive(
    { agent: idle, args: ['work', 'pool', '--concurrency', '4', '--', 'sh', '-c'] },
    POOL_COMMAND,
    `'${POOL_COMMAND}'`,
  );

  stage.step('This is the queue now, and the branch is its history.');
  await stage.run({ agent: builder, args: ['list'] }, 0);
  const commits = await sandbox.log();
  stage.aside(
    "git -C queue.git log --reverse --format='%h %<(12)%an %s' develop",
    commits.map(({ oid, authorName, subject }) => `${oid.slice(0, 7)} ${authorName.padEnd(12)} ${subject}`),
  );
}

function agentWho<Run extends { readonly agent: string }>(runs: readonly Run[], did: (run: Run) => boolean): string {
  const found = runs.filter(did);
  if (found.length === 1 && found[0] !== undefined) return found[0].agent;
  throw new Failure('internal', `${found.length} agents of the demo did what one should have done`);
}
