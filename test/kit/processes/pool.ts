import { expect } from 'vitest';
import { auditQueue } from '../queues/queue-audit.ts';
import type { GitSandbox } from '../scene/git-sandbox.ts';
import { type AgentqRun, startAgentq } from './run-agentq.ts';

/** One agent of a pool that claims. */
export interface PoolMember {
  readonly agent: string;
  /** Where it runs: a folder of the sandbox. */
  readonly dir: string;
  readonly options?: readonly string[];
}

export interface PoolAnswer extends AgentqRun {
  readonly agent: string;
  /** `project/TASK-ID`; undefined where the agent got none. */
  readonly task: string | undefined;
}

/** All claim at once: every process is started before any is waited for. */
export function claimAtOnce(box: GitSandbox, members: readonly PoolMember[]): Promise<PoolAnswer[]> {
  return Promise.all(
    members.map(async ({ agent, dir, options = [] }) => {
      const run = await startAgentq(['claim', agent, ...options], { cwd: box.path(dir), env: box.env }).done;
      return { ...run, agent, task: run.code === 0 ? run.stdout.trim() : undefined };
    }),
  );
}

const LOG_LINE = /^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\] \[[\w.-]+\] \S/;

/** Everyone was answered: a task and nothing else on stdout, or one line that says why there is none. */
export function expectAnswers(answers: readonly PoolAnswer[]): void {
  for (const { agent, code, signal, stdout, stderr } of answers) {
    const lines = stderr.split('\n').filter((line) => line !== '');
    const strange = lines.filter((line) => !LOG_LINE.test(line) || !line.includes(`[${agent}]`));
    expect({ agent, signal, strange }).toEqual({ agent, signal: null, strange: [] });
    const reasons = lines.filter((line) => line.includes('] nothing to claim')).length;
    if (code === 0) {
      expect({ agent, stdout, reasons }).toEqual({
        agent,
        stdout: expect.stringMatching(/^[\w.-]+\/[\w.-]+\n$/),
        reasons: 0,
      });
    } else expect({ agent, code, stdout, reasons }, stderr).toEqual({ agent, code: 1, stdout: '', reasons: 1 });
  }
}

/**
 * What the remote's history must say after a pool has claimed: every winner has exactly the task it was told, by one
 * commit that touches nothing else, and in no commit a task was in two places or in none.
 *
 * @param base the branch before the pool began
 */
export async function expectClaims(
  box: GitSandbox,
  repository: string,
  base: string,
  answers: readonly PoolAnswer[],
): Promise<void> {
  const audit = await auditQueue(box.path(repository));
  expect(audit.violations).toEqual([]);
  const winners = new Map(answers.flatMap(({ agent, task }) => (task === undefined ? [] : [[task, agent] as const])));
  expect(winners.size, 'no task was given to two agents').toBe(answers.filter(({ task }) => task !== undefined).length);
  const moves = audit.moves.filter(({ from }) => from !== undefined);
  expect(moves.map(({ from, to }) => `${from} ${to}`)).toEqual(moves.map(() => 'ready claimed'));
  expect(new Map(moves.map(({ task, owner }) => [task, owner]))).toEqual(winners);
  const claims = await commitsSince(box, repository, base);
  expect(claims).toHaveLength(winners.size);
  for (const claim of claims) await expectClaimCommit(box, repository, claim, winners);
}

interface ClaimCommit {
  readonly id: string;
  readonly author: string;
  readonly email: string;
  readonly subject: string;
  readonly trailers: Readonly<Record<string, string>>;
}

async function commitsSince(box: GitSandbox, repository: string, base: string): Promise<ClaimCommit[]> {
  const format = '%H%x00%an%x00%ae%x00%s%x00%(trailers:only,unfold,separator=%x01)';
  const log = await box.git(repository, 'log', '--reverse', `--format=${format}`, `${base}..develop`);
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', author = '', email = '', subject = '', trailers = ''] = line.split('\0');
      const pairs = trailers.split('\u0001').map((trailer) => trailer.split(': ', 2) as [string, string]);
      return { id, author, email, subject, trailers: Object.fromEntries(pairs) };
    });
}

async function expectClaimCommit(
  box: GitSandbox,
  repository: string,
  { id, author, email, subject, trailers }: ClaimCommit,
  winners: ReadonlyMap<string, string>,
): Promise<void> {
  const task = trailers['Agentq-Task'] ?? '';
  const [project = '', name = ''] = task.split('/');
  const agent = winners.get(task) ?? '';
  expect({ author, email, subject }).toEqual({
    author: agent,
    email: `${agent}@agentq.invalid`,
    subject: `[AGENT-CLAIM] ${agent} claimed ${name} from ${project}`,
  });
  expect(trailers).toEqual({
    'Agentq-Task': task,
    'Agentq-Agent': agent,
    'Agentq-Request': expect.stringMatching(/^[a-z][a-z0-9]{15}$/),
    'Agentq-Attempts': expect.stringMatching(/^[1-9]\d*$/),
    'Agentq-Waited-Ms': expect.stringMatching(/^\d+$/),
  });
  const [from, to] = [`.agents/${project}/tasks/${name}.toon`, `.agents/${project}/claimed/${name}.toon`];
  const touched = await box.git(repository, 'diff-tree', '-r', '--no-renames', '--name-status', '--no-commit-id', id);
  expect(touched.split('\n').sort()).toEqual([`A\t${to}`, `D\t${from}`]);
  const before = await box.git(repository, 'cat-file', 'blob', `${id}^:${from}`);
  const after = await box.git(repository, 'cat-file', 'blob', `${id}:${to}`);
  expect(after.slice(0, before.length + 1)).toBe(`${before}\n`);
  const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
  expect(after.slice(before.length + 1)).toMatch(
    new RegExp(
      `^\nclaim:\n +claimed_by: ${agent}\n +claimed_at: ${time}\n +last_heartbeat: ${time}\n` +
        ` +claim_attempt: ${trailers['Agentq-Attempts']}\n +claim_id: ${trailers['Agentq-Request']}$`,
    ),
  );
}
