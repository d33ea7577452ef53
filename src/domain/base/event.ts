/**
 * What happens while the engine works, as data: logs, progress and metrics fold over this one union, and nothing below
 * the command line writes a line of its own.
 */
export type QueueEvent =
  /** A git process is started. `command` is the git subcommand only: arguments may carry credentials in URLs. */
  | { readonly kind: 'git-process'; readonly command: string }
  /** Another process of this machine has taken the intent in, to carry it out along with its own. */
  | { readonly kind: 'following' }
  /** As many processes of this machine push as may at once: it is not our turn yet. */
  | { readonly kind: 'queueing' }
  /** And now it is. */
  | { readonly kind: 'turn'; readonly elapsedMs: number }
  /** The remote was asked for its refs. */
  | { readonly kind: 'looked'; readonly tip: string | undefined; readonly elapsedMs: number }
  /** A tip was read; `fetched` where its objects were not there yet. */
  | { readonly kind: 'fetched'; readonly tip: string; readonly elapsedMs: number }
  | { readonly kind: 'pushed'; readonly commit: string; readonly commits: number; readonly elapsedMs: number }
  /** Somebody else was first. `words` are the remote's own. */
  | { readonly kind: 'rejected'; readonly attempt: number; readonly words: string }
  /** `baseMs` is the backoff's base, adapted to how often pushes were rejected lately. */
  | {
      readonly kind: 'retrying';
      readonly attempt: number;
      readonly delayMs: number;
      readonly baseMs: number;
      /** Share of this process's last pushes that were rejected; absent where it has pushed nothing yet. */
      readonly rate?: number;
      readonly reason: string;
      /** Only where the remote did not answer: then it is not that somebody else was first. */
      readonly unreachable?: true;
    }
  /** It takes long; `what` completes the sentence "waiting for". */
  | { readonly kind: 'still-waiting'; readonly what: string; readonly elapsedMs: number }
  /** What may have been carried out already, by a push whose answer was lost or by another machine, has been looked up. */
  | { readonly kind: 'resolved'; readonly request: string; readonly verdict: 'landed' | 'not-landed' }
  /** A task file that cannot be read: it is passed over, the others are not. */
  | {
      readonly kind: 'unreadable-task';
      readonly file: string;
      readonly line: number | undefined;
      readonly message: string;
    }
  /** Anything else that the user should read once, in one line. */
  | { readonly kind: 'warning'; readonly message: string };
