import { compareVersions } from '../kit/program.ts';
import { note, ok, type Verdict, wrong } from './check.ts';

/** Below this, `git cat-file --batch-command` does not exist. */
const LEAST_GIT = '2.36.0';

/** The oldest git that agentq is tested with. */
const TESTED_GIT = '2.39.0';

const LEAST_NODE = '20.19.0';

/** The node that runs this agentq. @param version without a `v` */
export function judgeNode(version: string): Verdict {
  return compareVersions(version, LEAST_NODE) < 0
    ? wrong(`node ${version} is too old`, `agentq needs node ${LEAST_NODE} or newer`)
    : ok(`node ${version}`);
}

/** @param words what `git version` prints */
export function judgeGit(words: string): Verdict {
  const version = /\b(\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)/.exec(words)?.[1];
  if (version === undefined) return note('git does not say which version it is', 'agentq needs git 2.39 or newer');
  const whole = /^\d+\.\d+$/.test(version) ? `${version}.0` : version;
  if (compareVersions(whole, LEAST_GIT) < 0) return wrong(`git ${version} is too old`, 'install git 2.39 or newer');
  return compareVersions(whole, TESTED_GIT) < 0
    ? note(`git ${version} is older than what agentq is tested with`, 'install git 2.39 or newer')
    : ok(`git ${version}`);
}

/** @param folder where processes of this user meet; undefined: nowhere */
export function judgeMeeting(folder: string | undefined): Verdict {
  return folder === undefined
    ? note(
        'the processes of this user have no folder of their own to meet in, so each pushes for itself',
        'the folder agentq in XDG_RUNTIME_DIR (or agentq-<uid> in the temporary folder) must be yours alone: mode 0700, made by you',
      )
    : ok('the processes of this user meet, and share pushes');
}

/** A process of this user that runs agentq. */
export interface AgentqProcess {
  readonly pid: number;
  /** Of the package that it was started from, as it is on the disk now; undefined: it is not known. */
  readonly version: string | undefined;
}

/**
 * @param own the version that is running; undefined: it has none
 * @param others undefined: this system does not show them
 */
export function judgeProcesses(own: string | undefined, others: readonly AgentqProcess[] | undefined): Verdict {
  if (others === undefined) return note('this system does not show which other agentq processes run');
  const other = others.filter(({ version }) => version !== undefined && version !== own);
  const unknown = others.filter(({ version }) => version === undefined).length;
  const asIs = own === undefined ? '' : `, of version ${own}`;
  if (other.length === 0) {
    const told = unknown === 0 ? asIs : `; ${unknown} of a version that is not known`;
    return ok(others.length === 0 ? 'no other agentq runs here' : `${counted(others.length)} here${told}`);
  }
  const named = [...new Set(other.map(({ version }) => version))].sort().join(', ');
  const pids = other.map(({ pid }) => pid);
  const shown = `${pids.slice(0, 5).join(', ')}${pids.length > 5 ? ', ...' : ''}`;
  return note(
    `${counted(other.length)} here from other versions: ${named} (process ${shown}); this is ${own ?? 'no release'}`,
    'versions with different messages share no pushes: every claim is still right, but a race costs more; start them again with one version',
  );
}

function counted(count: number): string {
  return count === 1 ? '1 other agentq process runs' : `${count} other agentq processes run`;
}

/** What the scripts and workflows of the kit run. */
export interface KitProgram {
  readonly releases: readonly string[];
  /** The package that they run instead; undefined: none. */
  readonly pinned: string | undefined;
}

/** What the kit on the branch runs, compared with what runs here. */
export function judgeRelease(own: string | undefined, { releases, pinned }: KitProgram): Verdict {
  if (pinned !== undefined) {
    const version = /@(\d[^@]*)$/.exec(pinned)?.[1];
    if (version === undefined || version === own || own === undefined) return ok(`the kit runs the package ${pinned}`);
    return note(`the kit runs the package ${pinned}, and this is ${own}`, 'install the same version here');
  }
  const newest = [...releases].sort(compareVersions).at(-1);
  if (newest === undefined)
    return ok('the branch has no release of agentq: its scripts run the agentq of each machine');
  if (own === undefined || newest === own) return ok(`the kit runs agentq ${newest}`);
  return compareVersions(newest, own) > 0
    ? note(`the kit runs agentq ${newest}, and this is ${own}`, 'install the newer version here')
    : note(`the kit runs agentq ${newest}, and this is ${own}`, '`agentq init` writes this version into the kit');
}

/** How git's ssh is started. */
export interface SshFacts {
  /** Whether the remote is reached by ssh. */
  readonly transport: 'ssh' | 'other';
  /** The setting `ssh_share`. */
  readonly wanted: 'shared' | 'apart';
  /** Why one connection cannot be shared here; undefined: it can. */
  readonly obstacle: string | undefined;
}

/** Whether commands share a connection over ssh. */
export function judgeSsh({ transport, wanted, obstacle }: SshFacts): Verdict {
  if (transport === 'other') return ok('the remote is not reached by ssh');
  if (wanted === 'apart') {
    return obstacle === undefined
      ? note(
          'each command makes an ssh connection of its own',
          'with `ssh_share: true` in the settings, commands of one minute share one',
        )
      : ok(`agentq leaves the ssh connections as they are: ${obstacle}`);
  }
  return obstacle === undefined
    ? ok('commands share an ssh connection')
    : note(`\`ssh_share\` has no effect here: ${obstacle}`);
}
