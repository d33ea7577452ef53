import type { GitClient } from '../../src/git/process/git-client.ts';
import type { AgentAnswer } from './pool.ts';

/** A task that went from ready to claimed. */
export interface ClaimOnBranch {
  readonly task: string;
  readonly agent: string;
}

/** What the branch tells about a simulation, commit by commit. */
export interface Audit {
  readonly commits: number;
  readonly claims: readonly ClaimOnBranch[];
  readonly completions: number;
  /** Broken guarantees, in words; empty if all held. */
  readonly violations: readonly string[];
}

const COMMIT = '\u0001';
const FIELD = '\u0002';
const PATH = /^\.agents\/([^/]+)\/(tasks|claimed|completed)\/([^/]+)\.toon$/;

/** Walks every commit of the branch: in each, a task must be in exactly one folder, and be claimed only when ready. */
export async function auditBranch(git: GitClient, ref: string): Promise<Audit> {
  const format = `--format=${COMMIT}%H${FIELD}%s`;
  const text = await git.run(['log', '--reverse', '--topo-order', '--no-renames', '--name-status', format, ref, '--']);
  const walk = new Walk();
  for (const part of text.split(COMMIT).slice(1)) {
    const [head = '', ...changes] = part.split('\n').filter((line) => line !== '');
    const [oid = '', subject = ''] = head.split(FIELD);
    walk.commit(oid.slice(0, 10), subject, changes);
  }
  return walk;
}

class Walk implements Audit {
  commits = 0;
  completions = 0;
  readonly claims: ClaimOnBranch[] = [];
  readonly violations: string[] = [];
  readonly #folders = new Map<string, Set<string>>();

  commit(oid: string, subject: string, changes: readonly string[]): void {
    const before = new Map<string, string | undefined>();
    for (const change of changes) {
      const [status = '', path = ''] = change.split('\t');
      const [, project, folder, id] = PATH.exec(path) ?? [];
      if (project === undefined || folder === undefined || id === undefined) continue;
      const task = `${project}/${id}`;
      const folders = this.#folders.get(task) ?? new Set<string>();
      this.#folders.set(task, folders);
      if (!before.has(task)) before.set(task, [...folders][0]);
      if (status === 'D') folders.delete(folder);
      else folders.add(folder);
    }
    for (const [task, from] of before) this.#moved(oid, subject, task, from);
    this.commits++;
  }

  #moved(oid: string, subject: string, task: string, from: string | undefined): void {
    const folders = [...(this.#folders.get(task) ?? [])];
    const [to] = folders;
    if (folders.length !== 1) {
      this.violations.push(`commit ${oid} (${subject}): ${task} is in ${folders.join(' and ') || 'no folder'}`);
    }
    const claimant = /^\[AGENT-CLAIM\] (\S+) claimed /.exec(subject)?.[1];
    if (claimant !== undefined && from !== 'tasks') {
      this.violations.push(`commit ${oid} (${subject}): ${task} was not ready, but in ${from ?? 'no folder'}`);
    }
    if (claimant !== undefined && to === 'claimed') this.claims.push({ task, agent: claimant });
    if (from === 'claimed' && to === 'completed') this.completions++;
  }
}

/** Contradictions between what agents were told and what the branch says, in words. */
export function contradictions(answers: readonly AgentAnswer[], { claims }: Audit): string[] {
  const found: string[] = [];
  const onBranch = new Set(claims.map(({ agent, task }) => `${agent} ${task}`));
  const told = answers.filter(({ action, task }) => action === 'claim' && task !== undefined);
  for (const { agent, task } of told) {
    if (!onBranch.has(`${agent} ${task}`))
      found.push(`${agent} was told that it has ${task}, the branch says otherwise`);
  }
  const agents = new Map<string, Set<string>>();
  for (const { agent, task = '' } of told) agents.set(task, (agents.get(task) ?? new Set()).add(agent));
  for (const [task, winners] of agents) {
    if (winners.size > 1) found.push(`${[...winners].join(' and ')} were told that they have ${task}`);
  }
  const killed = new Set(answers.filter(({ exitCode }) => exitCode === null).map(({ agent }) => agent));
  const toldAs = new Set(told.map(({ agent, task }) => `${agent} ${task}`));
  for (const { agent, task } of claims) {
    if (!killed.has(agent) && !toldAs.has(`${agent} ${task}`)) found.push(`${agent} has ${task} and was not told`);
  }
  return found;
}
