/**
 * What users are told about a setting. Only help and the reference load this: the settings themselves are read
 * elsewhere.
 */
export interface SettingReference {
  /** The key in the section `agentq` of the settings file. */
  readonly key: string;
  /** The default: a value, or words in parentheses. */
  readonly otherwise: string;
  /** `branch`: read from the coordination branch, the same for the whole pool. `clone`: read from the working tree. */
  readonly from: 'branch' | 'clone';
  readonly meaning: string;
  readonly page?: string;
}

/** Every setting, in the order of the help and the documentation. */
export const SETTINGS: readonly SettingReference[] = [
  { key: 'remote', otherwise: 'origin', from: 'clone', meaning: 'remote that holds the queue' },
  { key: 'branch', otherwise: 'develop', from: 'clone', meaning: 'coordination branch' },
  {
    key: 'stalled_after',
    otherwise: '30m',
    from: 'branch',
    meaning: 'a claim without a heartbeat for this long is stalled',
    page: 'docs/lifecycle.md#when-a-claim-is-stalled',
  },
  {
    key: 'review_after',
    otherwise: '7d',
    from: 'branch',
    meaning: 'a claim that has been in review for this long is stalled',
    page: 'docs/lifecycle.md#waiting-to-be-merged',
  },
  {
    key: 'max_releases',
    otherwise: '3',
    from: 'branch',
    meaning: 'a task is blocked after it has stalled this many times: something in it kills its agents',
    page: 'docs/lifecycle.md#tasks-that-kill-their-agents',
  },
  {
    key: 'max_failures',
    otherwise: '3',
    from: 'branch',
    meaning: 'a task is blocked after this many failures of the commands of workers, on all machines together',
    page: 'docs/lifecycle.md#tasks-that-fail',
  },
  {
    key: 'limits',
    otherwise: '(none)',
    from: 'branch',
    meaning: 'how many tasks may be claimed at once',
    page: 'docs/pools.md#limits-of-the-pool',
  },
  {
    key: 'reclaim',
    otherwise: 'claim',
    from: 'branch',
    meaning: '`claim`: claims take stalled tasks too; `off`: only `release-stalled` gives them back',
    page: 'docs/lifecycle.md#when-a-claim-is-stalled',
  },
  {
    key: 'layouts',
    otherwise: '(all)',
    from: 'branch',
    meaning: 'the layouts to look for',
    page: 'docs/queue.md#layouts',
  },
  {
    key: 'combine',
    otherwise: 'all',
    from: 'clone',
    meaning:
      'share pushes with agents on this machine (`local`), on others (`remote`), both (`all`) or nobody (`none`)',
  },
  { key: 'max_retries', otherwise: '8', from: 'clone', meaning: 'how many rejected pushes to try again' },
  {
    key: 'backoff',
    otherwise: 'full-jitter',
    from: 'clone',
    meaning: "delays between tries: `full-jitter`, or `guide` for the older scripts' 1, 2, 4, 8, 16 s",
  },
  { key: 'backoff_base', otherwise: '250ms', from: 'clone', meaning: 'first delay of `full-jitter`' },
  { key: 'timeout', otherwise: '(none)', from: 'clone', meaning: 'time limit of a command' },
  {
    key: 'heartbeat',
    otherwise: 'commit',
    from: 'branch',
    meaning:
      '`commit`: on the branch; `ref`: one overwritten ref per claim, which keeps the history short. `init` sets `ref` in new queues',
    page: 'docs/pools.md#heartbeats-as-refs',
  },
  {
    key: 'base',
    otherwise: "(the queue's branch if it holds code, else the remote's default)",
    from: 'branch',
    meaning: 'branch of the remote that worktrees start from',
    page: 'docs/pools.md#worktrees',
  },
  {
    key: 'skip_ci',
    otherwise: 'false',
    from: 'branch',
    meaning: '`true`: commits of the queue contain `[skip ci]`, so that GitHub and GitLab start no workflows for them',
    page: 'docs/servers.md#what-to-set',
  },
  {
    key: 'sign',
    otherwise: 'false',
    from: 'branch',
    meaning: '`true`: commits of the queue are signed with the key of whoever makes them',
    page: 'docs/servers.md#what-to-set',
  },
  {
    key: 'branches',
    otherwise: '(none)',
    from: 'branch',
    meaning: 'coordination branches of projects, such as `{ auth-service: develop-auth }`',
    page: 'docs/branches.md',
  },
  {
    key: 'branch_name',
    otherwise: 'feature/{task}',
    from: 'branch',
    meaning: 'names of the branches of worktrees: `{task}`, `{project}`, `{agent}`',
    page: 'docs/pools.md#worktrees',
  },
  {
    key: 'push_limit',
    otherwise: '20',
    from: 'clone',
    meaning: 'how many pushes of this machine may run at once; if machines meet at a server, of all of them',
    page: 'docs/meeting-places.md#the-push-limit',
  },
  {
    key: 'meet',
    otherwise: '(none)',
    from: 'clone',
    meaning:
      'Redis or etcd where machines meet: `redis://host:6379/0`, `rediss://`, `etcd://host:2379`, `etcds://`, or `off`; without a password',
    page: 'docs/meeting-places.md',
  },
  {
    key: 'ssh_share',
    otherwise: 'false',
    from: 'clone',
    meaning: '`true`: over ssh, commands within 60 s of each other share one connection',
    page: 'docs/settings.md#over-ssh',
  },
];
