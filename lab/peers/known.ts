import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BY_GIT, publish } from './by-git.ts';
import type { Peer } from './peer.ts';

const AGENTQ: Peer = {
  name: 'agentq',
  says: 'a claim is one push with a lease: one winner',
  async prepare(tool, tasks) {
    await tool.must('init', '--quiet');
    const plan = join(tool.place.cwd, '..', 'plan.json');
    await writeFile(plan, JSON.stringify(titles(tasks).map((title) => ({ title }))));
    await tool.must('add', '--quiet', '--file', plan);
  },
  async claim(tool, agent) {
    const { ok, stdout } = await tool.try('claim', agent, '--quiet');
    return ok ? stdout.trim() : undefined;
  },
};

/** https://github.com/MrLesk/Backlog.md, `backlog instructions task-execution`. */
const BACKLOG: Peer = {
  ...BY_GIT,
  name: 'Backlog.md',
  package: 'backlog.md',
  program: 'backlog',
  says: 'read the task, set it to In Progress and assign yourself',
  async prepare(tool, tasks) {
    await tool.must('init', 'race', '--defaults', '--agent-instructions', 'none');
    for (const title of titles(tasks)) await tool.must('task', 'create', title, '--plain');
    await publish(tool);
  },
  async claim(tool, agent) {
    const list = await tool.must('task', 'list', '--status', 'To Do', '--ready', '--unassigned', '--json');
    const [task] = JSON.parse(list).tasks as readonly { id: string }[];
    if (task === undefined) return undefined;
    await tool.must('task', 'view', task.id, '--plain');
    await tool.must('task', 'edit', task.id, '--status', 'In Progress', '--assignee', `@${agent}`, '--plain');
    return task.id;
  },
};

/** https://github.com/unbraind/pm-cli, its agent guide and `pm claim --help`. */
const PM: Peer = {
  ...BY_GIT,
  name: 'pm-cli',
  package: '@unbrained/pm-cli',
  program: 'pm',
  says: '`claim --next`: atomic in one folder',
  env: { PM_TELEMETRY_DISABLED: '1', PM_SENTRY_DISABLED: '1' },
  async prepare(tool, tasks) {
    await tool.must('init', '--defaults', '--agent-guidance', 'skip');
    for (const title of titles(tasks))
      await tool.must('create', '--title', title, '--type', 'Task', '--status', 'open');
    await publish(tool);
  },
  async claim(tool, agent) {
    const { ok, stdout } = await tool.try('claim', '--next', '--author', agent, '--json');
    return ok ? /"id": "([^"]+)"/.exec(stdout)?.[1] : undefined;
  },
};

/** https://github.com/jlevy/tbd, `tbd prime`. Its tasks live on a branch of its own, which `tbd sync` merges. */
const TBD: Peer = {
  name: 'tbd',
  package: 'get-tbd',
  program: 'tbd',
  says: 'set it to in_progress; "does not aim to solve real-time multi-agent coordination"',
  async prepare(tool, tasks) {
    await tool.must('init', '--prefix', 'race');
    for (const title of titles(tasks)) await tool.must('create', title);
    await publish(tool);
    await tool.must('sync', '--issues');
  },
  async claim(tool, agent) {
    const [task] = JSON.parse(await tool.must('ready', '--json')) as readonly { id: string }[];
    if (task === undefined) return undefined;
    await tool.must('update', task.id, '--status', 'in_progress', '--assignee', agent);
    return task.id;
  },
  async receive(tool) {
    await tool.must('sync', '--issues');
  },
  async share(tool, agent, task) {
    if (!(await tool.try('sync', '--issues')).ok) return false;
    // What somebody else shared in between has been merged now, silently.
    return (await tool.must('show', task, '--json')).includes(`"assignee": "${agent}"`);
  },
};

/**
 * https://github.com/eyaltoledano/claude-task-master, the workflow of the `CLAUDE.md` that its `init` writes. `next`
 * offers what is in progress, too: a loop around it cannot help.
 */
const TASK_MASTER: Peer = {
  receive: BY_GIT.receive,
  name: 'task-master',
  package: 'task-master-ai',
  program: 'task-master',
  says: '`next`, which offers what is in progress, too; then set it to in-progress',
  async prepare(tool, tasks) {
    await tool.must(
      'init',
      '--yes',
      '--name',
      'race',
      '--no-git',
      '--git-tasks',
      '--skip-install',
      '--rules',
      'claude',
    );
    // Its own commands make tasks with a model.
    const folder = join(tool.place.cwd, '.taskmaster', 'tasks');
    await mkdir(folder, { recursive: true });
    const made = titles(tasks).map((title, index) => ({
      id: index + 1,
      title,
      description: title,
      status: 'pending',
      dependencies: [],
      priority: 'medium',
      details: '',
      testStrategy: '',
      subtasks: [],
    }));
    await writeFile(join(folder, 'tasks.json'), `${JSON.stringify({ master: { tasks: made } }, null, 2)}\n`);
    await publish(tool);
  },
  async claim(tool) {
    const words = await tool.must('next', '--format', 'json');
    // Around the document it may print notices in frames.
    const lines = words.split('\n');
    const begin = lines.indexOf('{');
    const document = lines.slice(begin, lines.indexOf('}', begin) + 1).join('\n');
    const { task } = JSON.parse(document) as { task: { id: string } | null };
    if (task === null) return undefined;
    await tool.must('set-status', `--id=${task.id}`, '--status=in-progress');
    return task.id;
  },
};

/** The peers that race, agentq first: the others are compared with it. */
export const PEERS: readonly Peer[] = [AGENTQ, PM, BACKLOG, TBD, TASK_MASTER];

/** What was looked at and does not race, with the reason. */
export const NOT_RACED: readonly { readonly name: string; readonly why: string }[] = [
  {
    name: 'beads',
    why: 'its npm package (@beads/bd) downloads its program from GitHub, outside of npm',
  },
];

function titles(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `Task ${index + 1}`);
}
