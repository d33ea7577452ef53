import { closest } from '../../domain/base/suggest.ts';
import type { Environment } from '../output/io.ts';

/** A variable that agentq reads. */
export interface EnvironmentVariable {
  readonly name: string;
  /** The option it stands in for; absent if agentq itself sets it for the commands it runs. */
  readonly flag?: string;
  /** Key in the `agentq` section of the settings file, if it has one. */
  readonly setting?: string;
  readonly meaning: string;
}

/** Every variable, in the order of the help and the documentation. */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  { name: 'AGENTQ_REMOTE', flag: '--remote', setting: 'remote', meaning: 'remote that holds the queue' },
  { name: 'AGENTQ_BRANCH', flag: '--branch', setting: 'branch', meaning: 'coordination branch' },
  { name: 'AGENTQ_BASE', flag: '--base', setting: 'base', meaning: 'branch that worktrees start from' },
  { name: 'AGENTQ_PROJECT', flag: '[project]', meaning: 'project, when the command line names none' },
  { name: 'AGENTQ_MIN_PRIORITY', flag: '--min-priority', meaning: 'lowest priority to claim' },
  { name: 'AGENTQ_MAX_PRIORITY', flag: '--max-priority', meaning: 'highest priority to claim' },
  { name: 'AGENTQ_TYPE', flag: '--type', meaning: 'type of task to claim' },
  { name: 'AGENTQ_PREFER', flag: '--prefer', meaning: 'project to claim from first' },
  { name: 'AGENTQ_WAIT', flag: '--wait', meaning: '1 or a duration: sleep until there is something to claim' },
  {
    name: 'AGENTQ_MAX_RETRIES',
    flag: '--max-retries',
    setting: 'max_retries',
    meaning: 'rejected pushes to try again',
  },
  { name: 'AGENTQ_BACKOFF', flag: '--backoff', setting: 'backoff', meaning: 'full-jitter or guide' },
  {
    name: 'AGENTQ_BACKOFF_BASE',
    flag: '--backoff-base',
    setting: 'backoff_base',
    meaning: 'first delay of full-jitter',
  },
  {
    name: 'AGENTQ_PUSH_LIMIT',
    flag: '--push-limit',
    setting: 'push_limit',
    meaning: 'simultaneous pushes of this machine',
  },
  { name: 'AGENTQ_TIMEOUT', flag: '--timeout', setting: 'timeout', meaning: 'time limit of a command' },
  { name: 'AGENTQ_COMBINE', flag: '--combine', setting: 'combine', meaning: 'all, local, remote or none' },
  {
    name: 'AGENTQ_MEET',
    flag: '--meet',
    setting: 'meet',
    meaning: 'Redis or etcd where machines meet, or off; may have a password',
  },
  { name: 'AGENTQ_MEET_FILE', meaning: 'file with that URL; only you may have read permission' },
  { name: 'AGENTQ_MEET_CA', meaning: 'file with the certificates that signed the certificate of the meeting server' },
  { name: 'AGENTQ_MEET_CERT', meaning: 'file with our own certificate, if that server asks for one' },
  { name: 'AGENTQ_MEET_KEY', meaning: 'file with the key of our own certificate' },
  { name: 'AGENTQ_MACHINE', meaning: 'name of this machine for `agentq agents` (default: its host name)' },
  { name: 'AGENTQ_NO_SYNC', flag: '--no-sync', meaning: '1: leave the checkout as it is' },
  { name: 'AGENTQ_LOG_FORMAT', flag: '--log-format', meaning: 'text or json' },
  { name: 'AGENTQ_QUIET', flag: '--quiet', meaning: '1: print only errors' },
  { name: 'AGENTQ_VERBOSE', flag: '--verbose', meaning: '1: print every step' },
  { name: 'AGENTQ_TRACE', meaning: '1: print every step and its time on stderr' },
  { name: 'NO_COLOR', flag: '--no-color', meaning: 'anything: no colours' },
  { name: 'AGENTQ_CLAIM_ID', flag: '--claim-id', meaning: 'claim that must hold the task AGENTQ_TASK_ID' },
  { name: 'AGENTQ_TASK_ID', flag: '<task-id>', meaning: "the worker's task, when the command line names none" },
  { name: 'AGENTQ_TASK_FILE', meaning: 'the file of that task' },
  { name: 'AGENTQ_RESULT_FILE', meaning: 'file in which the command of that task may report on its work' },
  {
    name: 'AGENTQ_AGENT',
    flag: '--agent',
    meaning: "the worker's agent id; also stands for <agent-id> in commands about its own task",
  },
  { name: 'AGENTQ_EVENT', meaning: 'the event that a command of `agentq watch` is run for, such as task.completed' },
  { name: 'AGENTQ_TASK', meaning: 'the task of that event, such as auth/TASK-7' },
  { name: 'AGENTQ_BIN', meaning: 'the agentq that the scripts in .agents-core/scripts start' },
  { name: 'AGENTQ_DEBUG', meaning: '1: print stack traces of internal errors' },
];

/** Warnings about variables that look like agentq's but are not: a misspelt one would silently do nothing. */
export function unknownVariableWarnings(env: Environment): string[] {
  const known = ENVIRONMENT.map((variable) => variable.name);
  return Object.keys(env)
    .filter((name) => name.startsWith('AGENTQ_') && !/^AGENTQ_(?:TEST|EVENT)_/.test(name) && !known.includes(name))
    .sort()
    .map((name) => {
      // AGENTQ_SYNC is not AGENTQ_NO_SYNC.
      const meant = closest(
        name,
        known.filter((candidate) => candidate.includes('_NO_') === name.includes('_NO_')),
      );
      return `unknown environment variable ${name}${meant === undefined ? '' : `, did you mean ${meant}?`}`;
    });
}
