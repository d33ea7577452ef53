import type { SignedIn, SignIn } from '../../domain/leases/sign-in.ts';

/**
 * Who is at work on a queue, as the processes themselves say it: agents that hold nothing are in it, too. It is
 * information, not a lock: what an agent holds is in the queue alone, and anybody who may push may sign in as anybody.
 */
export interface Registry {
  /**
   * Who is signed in, without this process. Nobody where the queue has no remote or the remote takes no such refs.
   * @param also other branches of the same queue: workers that were told one of them have signed in there
   * @throws Failure of the remote
   */
  read(also?: readonly string[]): Promise<readonly SignedIn[]>;
  /**
   * Signs this process in, or renews that.
   * @returns why not, if the remote does not take such refs, or does not delete them; that is remembered
   * @throws Failure of the remote; a later try may help
   */
  write(signIn: SignIn): Promise<{ readonly kind: 'written' } | { readonly kind: 'refused'; readonly why: string }>;
  /** Signs this process out. Never throws: it is a courtesy, and others sweep what is left. */
  remove(): Promise<void>;
}

/** The registry of a queue without a remote: its agents are processes of one machine. */
export const NO_REGISTRY: Registry = {
  read: async () => [],
  write: async () => ({ kind: 'refused', why: 'the queue has no remote' }),
  remove: async () => undefined,
};
