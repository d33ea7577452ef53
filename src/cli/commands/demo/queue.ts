import type { SandboxCommit } from '../../../../lab/sandbox/sandbox.ts';
import { isoSeconds } from '../../../domain/base/clock.ts';
import { SETTINGS_FILE } from '../../../domain/base/settings-file.ts';
import { locationOf } from '../../../domain/queue/layouts.ts';
import { encodeTask } from '../../../store/codec/write-task.ts';

/** Project of the demo. */
export const PROJECT = 'shop';
/** Folders of the project, in the layout with the shortest paths. */
const FOLDERS = locationOf('agents', PROJECT).folders;
/** The agent that claimed a task long ago and fell silent. */
export const SILENT_AGENT = 'dora';
export const SILENT_HOURS = 2;

/** The tasks of the demo, by the part they play. */
export const TASK = { first: 'SHOP-1', second: 'SHOP-2', waiting: 'SHOP-3', stalled: 'SHOP-4' } as const;

/** The tasks that the planner adds for the pool. */
export const PLAN: { readonly file: string; readonly text: string } = {
  file: 'plan.json',
  text: `${JSON.stringify(
    {
      project: PROJECT,
      tasks: [
        { id: 'SHOP-5', title: 'Measure the slow pages', priority: 6 },
        { id: 'SHOP-6', title: 'Draw the new product page', priority: 6 },
        { id: 'SHOP-7', title: 'Collect the shipping rates', priority: 6 },
        { id: 'SHOP-8', title: 'Cache the product list', requires: ['SHOP-5'] },
        { id: 'SHOP-9', title: 'Build the product page', requires: ['SHOP-6'] },
        { id: 'SHOP-10', title: 'Compute shipping', requires: ['SHOP-7'] },
        { id: 'SHOP-11', title: 'Translate the mails', priority: 4 },
        { id: 'SHOP-12', title: 'Test the whole checkout', requires: ['SHOP-9', 'SHOP-10'] },
      ],
    },
    undefined,
    2,
  )}\n`,
};

interface DemoTask {
  readonly id: string;
  readonly title: string;
  readonly priority: number;
  readonly status: 'ready' | 'blocked';
  readonly required: readonly string[];
}

const TASKS: readonly DemoTask[] = [
  { id: TASK.first, title: 'Create the database schema', priority: 9, status: 'ready', required: [] },
  { id: TASK.second, title: 'Design the sign-in page', priority: 8, status: 'ready', required: [] },
  { id: TASK.waiting, title: 'Write the orders API', priority: 7, status: 'blocked', required: [TASK.first] },
  { id: TASK.stalled, title: 'Import the old customers', priority: 5, status: 'ready', required: [] },
];

/** History of the demo's branch: a planner adds four tasks, an agent claims one of them and falls silent. */
export function demoCommits(now: number): readonly SandboxCommit[] {
  const seconds = Math.floor(now / 1000);
  const claimedAt = seconds - SILENT_HOURS * 3600;
  const files = Object.fromEntries(TASKS.map((task) => [`${FOLDERS.ready}${task.id}.toon`, taskFile(task)]));
  const ready = `${FOLDERS.ready}${TASK.stalled}.toon`;
  // Otherwise one of the three agents that claim at once would take the stalled task, and there would be no step for
  // it.
  const settings = { [SETTINGS_FILE]: 'agentq:\n  reclaim: off\n' };
  const claimed = isoSeconds(claimedAt * 1000);
  const claim = encodeTask({
    claim: {
      claimed_by: SILENT_AGENT,
      claimed_at: claimed,
      last_heartbeat: claimed,
      claim_attempt: 1,
      claim_id: 'aaaabbbbccccdddd',
    },
  });
  return [
    {
      message: `Add ${TASKS.length} tasks`,
      author: agent('planner'),
      timeSeconds: claimedAt - 600,
      files: { ...files, ...settings },
    },
    {
      message: `[AGENT-CLAIM] ${SILENT_AGENT} claimed ${TASK.stalled} from ${PROJECT}`,
      author: agent(SILENT_AGENT),
      timeSeconds: claimedAt,
      files: {
        [ready]: null,
        [`${FOLDERS.claimed}${TASK.stalled}.toon`]: `${files[ready]}${claim}`,
      },
    },
  ];
}

function taskFile({ id, title, priority, status, required }: DemoTask): string {
  return encodeTask({
    task: { id, project: PROJECT, title, type: 'feature', priority, status },
    acceptance_criteria: ['It works', 'It has tests'],
    dependencies: { required },
  });
}

function agent(name: string): { name: string; email: string } {
  return { name, email: `${name}@agentq.invalid` };
}
