import type { PushFault as RemoteFault } from '../../lab/model/memory-remote.ts';
import type { Span } from './world/process.ts';

/**
 * A world as plain data: who runs where and when, and what goes wrong. The same one, with the same seed, runs the same.
 */
export interface WorldSpec {
  readonly seed: number;
  readonly tasks: number;
  /** After this long (ms) a claim without heartbeat is stalled. */
  readonly stalledAfterMs?: number;
  /** How the pool renews claims; absent: by commits. */
  readonly heartbeat?: 'commit' | 'ref';
  readonly machines: readonly MachineSpec[];
  readonly processes: readonly ProcessSpec[];
  readonly server: ServerSpec;
  readonly latencyMs: number;
  /** Where machines meet; absent: nowhere. */
  readonly meet?: MeetServerSpec;
}

/** A server at which machines meet. Spans are ms from the beginning. */
export interface MeetServerSpec {
  readonly latencyMs: number;
  /** Chance that a message is lost on its way. */
  readonly loss?: number;
  /** Nobody is answered. */
  readonly away?: readonly Span[];
  /** Machines that are not answered. */
  readonly cut?: readonly { readonly machine: number; readonly span: Span }[];
  /** When (ms) it forgets who leads. */
  readonly forgets?: readonly number[];
  /** Most pushes at once of all machines that meet there; absent: so many that nobody waits. */
  readonly pushLimit?: number;
  /** Whether it tells that nobody listens; absent: it does. */
  readonly knowsListeners?: false;
}

export interface MachineSpec {
  readonly offsetMs?: number;
  readonly rate?: number;
  readonly diskFull?: readonly Span[];
  readonly meets?: boolean;
}

/** What a server can and cannot do, and when it is away. Spans are ms from the beginning. */
export interface ServerSpec {
  readonly atomic?: boolean;
  /** What becomes of refs of ours that are made. */
  readonly making?: 'taken' | 'refused' | 'unknown-words' | 'hidden' | 'short-names' | 'too-large';
  /** What becomes of refs of ours that are deleted. */
  readonly deleting?: 'taken' | 'refused' | 'unknown-words';
  /** Nothing can be reached. */
  readonly outages?: readonly Span[];
  /** Pushes are refused for now, in words of HTTP. */
  readonly limited?: readonly Span[];
  /** Connections are accepted, and nothing is said. */
  readonly silent?: readonly Span[];
  /** Chance of something going wrong with a push, within these spans; undefined: never. */
  readonly faults?: { readonly share: number; readonly within: Span; readonly kinds: readonly PushFault[] };
  /** Faults of certain pushes. */
  readonly scripted?: readonly ScriptedFault[];
}

/** What may go wrong with one push: what the server does, or no answer until the connection is cut. */
export type PushFault =
  | Exclude<RemoteFault, 'lost'>
  /** Carried out before, or never. */
  | 'hangs-landed'
  | 'hangs-lost';

export const PUSH_FAULTS: readonly PushFault[] = [
  'answer-lost',
  'answer-reset',
  'never-arrived',
  'late',
  'hangs-landed',
  'hangs-lost',
  'refused',
  'unknown-words',
  'rejected',
  'locked',
  'doubled',
  'half-branch',
  'half-others',
];

export interface ScriptedFault {
  /** Whose push; absent: anybody's. */
  readonly process?: string;
  readonly what: 'branch' | 'request' | 'delete' | 'any';
  /** Which one of those, from 1; absent: every one. */
  readonly number?: number;
  readonly fault: PushFault;
  /** Right after it the server cannot be reached for this long. */
  readonly thenAwayMs?: number;
}

export interface ProcessSpec {
  readonly name: string;
  /** Index of its machine. */
  readonly machine: number;
  /** After the beginning, or after the end of the process that `after` names. */
  readonly startMs: number;
  readonly after?: string;
  readonly command: Command;
  /** Of agentq: those of different versions do not meet. */
  readonly version?: string;
  readonly events?: readonly ProcessEvent[];
}

/** Something that is done to a process, at a time after its start or at a step of it. */
export interface ProcessEvent {
  readonly at: { readonly ms: number } | { readonly step: Step; readonly number: number };
  readonly do: 'kill' | 'suspend' | 'interrupt' | 'interrupt-again';
  /** How long it stays suspended. */
  readonly forMs?: number;
}

/** What a process begins to do. */
export type Step = 'look' | 'read' | 'build' | 'push' | 'pushed' | 'look-up';

export type Command =
  | {
      readonly kind: 'claim';
      readonly agent: string;
      readonly timeoutMs?: number;
      /** Longest wait for something to claim; `ever`: no limit. */
      readonly waitMs?: number | 'ever';
      readonly maxRetries?: number;
    }
  /** About the task that was claimed by the process that this names. */
  | {
      readonly kind: 'complete' | 'review' | 'release' | 'heartbeat' | 'note' | 'edit' | 'ask' | 'answer' | 'take';
      readonly claim: string;
      readonly timeoutMs?: number;
      readonly maxRetries?: number;
    }
  /** About the task of that number, from 1, in whatever state it is. */
  | {
      readonly kind: 'cancel' | 'reopen' | 'block' | 'free';
      readonly task: number;
      readonly timeoutMs?: number;
      readonly maxRetries?: number;
    }
  | { readonly kind: 'pause' | 'resume'; readonly timeoutMs?: number; readonly maxRetries?: number }
  | { readonly kind: 'release-stalled' }
  | { readonly kind: 'add'; readonly timeoutMs?: number; readonly maxRetries?: number }
  | {
      readonly kind: 'work';
      readonly agents: number;
      /** Of each of them, followed by its number; absent: the name of the process. */
      readonly agent?: string;
      /** How long a command for a task runs. */
      readonly runsMs: number;
      readonly idle: 'leave' | number;
      readonly maxTasks?: number;
      readonly stubborn?: boolean;
    }
  /** Follows the branch, as `watch` does, until the world ends. */
  | { readonly kind: 'watch' }
  /** Something else that holds the places where processes meet, and says what nobody understands, or nothing. */
  | { readonly kind: 'stranger'; readonly says: 'nonsense' | 'nothing' };
