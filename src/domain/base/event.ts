/**
 * What happens while the engine works, as data. Logs, progress and metrics fold over this one union, and no layer below
 * the command line writes output of its own.
 */
export type QueueEvent =
  /** A git process starts. `command` is the git subcommand only: arguments may carry credentials in URLs. */
  | { readonly kind: 'git-process'; readonly command: string }
  /** Another process on this machine has accepted the intent and carries it out with its own. */
  | { readonly kind: 'following' }
  /** The push limit is reached, on this machine or by all that meet at a server: it is not our turn yet. */
  | { readonly kind: 'queueing' }
  /** Now it is our turn. */
  | { readonly kind: 'turn'; readonly elapsedMs: number }
  /** The remote was asked for its refs. */
  | { readonly kind: 'looked'; readonly tip: string | undefined; readonly elapsedMs: number }
  /** A tip was read, and fetched before that if its objects were not there yet. */
  | { readonly kind: 'fetched'; readonly tip: string; readonly elapsedMs: number }
  /** What becomes of the intents was decided, and the commits were built that carry it out. */
  | {
      readonly kind: 'decided';
      readonly intents: number;
      readonly commits: number;
      /** How many of the intents were refused. */
      readonly refused: number;
      readonly elapsedMs: number;
    }
  | { readonly kind: 'pushed'; readonly commit: string; readonly commits: number; readonly elapsedMs: number }
  /** Another push was first. `words` are the remote's own. */
  | { readonly kind: 'rejected'; readonly attempt: number; readonly words: string }
  /** `baseMs` is the backoff's base, adapted to how often pushes were rejected lately. */
  | {
      readonly kind: 'retrying';
      readonly attempt: number;
      readonly delayMs: number;
      readonly baseMs: number;
      /** Share of this process's last pushes that were rejected; absent if it has pushed nothing yet. */
      readonly rate?: number;
      readonly reason: string;
      /** Only if the remote did not answer: then no other push was first. */
      readonly unreachable?: true;
    }
  /** Something takes long; `what` completes the sentence "waiting for". */
  | { readonly kind: 'still-waiting'; readonly what: string; readonly elapsedMs: number }
  /** An intent that may have landed already, by a push whose answer was lost or from another machine, was looked up. */
  | { readonly kind: 'resolved'; readonly request: string; readonly verdict: 'landed' | 'not-landed' }
  /** A task file cannot be read. It is skipped; the others are not. */
  | {
      readonly kind: 'unreadable-task';
      readonly file: string;
      readonly line: number | undefined;
      readonly message: string;
    }
  /** Anything else that the user should read once, in one line. */
  | { readonly kind: 'warning'; readonly message: string };
